import type { CallRecord, Job, StopAnswer } from '../../../../lib/drivers/job.ts';

/** An operation that lets changing calls through and keeps the record of its calls. */
export function runningJob(
  mode: Job['mode'] = 'run',
): Job & { readonly calls: CallRecord[]; readonly stops: StopAnswer[]; abort(reason: Error): void } {
  const controller = new AbortController();
  const calls: CallRecord[] = [];
  const stops: StopAnswer[] = [];
  return {
    operation: 'test',
    mode,
    signal: controller.signal,
    calls,
    stops,
    abort: (reason) => controller.abort(reason),
    progress: () => {},
    follow: () => {},
    stopped: (answer) => stops.push(answer),
    sending: () => {},
    called: (record) => calls.push(record),
  };
}
