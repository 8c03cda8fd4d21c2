import type { Sample } from '../../lib/model/reading.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

/** Sample number n of one VM; each has a time of its own. */
export function sampleAt(n: number, fields: Record<string, number> = { cpu_ratio: (n % 100) / 100 }): Sample {
  const tags = { connection: 'lab', host: 'alpha', id: 'u-1', name: 'web' };
  return { measurement: 'vm', tags, at: start + n * 1000, fields };
}
