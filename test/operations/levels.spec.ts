import assert from 'node:assert/strict';
import { inLevels, levelOf } from '../../lib/operations/groups/levels.ts';

describe('the level of an object', () => {
  const tags: readonly [tags: readonly string[], level: number][] = [
    [['web', 'level:2'], 2],
    [['level:-1'], -1],
    [['level:'], Number.POSITIVE_INFINITY],
    [['level:x', 'level:3'], 3],
    [['web'], Number.POSITIVE_INFINITY],
  ];
  for (const [of, level] of tags) {
    it(`is ${level} with the tags ${of.join(', ')}`, () => assert.equal(levelOf(of, 'level:'), level));
  }
});

describe('a group in levels', () => {
  const one = (id: string, level: number) => ({
    member: { action: 'vm.start', target: { connection: 'c', kind: 'vm' as const, id }, parameters: {} },
    level,
  });
  const all = [one('web', 3), one('dns', 1), one('db', 2), one('free', Number.POSITIVE_INFINITY), one('db2', 2)];
  const idsOf = (direction: 'up' | 'down') =>
    inLevels(all, { direction, onError: 'continue', limit: 5 }).map((level) =>
      'group' in level
        ? level.group.members.map((member) => ('target' in member && 'id' in member.target ? member.target.id : '?'))
        : [],
    );

  it('begins with the lowest, going up', () =>
    assert.deepEqual(idsOf('up'), [['dns'], ['db', 'db2'], ['web'], ['free']]));
  it('begins with the highest, going down', () =>
    assert.deepEqual(idsOf('down'), [['free'], ['web'], ['db', 'db2'], ['dns']]));
  it('leaves taking back to the whole', () => {
    const [level] = inLevels(all, { direction: 'up', onError: 'roll-back', limit: 5 });
    assert.equal(level && 'group' in level && level.group.onError, 'stop');
  });
});
