import { VirtflowError } from '../model/errors.ts';
import type { Job } from './job.ts';

/** One call of the wire protocol. What is not known to read only, changes. */
export interface WireCall {
  readonly name: string;
  readonly effect: 'reads' | 'changes';
}

/**
 * Every driver asks this before each call, before a byte leaves: reading is free, changing needs an operation that
 * runs for real, where it is recorded.
 * @throws CHANGE_OUTSIDE_OPERATION, CHANGE_IN_PLAN, STORE_FULL, and the reason that the job was stopped for
 */
export function admit(call: WireCall, job: Job | undefined): void {
  permittedBy(call, job)?.sending(call.name);
}

/**
 * Whether the gate would let a call through now; for who has something to prepare first.
 * @returns the job that a changing call is recorded with
 * @throws CHANGE_OUTSIDE_OPERATION, CHANGE_IN_PLAN, and the reason that the job was stopped for
 */
export function permittedBy(call: WireCall, job: Job | undefined): Job | undefined {
  if (call.effect === 'reads') return undefined;
  if (!job) throw new VirtflowError('CHANGE_OUTSIDE_OPERATION', { call: call.name });
  if (job.mode === 'plan') throw new VirtflowError('CHANGE_IN_PLAN', { call: call.name });
  job.signal.throwIfAborted();
  return job;
}
