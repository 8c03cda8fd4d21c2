import { VirtflowError } from '../../model/errors.ts';

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** A time in a query: milliseconds since the epoch, or as RFC 3339 writes it. @throws PARAMETER_INVALID */
export function readTime(parameter: string, text: string): number {
  const at = /^\d{1,15}$/.test(text) ? Number(text) : rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  const reason = 'milliseconds since the epoch or a time such as 2026-11-25T18:00:00Z are needed';
  throw new VirtflowError('PARAMETER_INVALID', { parameter, reason });
}
