import { VirtflowError } from '../model/errors.ts';

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000,
};

export interface Range {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** Reads both ends as Grafana writes them: `now`, `now-6h`, milliseconds, or a time with its date. @throws PARAMETER_INVALID */
export function readRange(from: string, to: string, now: number): Range {
  const range = { from: timeOf('from', from, now), to: timeOf('to', to, now) };
  if (range.from < range.to) return range;
  throw new VirtflowError('PARAMETER_INVALID', { parameter: 'from', reason: 'it is not before "to"' });
}

function timeOf(parameter: string, text: string, now: number): number {
  const [, count = '0', unit = 's'] = /^now(?:-(\d{1,6})(ms|[smhdwMy]))?$/.exec(text) ?? [];
  if (text.startsWith('now') && (text === 'now' || count !== '0')) return now - Number(count) * (unitMs[unit] ?? 0);
  const at = /^\d{1,15}$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(at)) return at;
  const reason = 'now, now-6h, milliseconds since the epoch or a time such as 2026-11-25T18:00:00Z are needed';
  throw new VirtflowError('PARAMETER_INVALID', { parameter, reason });
}

/** A length such as `10s` or `>1m`, in milliseconds; undefined where there is none. */
export function durationMs(text: string | null | undefined): number | undefined {
  const [, count = '', unit = ''] = /^>?(\d+(?:\.\d+)?)(ms|[smhdwMy])$/.exec(text?.trim() ?? '') ?? [];
  const found = Number(count || Number.NaN) * (unitMs[unit] ?? Number.NaN);
  return Number.isFinite(found) && found > 0 ? found : undefined;
}

const steps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 900_000, 1_200_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000,
  604_800_000, 2_592_000_000, 31_536_000_000,
] as const;

/**
 * What `$__interval` stands for: a round length of which no more fit into the range than there is room for.
 * @param points room, in points
 */
export function intervalFor({ from, to }: Range, points: number, atLeastMs = 1_000): number {
  const exact = Math.max(atLeastMs, (to - from) / Math.max(1, points));
  return steps.find((step) => step >= exact) ?? Math.ceil(exact);
}
