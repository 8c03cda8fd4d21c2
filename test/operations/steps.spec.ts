import assert from 'node:assert/strict';
import { isGroup } from '../../lib/operations/groups/group.ts';
import { membersOf, readGroup } from '../../lib/operations/groups/steps.ts';
import { isError } from '../access/fixtures.ts';

const step = { action: 'vm.start', target: 'web' };

describe('a group as people write it', () => {
  it('is a sequence that stops at an error where it does not say otherwise', () => {
    const { title, order, onError, steps } = readGroup({ steps: [step] }, 'mine');
    assert.deepEqual([title, order, onError], ['mine', 'sequence', 'stop']);
    assert.deepEqual(steps, [{ ...step, parameters: {} }]);
  });

  it('has as many members as its targets mean objects, which share the weight of their step', async () => {
    const { steps } = readGroup(
      {
        steps: [
          { ...step, weight: 6 },
          { ...step, target: 'none' },
        ],
      },
      'mine',
    );
    const find = async ({ target }: { readonly target: unknown }) =>
      target === 'none' ? [] : ['a', 'b', 'c'].map((id) => ({ connection: 'lab', kind: 'vm', id }) as const);
    const members = await membersOf(steps, find);
    assert.deepEqual(
      members.map((member) => [member.weight, !isGroup(member) && member.target]),
      ['a', 'b', 'c'].map((id) => [2, { connection: 'lab', kind: 'vm', id }]),
    );
  });

  it('may hold groups, whose steps are told apart by their places', async () => {
    const inner = { title: 'in', order: 'parallel', limit: 2, steps: [step, step], weight: 3 };
    const places: string[] = [];
    const find = async (_: unknown, place: string) => {
      places.push(place);
      return [{ connection: 'lab', kind: 'connection' } as const];
    };
    const [, second] = await membersOf(readGroup({ steps: [step, inner] }, 'mine').steps, find);
    assert.ok(second && isGroup(second));
    assert.deepEqual([second.weight, second.group.order, second.group.limit], [3, 'parallel', 2]);
    assert.deepEqual(places, ['1', '2.1', '2.2']);
  });

  const deep = (depth: number): object => ({ steps: depth === 0 ? [] : [deep(depth - 1)] });
  const odd: readonly [what: string, value: unknown][] = [
    ['no object', 'group'],
    ['no steps', {}],
    ['an order of its own', { steps: [], order: 'backwards' }],
    ['something unknown', { steps: [], members: [] }],
    ['a step that is no object', { steps: ['vm.start'] }],
    ['a step without an action', { steps: [{ target: 'web' }] }],
    ['parameters that are no object', { steps: [{ ...step, parameters: [] }] }],
    ['a weight that is no number', { steps: [{ ...step, weight: '1' }] }],
    ['groups that stand too deep in each other', deep(9)],
  ];
  for (const [what, value] of odd) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => readGroup(value, 'mine'), isError('GROUP_INVALID'));
    });
  }
});
