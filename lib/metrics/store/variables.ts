/**
 * What a dashboard's variable stands for: a value, several that were chosen, or a regular expression for "all" of
 * them, taken as it is.
 */
export type VariableValue = string | readonly string[] | { readonly regex: string };
export type Variables = Readonly<Record<string, VariableValue>>;

const reference = /\$(\w+)|\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)(?::(\w+))?\]\]/g;

/** Puts variables into a text; what is not known stays as it is, as in Grafana. */
export function interpolate(text: string, variables: Variables, purpose: 'text' | 'regex'): string {
  return text.replace(reference, (whole: string, ...groups: (string | undefined)[]) => {
    const name = groups[0] ?? groups[1] ?? groups[3] ?? '';
    const format = groups[2] ?? groups[4];
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) return whole;
    return format === 'regex' || (purpose === 'regex' && format !== 'raw') ? asRegex(value) : asText(value, format);
  });
}

function asText(value: VariableValue, format: string | undefined): string {
  if (typeof value === 'string') return value;
  if ('regex' in value) return value.regex;
  return format === 'pipe' ? value.join('|') : value.join(',');
}

/** As Grafana does it: one value by itself, several as `(a|b)`. */
function asRegex(value: VariableValue): string {
  if (typeof value === 'string') return escapeRegex(value);
  if ('regex' in value) return value.regex;
  const [first] = value;
  return value.length === 1 && first !== undefined ? escapeRegex(first) : `(${value.map(escapeRegex).join('|')})`;
}

export function escapeRegex(text: string): string {
  return text.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&');
}
