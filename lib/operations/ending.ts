import type { ActionResult } from '../actions/action.ts';
import { type ErrorRecord, toVirtflowError, VirtflowError } from '../model/errors.ts';
import { alreadySo, answerTo, cannotBeStopped, changesSent, onlyPlanned } from './facts.ts';
import type { Fact, Operation } from './operation.ts';
import type { Plan } from './plan.ts';

/** How an operation ends. */
export interface Ending {
  readonly state: 'succeeded' | 'failed' | 'partial' | 'cancelled' | 'planned';
  readonly result?: Operation['result'];
  readonly error?: VirtflowError;
  /** Facts beside those that are known already. */
  readonly why?: readonly Fact[];
}

export function nothingToDo(): Ending {
  return { state: 'succeeded', result: { changed: false }, why: [alreadySo()] };
}

export function planned(plan: Plan): Ending {
  return { state: 'planned', result: plain({ ...plan }), why: [onlyPlanned()] };
}

/** The end of a run that came back: `failures` in its result make it partial. @throws what has no JSON */
export function ranThrough(result: ActionResult): Ending {
  const whole = plain({ changed: true, ...result });
  const failures: readonly unknown[] = Array.isArray(result.failures) ? result.failures : [];
  if (failures.length === 0) return { state: 'succeeded', result: whole };
  const reasons = failures.map(sentenceOf).join(' ');
  const error = new VirtflowError('OPERATION_PARTIAL', { failed: failures.length, count: countOf(result), reasons });
  return { state: 'partial', result: whole, error };
}

/** The end of a run that threw; where the hypervisor says that somebody cancelled it there, it is cancelled. */
export function failed(thrown: unknown, ...why: Fact[]): Ending {
  const error = toVirtflowError(thrown);
  return { state: error.code === 'OPERATION_CANCELLED' ? 'cancelled' : 'failed', error, why };
}

/** The end of a run that was cancelled or timed out before the hypervisor had done it. */
export function stopped(operation: Operation, reason: VirtflowError, ...why: Fact[]): Ending {
  const state = reason.code === 'OPERATION_CANCELLED' ? 'cancelled' : 'failed';
  return { state, error: reason, why: [changesSent(operation), ...why, ...whatGoesOn(operation)] };
}

/** These say already what became of the stop. */
const toldOfStop = new Set(['task-stop', 'task-followed', 'did-not-stop']);

/** Of what was sent and not answered, nobody knows whether it still happens; unless there was a task to stop. */
function whatGoesOn({ sent, calls, why }: Operation): Fact[] {
  if (why.some(({ rule }) => toldOfStop.has(rule))) return [];
  const unanswered = sent.filter((call) => answerTo(call, calls) === undefined).map(({ name }) => name);
  return unanswered.length > 0 ? [cannotBeStopped(unanswered)] : [];
}

export function cancelledBy(principal: string): VirtflowError {
  return new VirtflowError('OPERATION_CANCELLED', { by: ` by ${principal}`, principal });
}

export function timedOut({ action, targetName, timeoutSeconds }: Operation): VirtflowError {
  return new VirtflowError('OPERATION_TIMED_OUT', { action, target: targetName, seconds: timeoutSeconds });
}

export function interrupted({ action, targetName }: Operation, reason: string): VirtflowError {
  return new VirtflowError('OPERATION_INTERRUPTED', { action, target: targetName, reason });
}

export function outcomeUnknown({ action, targetName }: Operation, reason: string): VirtflowError {
  return new VirtflowError('OPERATION_OUTCOME_UNKNOWN', { action, target: targetName, reason });
}

/** Errors after which only the hypervisor knows what became of a call. */
export function leavesInDoubt(error: VirtflowError): boolean {
  return error.code === 'CONNECTION_LOST' || error.code === 'CONNECTION_DOWN' || error.code === 'CONNECTION_UNKNOWN';
}

/** An error as the journal keeps it; details that have no JSON are left out. */
export function recordOf(error: VirtflowError): ErrorRecord {
  const record = error.toJSON();
  try {
    return plain(record);
  } catch {
    return { code: record.code, message: record.message, advice: record.advice };
  }
}

/** What the journal will give back. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

function countOf(result: ActionResult): number | string {
  return typeof result.count === 'number' ? result.count : 'the';
}

function sentenceOf(failure: unknown): string {
  if (!isRecord(failure)) return String(failure);
  return typeof failure.message === 'string' ? failure.message : JSON.stringify(failure);
}

function isRecord(value: unknown): value is Partial<ErrorRecord> {
  return typeof value === 'object' && value !== null;
}
