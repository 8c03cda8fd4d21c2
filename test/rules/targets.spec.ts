import assert from 'node:assert/strict';
import { Inventory } from '../../lib/inventory/inventory.ts';
import type { AnyObject } from '../../lib/model/objects.ts';
import { RuleEngine } from '../../lib/rules/engine.ts';
import { parseRule, type Rule } from '../../lib/rules/rule.ts';
import { isAmong } from '../../lib/rules/targets.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { DrivenClock } from '../calendar/driven-clock.ts';
import { aVm } from '../inventory/fixtures.ts';

const cpu = (about: object): Rule =>
  parseRule({
    id: 'cpu',
    name: 'cpu',
    kind: 'threshold',
    measurement: 'vm',
    value: { field: 'cpu_ratio' },
    unit: 'percent',
    direction: 'above',
    levels: [{ severity: 'warning', threshold: 80 }],
    ...about,
  });

/** An engine over an inventory that the test changes. */
class Field {
  readonly inventory = new Inventory();
  readonly clock = new DrivenClock();
  readonly told: string[] = [];
  readonly store = openSqliteStore(':memory:');
  engine = this.boot();

  boot(): RuleEngine {
    const engine = new RuleEngine(this.store, { clock: this.clock, inventory: this.inventory });
    engine.alerts.subscribe(({ rule, name, type }) => this.told.push(`${rule} ${name} ${type}`));
    this.engine = engine;
    return engine;
  }

  async has(...objects: readonly AnyObject[]): Promise<void> {
    for (const object of objects) this.inventory.apply(object.connection, { type: 'put', object });
    await this.engine.scopes.settled();
  }

  async add(...rules: readonly Rule[]): Promise<void> {
    for (const rule of rules) this.engine.add(rule);
    await this.engine.scopes.settled();
  }

  busy(rule: string, { connection, id, name }: AnyObject, part: Record<string, string> = {}): void {
    this.clock.advance(10_000);
    const tags = { connection, id, name, ...part };
    const measurement = part.disk === undefined ? 'vm' : 'vm_disk';
    this.engine.observe(rule, [{ measurement, tags, at: this.clock.now(), fields: { cpu_ratio: 0.9 } }]);
  }
}

const web = aVm({ id: 'u-1', name: 'web-01', tags: ['web'] });
const db = aVm({ id: 'u-2', name: 'db-01', tags: [] });

describe('the targets of a rule', () => {
  for (const [what, targets] of [
    ['a selector', { selector: "'web' in tags" }],
    ['a name', { objects: ['web-01'] }],
    ['a pattern', { objects: ['web-*'] }],
    ['an id', { objects: ['u-1'] }],
    ['a name on a connection', { objects: [`${web.connection}/web-01`] }],
  ] as const) {
    it(`are those that ${what} says, and no others`, async () => {
      const field = new Field();
      await field.has(web, db);
      await field.add(cpu({ targets }));
      for (const vm of [web, db]) field.busy('cpu', vm);
      assert.deepEqual(field.told, ['cpu web-01 firing']);
    });
  }

  it('are none where a selector cannot be asked', async () => {
    for (const text of ["'web' in", '$uppercase(7)']) assert.equal(await isAmong({ selector: text }, web), false);
  });

  it('are all of one connection', async () => {
    const field = new Field();
    const far = aVm({ id: 'u-3', name: 'far', connection: 'elsewhere' });
    await field.has(web, far);
    await field.add(cpu({ targets: { connection: 'else*' } }));
    for (const vm of [web, far]) field.busy('cpu', vm);
    assert.deepEqual(field.told, ['cpu far firing']);
  });

  it('follow the inventory: what leaves is withdrawn and not resolved, and comes back by itself', async () => {
    const field = new Field();
    await field.has(web, db);
    await field.add(cpu({ targets: { selector: "'web' in tags" } }));
    field.busy('cpu', web);
    await field.has({ ...web, tags: [] });
    field.busy('cpu', web);
    assert.deepEqual(field.told, ['cpu web-01 firing', 'cpu web-01 withdrawn']);
    assert.deepEqual(field.engine.list('cpu'), []);
    await field.has(web);
    field.busy('cpu', web);
    assert.deepEqual(field.told.slice(2), ['cpu web-01 firing']);
  });

  it('are looked at again after a restart, and over a change of the rule', async () => {
    const field = new Field();
    await field.has(web, db);
    await field.add(cpu({}));
    for (const vm of [web, db]) field.busy('cpu', vm);
    field.engine.stop();
    field.boot();
    await field.add(cpu({ targets: { selector: "'web' in tags" } }));
    assert.deepEqual(field.told.slice(2), ['cpu db-01 withdrawn']);
    await field.add(cpu({ targets: { objects: ['nobody'] } }));
    assert.deepEqual(field.told.slice(3), ['cpu web-01 withdrawn']);
  });

  it('keep what is not in the inventory as it is: its connection may just be down', async () => {
    const field = new Field();
    await field.has(web);
    await field.add(cpu({ targets: { selector: "'web' in tags" } }));
    field.busy('cpu', web);
    field.inventory.apply(web.connection, { type: 'reset', objects: [] });
    await field.engine.scopes.settled();
    assert.deepEqual(field.told, ['cpu web-01 firing']);
  });

  it('reach parts of objects, which leave together', async () => {
    const field = new Field();
    await field.has(web, db);
    const slow = cpu({ id: 'slow', measurement: 'vm_disk', targets: { selector: "'web' in tags" } });
    const both = parseRule({
      id: 'both',
      name: 'both',
      kind: 'composite',
      severity: 'critical',
      over: 'object',
      condition: { all: [{ rule: 'slow' }] },
    });
    await field.add(slow, both);
    for (const vm of [web, db]) for (const disk of ['vda', 'vdb']) field.busy('slow', vm, { disk });
    await field.has({ ...web, tags: [] });
    assert.deepEqual(field.told, [
      'slow web-01 vda firing',
      'both web-01 firing',
      'slow web-01 vdb firing',
      'slow web-01 vda withdrawn',
      'slow web-01 vdb withdrawn',
      'both web-01 withdrawn',
    ]);
  });

  it('count for events as well, also for those that are counted together', async () => {
    const field = new Field();
    await field.has(web, db);
    const crashes = parseRule({
      id: 'crashes',
      name: 'crashes',
      kind: 'event-count',
      events: ['vm.crashed'],
      windowSeconds: 3600,
      over: 'all',
      levels: [{ severity: 'warning', threshold: 2 }],
      targets: { selector: "'web' in tags" },
    });
    await field.add(crashes);
    const crash = ({ connection, kind, id, name }: AnyObject) => {
      field.clock.advance(1_000);
      const at = field.clock.now();
      const object = { connection, kind, id };
      field.engine.event('crashes', { type: 'vm.crashed', at, object, name, reason: null, details: {} });
    };
    for (const vm of [web, db, db]) crash(vm);
    assert.deepEqual(field.told, []);
    crash(web);
    assert.deepEqual(field.told, ['crashes all firing']);
  });

  it('are refused when the selector is none', () => {
    assert.throws(() => cpu({ targets: { selector: "'web' in" } }), { code: 'RULE_INVALID' });
    assert.throws(() => cpu({ targets: { vms: ['web'] } }), { code: 'RULE_INVALID' });
  });

  it('are found among 10,000 objects while others have their turn', async () => {
    const field = new Field();
    const many = Array.from({ length: 10_000 }, (_, i) =>
      aVm({ id: `u-${i}`, name: `vm-${i}`, tags: i % 2 ? [] : ['web'] }),
    );
    field.inventory.apply('lab', { type: 'reset', objects: many });
    field.engine.add(cpu({ targets: { selector: "'web' in tags" } }));
    let turns = 0;
    const others = setInterval(() => {
      turns += 1;
    }, 0);
    await field.engine.scopes.settled();
    clearInterval(others);
    assert.ok(turns > 10, `${turns} turns`);
    assert.ok(field.engine.scopes.has('cpu', { connection: 'lab', kind: 'vm', id: 'u-9998' }));
    assert.ok(!field.engine.scopes.has('cpu', { connection: 'lab', kind: 'vm', id: 'u-9999' }));
  });
});
