import type { CallRecord, StopAnswer } from '../drivers/job.ts';
import type { TaskRecord } from '../drivers/tasks.ts';
import { toVirtflowError, type VirtflowError } from '../model/errors.ts';
import type { Fact, Operation, SentCall } from './operation.ts';

/** The facts that operations are decided on; `rule` is stable, `says` is for people. */

export function waitsForOperation(ahead: Operation): Fact {
  const says = `It waits for ${ahead.action} of ${ahead.targetName}, which changes the same object.`;
  return { rule: 'object-busy', says, operation: ahead.id };
}

export function waitsForPlace(connection: string, running: number): Fact {
  const says = `${running} operations run on ${connection} already, and no more may at once.`;
  return { rule: 'connection-limit', says, connection, running };
}

/** A plan waits for nobody, but says what a run would wait for. */
export function wouldWaitForOperation(ahead: Operation): Fact {
  const says = `A run would wait for ${ahead.action} of ${ahead.targetName}, which changes the same object; the plan is of how it is now.`;
  return { rule: 'would-wait-object-busy', says, operation: ahead.id };
}

export function wouldWaitForPlace(connection: string, running: number): Fact {
  const says = `A run would wait: ${running} operations run on ${connection} already, and no more may at once.`;
  return { rule: 'would-wait-connection-limit', says, connection, running };
}

export function wouldWait(hold: Fact): Fact {
  return { ...hold, rule: `would-wait-${hold.rule}`, says: `A run would wait: ${hold.says}` };
}

export function wouldBeRefused(thrown: unknown): Fact {
  const { code, message } = toVirtflowError(thrown);
  return { rule: 'would-be-refused', says: `A run would be refused: ${message}`, code };
}

export function onlyPlanned(): Fact {
  return { rule: 'only-planned', says: 'It was asked for as a plan: nothing was sent that changes anything.' };
}

export function waitsForConnection(connection: string): Fact {
  return { rule: 'connection-down', says: `It waits until the connection ${connection} is up.`, connection };
}

export function restartedBefore(): Fact {
  return { rule: 'restart-queued', says: 'virtflow stopped before it began; nothing had been sent.' };
}

export function interruptedBy(reason: string): Fact {
  return { rule: 'interrupted', says: `It was interrupted: ${reason}.`, reason };
}

export function alreadySo(): Fact {
  return { rule: 'already-so', says: 'The hypervisor showed that what was asked for is so already; nothing was sent.' };
}

/** What may have reached the hypervisor of an operation that did not come to its end. */
export function changesSent(operation: Operation): Fact {
  const { sent, calls } = operation;
  if (sent.length === 0) return { rule: 'nothing-sent', says: 'No changing call was sent.' };
  const list = sent.map((call) => `${call.name} (${inWords(answerTo(call, calls))})`).join(', ');
  return { rule: 'changes-sent', says: `Changing calls that were sent: ${list}.`, sent };
}

/** The record of what was answered to a call; there is none while it is under way, or when it was given up. */
export function answerTo(sent: SentCall, calls: readonly CallRecord[]): CallRecord | undefined {
  return calls.find((call) => call.name === sent.name && !call.abandoned && call.at + call.tookMs >= sent.at);
}

function inWords(answer: CallRecord | undefined): string {
  if (!answer) return 'no answer is recorded';
  return answer.error === undefined ? 'done' : `refused: ${answer.error}`;
}

export function shownByHypervisor(holds: boolean): Fact {
  const says = holds
    ? 'Asked, the hypervisor shows that it was done.'
    : 'Asked, the hypervisor shows that it is not so.';
  return { rule: 'asked-hypervisor', says, holds };
}

export function stopCameTooLate(reason: VirtflowError): Fact {
  const says = 'It was to be stopped, but the hypervisor had done it by then.';
  return { rule: 'stop-too-late', says, code: reason.code };
}

export function didNotStop(seconds: number): Fact {
  const says = `It did not stop within ${seconds} s after it was told to; what was sent may still take effect.`;
  return { rule: 'did-not-stop', says, seconds };
}

export function taskStopped({ call, tookMs, refused }: StopAnswer): Fact {
  const answer = refused === undefined ? 'it did so' : `it did not: ${refused}`;
  const says = `The hypervisor was told to stop its own task (${call}); after ${Math.round(tookMs)} ms it answered: ${answer}.`;
  return {
    rule: 'task-stop',
    says,
    call,
    tookMs,
    stopped: refused === undefined,
    ...(refused === undefined ? {} : { refused }),
  };
}

/** Calls that went out, and for which hypervisors have no way back. */
export function cannotBeStopped(calls: readonly string[]): Fact {
  const says = `The hypervisor has no way to stop ${calls.join(', ')} once it was sent; it may still take effect.`;
  return { rule: 'cannot-be-stopped', says, calls };
}

export function followsTask({ operation, name, task }: TaskRecord): Fact {
  const says = `The hypervisor still works on it (${operation} of ${name}): it is followed to its end.`;
  return { rule: 'task-followed', says, task };
}

const endings: Readonly<Record<TaskRecord['state'], string>> = {
  running: 'still runs',
  succeeded: 'was done',
  failed: 'failed',
  cancelled: 'was cancelled',
  ended: 'is over; how it ended, it does not say',
};

export function toldByTask({ operation, name, task, state, says: words }: TaskRecord): Fact {
  const reason = words === null ? '' : `: ${words}`;
  const says = `The hypervisor's own task tells how it ended: ${operation} of ${name} ${endings[state]}${reason}.`;
  return { rule: 'task-ended', says, task, state };
}

export function begunByOthers(): Fact {
  return { rule: 'external', says: 'virtflow did not begin this: the hypervisor tells of it.' };
}
