import { toVirtflowError, VirtflowError } from '../../model/errors.ts';
import type { Ending } from '../ending.ts';
import type { Operation } from '../operation.ts';
import { type GroupShape, isGroup, type Member, type MemberOutcome } from './group.ts';

const shownReasons = 3;

/** What became of each member, in their order. */
export function outcomesOf(
  { members }: GroupShape,
  ended: ReadonlyMap<number, Operation>,
  because: string,
): readonly MemberOutcome[] {
  return members.map((member, index) => {
    const operation = ended.get(index);
    return operation ? outcomeOf(index, operation) : skipped(index, member, because);
  });
}

/** How a group ends: as its members did when they agree, in part when they do not. */
export function groupEnding(outcomes: readonly MemberOutcome[]): Ending {
  const failures = outcomes.filter(({ state }) => state !== 'succeeded');
  const result = { count: outcomes.length, failed: failures.length, items: outcomes };
  if (failures.length === 0) return { state: 'succeeded', result };
  const state = failures.some(hasDoneSomething) || failures.length < outcomes.length ? 'partial' : 'failed';
  return { state, result, error: groupError(failures, outcomes.length) };
}

function hasDoneSomething({ state }: MemberOutcome): boolean {
  return state === 'partial';
}

function groupError(failures: readonly MemberOutcome[], count: number): VirtflowError {
  const failed = failures.filter(({ because }) => because === undefined);
  const reasons = failed.slice(0, shownReasons).map(({ name, error, state }) => `${name}: ${sentenceOf(error, state)}`);
  const rest = failed.length > shownReasons ? ` And ${failed.length - shownReasons} more.` : '';
  return new VirtflowError('OPERATION_PARTIAL', {
    failed: failures.length,
    count,
    reasons: `${reasons.join(' ')}${rest}`.replace(/\.$/, ''),
  });
}

function sentenceOf(error: unknown, state: string): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return `it ended as ${state}.`;
  return String(error.message);
}

function outcomeOf(member: number, operation: Operation): MemberOutcome {
  const { id, action, targetName: name, state, result, error } = operation;
  return { member, operation: id, action, name, state, result, ...(error === null ? {} : { error }) };
}

function skipped(index: number, member: Member, because: string): MemberOutcome {
  const action = isGroup(member) ? `group.${member.group.order}` : member.action;
  return { member: index, operation: null, action, name: nameOf(member), state: 'skipped', because };
}

function nameOf(member: Member): string {
  if (isGroup(member)) return member.group.title;
  return member.target.kind === 'connection' ? member.target.connection : member.target.id;
}

/** The end of a group that was cancelled or timed out. */
export function groupStopped(reason: unknown, outcomes: readonly MemberOutcome[]): Ending {
  const error = toVirtflowError(reason);
  const state = error.code === 'OPERATION_CANCELLED' ? 'cancelled' : 'failed';
  const failed = outcomes.filter((one) => one.state !== 'succeeded').length;
  return { state, error, result: { count: outcomes.length, failed, items: outcomes } };
}
