/** What an alias is made of, in one series. */
export interface AliasContext {
  readonly measurement: string;
  readonly column: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The name of a column of a series, as Grafana makes it of `$tag_host`, `$m`, `$col`, `$0` and `[[…]]`. */
export function aliasOf(alias: string, context: AliasContext): string {
  if (alias === '') return plainName(context);
  return alias.replace(/\$(\w+)|\[\[([^\]]+)\]\]/g, (whole, bare?: string, bracketed?: string) => {
    return part((bare ?? bracketed ?? '').trim(), context) ?? whole;
  });
}

function part(name: string, { measurement, column, tags }: AliasContext): string | undefined {
  if (name === 'm' || name === 'measurement') return measurement;
  if (name === 'col') return column;
  if (/^\d+$/.test(name)) return measurement.split('.')[Number(name)];
  const tag = name.replace(/^tag_/, '');
  return tag !== name && Object.hasOwn(tags, tag) ? tags[tag] : undefined;
}

function plainName({ measurement, column, tags }: AliasContext): string {
  const named = Object.entries(tags).map(([tag, value]) => `${tag}: ${value}`);
  return named.length === 0 ? `${measurement}.${column}` : `${measurement}.${column} {${named.join(', ')}}`;
}
