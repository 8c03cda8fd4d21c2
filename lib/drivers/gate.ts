import { VirtflowError } from '../model/errors.ts';
import type { Job } from './job.ts';

/** One call of the wire protocol. What is not known to read only, changes. */
export interface WireCall {
  readonly name: string;
  readonly effect: 'reads' | 'changes';
}

/**
 * Every driver asks this before each call, before a byte leaves: reading is free, changing needs an operation that
 * runs for real.
 * @throws CHANGE_OUTSIDE_OPERATION, CHANGE_IN_PLAN, STORE_FULL, and the reason that the job was stopped for
 */
export function admit(call: WireCall, job: Job | undefined): void {
  if (call.effect === 'reads') return;
  if (!job) throw new VirtflowError('CHANGE_OUTSIDE_OPERATION', { call: call.name });
  if (job.mode === 'plan') throw new VirtflowError('CHANGE_IN_PLAN', { call: call.name });
  job.signal.throwIfAborted();
  job.sending(call.name);
}
