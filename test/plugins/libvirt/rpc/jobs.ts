import type { CallRecord, Job } from '../../../../lib/drivers/job.ts';

/** An operation that lets changing calls through and keeps the record of its calls. */
export function runningJob(
  mode: Job['mode'] = 'run',
): Job & { readonly calls: CallRecord[]; abort(reason: Error): void } {
  const controller = new AbortController();
  const calls: CallRecord[] = [];
  return {
    operation: 'test',
    mode,
    signal: controller.signal,
    calls,
    abort: (reason) => controller.abort(reason),
    progress: () => {},
    follow: () => {},
    sending: () => {},
    called: (record) => calls.push(record),
  };
}
