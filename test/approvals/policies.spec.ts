import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { ActionRegistry } from '../../lib/actions/registry.ts';
import { matching } from '../../lib/approvals/matching.ts';
import { type Policy, parsePolicies } from '../../lib/approvals/policy.ts';
import type { Origin } from '../../lib/operations/operation.ts';
import { aVm, isError } from '../access/fixtures.ts';
import { aHouse, closeHouses } from './house.ts';

const actions = new ActionRegistry();
const flow: Origin = { through: 'flow', principal: 'node-red', flow: 'tab-1' };

interface About {
  readonly action?: string;
  readonly origin?: Origin;
  readonly tags?: readonly string[];
}

describe('policies of approvals', () => {
  afterEach(closeHouses);

  const fitting = async (
    policies: readonly Omit<Policy, 'name'>[],
    { action = 'vm.force-off', origin = flow, tags }: About,
  ) => {
    const named = policies.map((policy, index) => ({ name: String(index), ...policy }));
    const object = tags && aVm({ tags: [...tags] });
    const subject = { connection: 'lab', kind: 'vm', object } as const;
    return (await matching({ policies: named }, { action: actions.get(action), subject, origin }))?.name;
  };

  const cases: readonly [string, Omit<Policy, 'name'>, About, boolean][] = [
    ['everything, when they say nothing', {}, {}, true],
    ['an action', { actions: ['vm.force-off'] }, {}, true],
    ['no other action', { actions: ['vm.start'] }, {}, false],
    ['a pattern of actions', { actions: ['vm.*'] }, {}, true],
    ['a class of danger', { dangers: ['destructive'] }, { action: 'vm.delete' }, true],
    ['no other class', { dangers: ['destructive'] }, { action: 'vm.start' }, false],
    ['action and class together', { actions: ['vm.*'], dangers: ['none'] }, {}, false],
    ['a connection', { targets: { connection: 'la*' } }, {}, true],
    ['no other connection', { targets: { connection: 'prod' } }, {}, false],
    ['no other kind', { targets: { kind: 'host' } }, {}, false],
    ['a selector', { targets: { selector: "'prod' in tags" } }, { tags: ['prod'] }, true],
    ['not what a selector leaves out', { targets: { selector: "'prod' in tags" } }, { tags: [] }, false],
    ['what cannot be told', { targets: { selector: "'prod' in tags" } }, {}, true],
    ['a way', { origins: { through: ['flow'] } }, {}, true],
    ['no other way', { origins: { through: ['mqtt'] } }, {}, false],
    ['a flow', { origins: { flows: ['tab-1'] } }, {}, true],
    ['no other flow', { origins: { flows: ['tab-2'] } }, {}, false],
    [
      'not what comes from no flow',
      { origins: { flows: ['*'] } },
      { origin: { through: 'rest', principal: 'a' } },
      false,
    ],
    ['who asks, flows by the name of their service', { origins: { principals: ['flow'] } }, {}, true],
    ['nobody else', { origins: { principals: ['alice'] } }, {}, false],
  ];

  for (const [what, policy, about, fits] of cases) {
    it(`are about ${what}`, async () => {
      assert.equal(await fitting([policy], about), fits ? '0' : undefined);
    });
  }

  it('count in their order: the first that fits', async () => {
    assert.equal(await fitting([{ actions: ['vm.start'] }, { actions: ['vm.*'] }, {}], {}), '1');
  });

  it('let through without approval what the first that fits says needs none', async () => {
    const house = aHouse(
      { name: 'playground', targets: { selector: "'play' in tags" }, quorum: 0 },
      { name: 'rest', actions: ['*'] },
    );
    const toy = house.hypervisor.add({ id: 'toy', power: 'running', tags: ['play'] });
    const { id } = await house.submit('vm.force-off', toy);
    assert.equal((await house.operations.finished(id)).state, 'succeeded');
    const { policy } = await house.ask('vm.reset', house.hypervisor.add({ id: 'web', power: 'running' }));
    assert.equal(policy, 'rest');
  });

  const broken: readonly [string, unknown][] = [
    ['what is no object', []],
    ['an unknown word', { policies: [{ name: 'a', action: ['vm.start'] }] }],
    ['no name', { policies: [{}] }],
    ['a name twice', { policies: [{ name: 'a' }, { name: 'a' }] }],
    ['three persons', { policies: [{ name: 'a', quorum: 3 }] }],
    ['a selector that is none', { policies: [{ name: 'a', targets: { selector: 'power = ' } }] }],
    ['silence for two persons', { policies: [{ name: 'a', quorum: 2, onExpiry: 'grant' }] }],
    ['silence that lends a right', { policies: [{ name: 'a', elevates: true, onExpiry: 'grant' }] }],
    ['a right that nobody lends', { policies: [{ name: 'a', elevates: true, quorum: 0 }] }],
    [
      'a form that requires what it lacks',
      {
        policies: [
          { name: 'a', form: { type: 'object', properties: { a: { type: 'string', title: 'A' } }, required: ['b'] } },
        ],
      },
    ],
    [
      'a form with a field of another kind',
      { policies: [{ name: 'a', form: { type: 'object', properties: { a: { type: 'number', title: 'A' } } } }] },
    ],
    ['a request that nobody approves', { onRequest: { quorum: 0 } }],
  ];

  for (const [what, value] of broken) {
    it(`are refused with ${what}`, () => {
      assert.throws(() => parsePolicies(value), isError('APPROVAL_POLICY_INVALID'));
    });
  }

  it('that are broken while virtflow runs leave in force what was there, and each change is recorded', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    const first = await house.ask('vm.force-off', web);
    assert.equal(first.policy, 'force-offs');
    writeFileSync(house.room.policies.path, '{"policies": [{"name": "x", "quorum": 9}]}');
    assert.equal((await house.ask('vm.force-off', web)).policy, 'force-offs');
    assert.match(house.said.join('\n'), /SETTINGS_FILE_INVALID/);
    house.file({});
    const { id } = await house.submit('vm.reset', web);
    assert.equal((await house.operations.finished(id)).state, 'succeeded');
    const changes = [...house.access.audit.rows()].filter(({ entry }) => entry.includes('approval.policies-changed'));
    assert.equal(changes.length, 2);
  });

  it('that nobody could ever read have everything approved that stops a guest or loses data', async () => {
    const house = aHouse();
    const next = house.crash();
    next.store.states.delete('settings-file', 'approvals.json');
    writeFileSync(next.room.policies.path, 'nonsense');
    const last = next.crash();
    const { policy } = await last.ask('vm.force-off', last.hypervisor.add({ id: 'web', power: 'running' }));
    assert.equal(policy, 'approvals.json cannot be read');
    const { id } = await last.submit('vm.start', last.hypervisor.add({ id: 'db' }));
    assert.equal((await last.operations.finished(id)).state, 'succeeded');
  });
});
