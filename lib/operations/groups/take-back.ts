import { VirtflowError } from '../../model/errors.ts';
import type { Operation } from '../operation.ts';
import type { GroupShape, Member } from './group.ts';

/** What takes an operation back, or why nothing does. */
export type TakingBack = { readonly member: Member } | { readonly none: string };

/** @param childrenOf the members of a group, in the order in which they were begun */
export function takingBack(operation: Operation, childrenOf: (id: string) => readonly Operation[]): TakingBack {
  if (operation.mode === 'plan') return { none: 'It was only planned; nothing was done.' };
  if (operation.endedAt === null) return { none: 'It has not ended yet; cancel it instead.' };
  if (operation.group) return takingBackGroup(operation, childrenOf(operation.id), childrenOf);
  if (operation.state !== 'succeeded' && operation.state !== 'partial') {
    return { none: `It ended as ${operation.state}: what it may have changed, nobody can tell from here.` };
  }
  if (operation.result?.changed === false) return { none: 'It changed nothing.' };
  return takingBackAction(operation);
}

/** Its members in reverse order, each by what was captured of it; those for which there is nothing are left out. */
function takingBackGroup(
  { id, targetName, result }: Operation,
  children: readonly Operation[],
  childrenOf: (id: string) => readonly Operation[],
): TakingBack {
  if (result?.rollBack !== undefined) return { none: 'It was taken back when a part of it failed.' };
  const backwards = [...children].sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0));
  const members = backwards.flatMap((child) => {
    const way = takingBack(child, childrenOf);
    return 'member' in way ? [way.member] : [];
  });
  if (members.length === 0) return { none: 'None of its members can be taken back.' };
  return { member: { group: backwardsShape(targetName, members), undoes: id } };
}

export function backwardsShape(title: string, members: readonly Member[]): GroupShape {
  return { title: `take back: ${title}`, order: 'sequence', onError: 'continue', members };
}

function takingBackAction({ id, undo, target }: Operation): TakingBack {
  if (!undo) return { none: 'It is from before virtflow captured how to take things back.' };
  if ('none' in undo) return undo;
  if (target.kind === 'group') return { none: 'It is a group.' };
  return { member: { action: undo.action, target, parameters: undo.parameters ?? {}, undoes: id } };
}

export function cannotBeTakenBack({ action, targetName }: Operation, reason: string): VirtflowError {
  return new VirtflowError('UNDO_IMPOSSIBLE', { action, target: targetName, reason: reason.replace(/\.$/, '') });
}
