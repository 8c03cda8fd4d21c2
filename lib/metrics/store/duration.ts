const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Reads a duration as InfluxQL writes it (`10s`, `1h30m`), in milliseconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(ms|[smhdw]))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+)(ms|[smhdw])/g)) total += Number(count) * (unitsMs[unit] ?? 0);
  return Number.isSafeInteger(total) && total > 0 ? total : undefined;
}
