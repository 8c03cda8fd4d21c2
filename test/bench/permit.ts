import type { Job } from '../../lib/drivers/job.ts';

/** A permit for changing calls outside the operations: the benchmarks make their own. */
export const permit: Job = {
  operation: 'bench',
  mode: 'run',
  signal: new AbortController().signal,
  progress() {},
  follow() {},
  sending() {},
  called() {},
  stopped() {},
};
