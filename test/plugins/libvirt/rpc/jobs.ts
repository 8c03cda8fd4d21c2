import type { CallRecord, Job, StopAnswer } from '../../../../lib/drivers/job.ts';

/** An operation that lets changing calls through and keeps the record of its calls. */
export function runningJob(mode: Job['mode'] = 'run'): Job & {
  readonly sent: string[];
  readonly calls: CallRecord[];
  readonly stops: StopAnswer[];
  abort(reason: Error): void;
} {
  const controller = new AbortController();
  const sent: string[] = [];
  const calls: CallRecord[] = [];
  const stops: StopAnswer[] = [];
  return {
    operation: 'test',
    mode,
    signal: controller.signal,
    sent,
    calls,
    stops,
    abort: (reason) => controller.abort(reason),
    progress: () => {},
    follow: () => {},
    stopped: (answer) => stops.push(answer),
    sending: (call) => sent.push(call),
    called: (record) => calls.push(record),
  };
}
