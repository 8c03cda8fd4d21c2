import assert from 'node:assert/strict';
import { ruleNodes } from '../../nodes/rules/kinds.ts';
import rules from '../../nodes/rules/rules.ts';
import { House, labNode } from './house.ts';

const tab = { id: 'tab', type: 'tab', label: 'test' };
const out = { id: 'out', type: 'helper', z: 'tab' };
const member = { rule: 'busy', fires: true, atLeast: 'warning' };

/** What a new node of a kind begins with, and what somebody has to choose. */
function fresh(type: string): object {
  const node = ruleNodes.find(({ description }) => description.type === type);
  const begun = node?.description.fields.flatMap((field) => ('initial' in field ? [[field.name, field.initial]] : []));
  return { ...Object.fromEntries(begun ?? []), ...(type === 'virtflow-composite' ? { members: [member] } : {}) };
}

describe('the form of each kind of rule', () => {
  for (const { description, ruleOf } of ruleNodes) {
    it(`describes a rule as it stands when a ${description.label} is dropped`, () => {
      const rule = ruleOf('id', 'name', { ...fresh(description.type) });
      assert.equal(`virtflow-${rule.kind}`, description.type);
    });
  }

  it('says what is wrong where there is no threshold, or none is chosen', () => {
    for (const { description, ruleOf } of ruleNodes) {
      if (description.type !== 'virtflow-composite')
        assert.throws(() => ruleOf('id', 'n', {}), { code: 'RULE_INVALID' });
      else assert.throws(() => ruleOf('id', 'n', { members: [] }), { code: 'RULE_INVALID' });
    }
  });

  it('has objects by name or by a selector as targets', () => {
    for (const { description, ruleOf } of ruleNodes) {
      const form = fresh(description.type);
      const targets = (setting: object) => ruleOf('id', 'n', { ...form, targets: setting }).targets;
      assert.equal(targets({ mode: 'all' }), undefined, description.type);
      assert.deepEqual(targets({ mode: 'list', names: ['lab/web-01'] }), { objects: ['lab/web-01'] });
      assert.deepEqual(targets({ mode: 'selector', selector: "'web' in tags" }), { selector: "'web' in tags" });
    }
  });
});

describe('nodes of rules', function () {
  this.timeout(20_000);
  let house: House;
  afterEach(() => house.close());

  const node = (id: string, type: string, about: object = {}) => {
    return { id, type, z: 'tab', name: `the ${id}`, ...fresh(type), wires: [['out'], []], ...about };
  };
  const open = async (...nodes: object[]) => {
    house = await House.open([rules], [tab, labNode, ...nodes, out]);
    house.collect('out');
    await house.platform.rules.scopes.settled();
  };
  const told = (rule: string, type: string) =>
    house.message(({ payload }) => {
      const { rule: of, type: is } = payload as { rule: string; type: string };
      return of === rule && is === type;
    });
  const vm = (name: string) => {
    const [found] = house.platform.inventory.named('vm', name);
    assert.ok(found);
    return found;
  };
  const collect = (name: string, cpuRatio: number) => {
    const { connection, id } = vm(name);
    const at = Date.now();
    const sample = { measurement: 'vm', tags: { connection, id, name }, at, fields: { cpu_ratio: cpuRatio } } as const;
    house.platform.metrics.samples.publish([sample]);
  };

  it('judge what virtflow collects without a wire, of their targets alone, and join into one', async () => {
    const targets = { mode: 'list', names: ['lab/web-01'] };
    const busy = node('busy', 'virtflow-threshold', { forSeconds: '0', targets });
    const both = node('both', 'virtflow-composite', { forSeconds: '0', wires: [['out']] });
    await open(busy, both);
    collect('web-02', 0.99);
    collect('web-01', 0.9);
    await told('busy', 'firing');
    await told('both', 'firing');
    assert.deepEqual(
      house.platform.rules.list('busy').map(({ name, severity }) => [name, severity]),
      [['web-01', 'warning']],
    );
  });

  it('know the state of VMs that nothing happens to, and hear of events', async () => {
    const off = node('off', 'virtflow-state', { states: ['halted'], warningThreshold: '0.001' });
    const starts = node('starts', 'virtflow-event-count', { events: ['vm.started'], criticalThreshold: '1' });
    await open(off, starts);
    await told('off', 'firing');
    const origin = { through: 'flow', principal: 'flow' } as const;
    const target = { connection: 'lab', kind: 'vm', id: vm('dev-02').id } as const;
    await house.platform.operations.submit({ action: 'vm.start', target, parameters: {}, origin });
    assert.equal(((await told('starts', 'firing')).payload as { name: string }).name, 'dev-02');
  });

  it('stand in the list with their flow, and are not changed over it', async () => {
    await open(node('busy', 'virtflow-threshold'));
    const { ruleRoom } = house.platform;
    const from = { type: 'node', flow: 'tab', fedBy: 'house' };
    assert.deepEqual(
      ruleRoom.list().map((entry) => [entry.rule.name, entry.from, entry.enabled]),
      [['the busy', from, true]],
    );
    assert.throws(() => ruleRoom.enable('test', 'busy', false), { code: 'RULE_OF_NODE' });
  });
});
