import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlertRoom } from '../../lib/alerts/alert-room.ts';
import { Inventory } from '../../lib/inventory/inventory.ts';
import { Feed } from '../../lib/model/feed.ts';
import type { Sample } from '../../lib/model/reading.ts';
import { RuleEngine } from '../../lib/rules/engine.ts';
import { Safe } from '../../lib/secrets/safe.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { DrivenClock } from '../calendar/driven-clock.ts';
import { rule } from '../rules/series.ts';
import { contact, vmOf } from './house.ts';

const vms = Array.from({ length: 1_000 }, (_, number) => `vm-${number}`);

/** A store that counts how often it goes to disk. */
function counted(store: Store) {
  let [commits, depth] = [0, 0];
  const note = () => {
    if (depth === 0) commits += 1;
  };
  const transaction = <T>(work: () => T): T => {
    note();
    depth += 1;
    try {
      return store.transaction(work);
    } finally {
      depth -= 1;
    }
  };
  const { states } = store;
  const put: typeof states.put = (...about) => {
    note();
    states.put(...about);
  };
  const remove: typeof states.delete = (...about) => {
    note();
    states.delete(...about);
  };
  const parts = { transaction, states: { ...states, put, delete: remove } };
  return { parts, taken: () => commits };
}

describe('a storm of 1,000 alerts out of one round of samples', () => {
  const directory = mkdtempSync(join(tmpdir(), 'virtflow-storm-'));
  const store = openSqliteStore(':memory:');
  const disk = counted(store);
  const clock = new DrivenClock();
  const inventory = new Inventory();
  const engine = new RuleEngine(disk.parts, { clock });
  const silent = () => {};
  const safe = new Safe(store, { name: 'a test', keys: () => [Buffer.alloc(32, 'k')] });
  safe.open();
  let room: AlertRoom;

  before(() => {
    for (const name of vms) inventory.apply('lab', { type: 'put', object: vmOf(name, null, ['web']) });
    const routes = [{ name: 'all', contacts: ['ops'], groupBy: ['rule'] }];
    const contacts = [{ ...contact('ops'), type: 'webhook', settings: { url: 'http://127.0.0.1:9/' } }];
    writeFileSync(join(directory, 'alerts.json'), JSON.stringify({ contacts, routes }));
    room = new AlertRoom({
      store: disk.parts,
      dataDirectory: directory,
      inventory,
      connections: { events: new Feed(), states: new Feed() },
      rules: engine,
      audit: { append: silent, change: (work) => work() },
      reveal: (text) => text,
      safe,
      log: { error: silent, warn: silent, info: silent, debug: silent },
      clock,
    });
    room.start();
    for (const id of ['cpu', 'memory']) engine.add(rule({ id, value: { field: `${id}_ratio` }, unit: 'percent' }));
  });
  after(async () => {
    engine.stop();
    await room.stop();
    store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  function round(ratio: number): readonly Sample[] {
    clock.set(clock.now() + 1_000);
    const fields = { cpu_ratio: ratio, memory_ratio: ratio };
    return vms.map((id) => {
      return { measurement: 'vm', at: clock.now(), tags: { connection: 'lab', id, name: id }, fields };
    });
  }

  /** The states of rules with what is to be told; what alerts come to; that all have it. */
  const atMost = 3;

  it('goes to disk three times, under two rules', () => {
    const before = disk.taken();
    engine.observeUnder(['cpu', 'memory'], round(0.99));
    assert.equal(room.ongoing().length, 2 * vms.length);
    assert.equal(disk.taken() - before, atMost);
    assert.deepEqual(store.states.list('rule-outbox'), []);
  });

  it('has each told once, in order, and is over with as few writes', () => {
    const heard: string[] = [];
    const stop = room.journal.events.subscribe(({ type, alert }) => heard.push(`${alert.rule} ${alert.name} ${type}`));
    const before = disk.taken();
    engine.observeUnder(['cpu', 'memory'], round(0.01));
    stop();
    assert.equal(room.ongoing().length, 0);
    assert.equal(disk.taken() - before, atMost);
    assert.deepEqual(
      heard,
      ['cpu', 'memory'].flatMap((id) => vms.map((name) => `${id} ${name} ended`)),
    );
  });

  it('tells both the beginning and the end of what is over within the round, for one write more', () => {
    const heard: string[] = [];
    const stop = room.journal.events.subscribe(({ type, alert }) => heard.push(`${alert.name} ${type}`));
    clock.set(clock.now() + 3_600_000);
    const before = disk.taken();
    engine.observe('cpu', [...round(0.99), ...round(0.01)]);
    stop();
    const expected = vms.flatMap((name) => [`${name} created`, `${name} ended`]);
    assert.deepEqual(heard.toSorted(), expected.toSorted());
    assert.equal(room.ongoing().length, 0);
    assert.equal(disk.taken() - before, atMost + 1);
  });
});
