const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const names: readonly (readonly [number, string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
];

/** A time span as a rule has it: `90s`, `10m`, `1h`, `7d`. */
export const durationForm = '^[1-9][0-9]{0,4}[smhd]$';

/** In milliseconds, of a text of that form. */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * (units[text.slice(-1)] ?? Number.NaN);
}

/** `10 minutes`, `1 hour`, in the largest unit that fits without a rest. */
export function durationText(ms: number): string {
  const [unit, name] = names.find(([size]) => ms >= size && ms % size === 0) ?? [1_000, 'second'];
  const count = Math.max(1, Math.ceil(ms / unit));
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
