import type { ActionMember, GroupShape, Member } from './group.ts';

/** Tags such as `level:2`: that VM needs what stands in lower levels. */
export const defaultLevelTag = 'level:';

/** The level that a tag names; without such a tag the highest, for nothing is known to need the object. */
export function levelOf(tags: readonly string[], prefix: string): number {
  const levels = tags
    .filter((tag) => tag.startsWith(prefix))
    .map((tag) => Number(tag.slice(prefix.length) || Number.NaN));
  return levels.find((level) => Number.isFinite(level)) ?? Number.POSITIVE_INFINITY;
}

export interface LevelMember {
  readonly member: ActionMember;
  readonly level: number;
}

/**
 * A group for each level, side by side within it; the next begins when the one before has ended.
 * @param direction `up` begins with the lowest level, as starting does; `down` with the highest, as shutting down does
 * @param limit how many members of a level run at once
 */
export function inLevels(
  members: readonly LevelMember[],
  {
    onError,
    direction,
    limit,
  }: Pick<GroupShape, 'onError'> & { readonly direction: 'up' | 'down'; readonly limit: number },
): readonly Member[] {
  const levels = [...Map.groupBy(members, ({ level }) => level)].sort(([a], [b]) => (a < b ? -1 : 1));
  const ordered = direction === 'up' ? levels : levels.reverse();
  // What a level did is taken back by the group of all levels, in its turn.
  const within = onError === 'roll-back' ? 'stop' : onError;
  return ordered.map(([level, those]) => ({
    group: {
      title: titleOf(level),
      order: 'parallel',
      onError: within,
      limit,
      members: those.map(({ member }) => member),
    },
    weight: those.length,
  }));
}

function titleOf(level: number): string {
  return Number.isFinite(level) ? `level ${level}` : 'no level';
}
