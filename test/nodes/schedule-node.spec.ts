import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { reasons } from '../../lib/calendar/slot-reason.ts';
import calendar from '../../nodes/calendar/calendar.ts';
import { scheduleFields } from '../../nodes/calendar/schedule-fields.ts';
import { scheduleOf } from '../../nodes/calendar/schedule-setting.ts';
import { readConfig } from '../../nodes/runtime/config.ts';
import type { Message, NodeRed, RedNode } from '../../nodes/runtime/red.ts';
import { House } from './house.ts';

const tab = { id: 'tab', type: 'tab', label: 'test' };
const out = { id: 'out', type: 'helper', z: 'tab' };
const caught = { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] };
const everySecond = { repeat: 'cron', cron: '* * * * * *', zone: 'UTC' };

const nightly = {
  ...{ id: 'schedule', type: 'virtflow-schedule', z: 'tab', name: 'tick', wires: [['out']] },
  ...{ repeat: 'daily', time: '02:00', zone: 'UTC' },
};

describe('a schedule node', () => {
  let house: House | undefined;

  afterEach(async () => {
    await house?.close();
    house = undefined;
  });

  async function open(config: object): Promise<House> {
    const node = { id: 'schedule', type: 'virtflow-schedule', z: 'tab', name: 'tick', wires: [['out']], ...config };
    house = await House.open([calendar], [tab, node, out, caught]);
    house.collect('out');
    return house;
  }

  it('sends a message when it is due, with the time at which it was', async () => {
    const opened = await open(everySecond);
    const { topic, payload, schedule } = await opened.message();
    const { slot, late } = schedule as { slot: number; late: boolean };
    assert.deepEqual([topic, payload, late, slot % 1000], ['tick', slot, false, 0]);
  });

  it('sends the payload that it is configured with', async () => {
    const opened = await open({ ...everySecond, payload: '{"a":1}', payloadType: 'json' });
    assert.deepEqual((await opened.message()).payload, { a: 1 });
  });

  it('leaves runs out while the last one goes on, until its message comes back', async () => {
    const opened = await open({ ...everySecond, overlap: 'skip' });
    const skipped = new Promise<void>((resolve) => {
      opened.platform.scheduler.facts.subscribe(({ outcome }) => outcome === 'skipped' && resolve());
    });
    const first = await opened.message();
    await skipped;
    assert.equal(opened.received.length, 1);
    opened.node('schedule').receive(first);
    await opened.message((message: Message) => message !== first);
  });

  it('says in words of its catalogue why a run is left out, whatever the language', async () => {
    const kinds = [...Object.values(reasons).map(({ facts }) => facts.kind), 'blackout', 'maintenance'];
    for (const language of ['en-US', 'de'] as const) {
      const words: unknown = JSON.parse(readFileSync(`nodes/locales/${language}/common.json`, 'utf8'));
      assert.deepEqual(Object.keys(Object(words).because).toSorted(), kinds.toSorted());
    }
    const opened = await open({ ...everySecond, overlap: 'skip' });
    const warned = new Promise<string>((resolve) => {
      opened.node('schedule').on('call:warn', ({ args }: { args: [string] }) => resolve(args[0]));
    });
    // Here no catalogue is read, so that texts are their keys.
    assert.match(await warned, /because\.overlap$/);
  });

  it('refuses a message that it did not send', async () => {
    const opened = await open({ repeat: 'daily', time: '02:00', zone: 'UTC' });
    opened.node('schedule').receive({ payload: 1 });
    assert.equal(((await opened.message()).error as { code: string }).code, 'MESSAGE_INVALID');
  });

  it('runs when a message says so, and is disabled and enabled by one, over a deploy', async () => {
    const opened = await open({ repeat: 'daily', time: '02:00', zone: 'UTC' });
    const { scheduler, schedules } = opened.platform;
    opened.node('schedule').receive({ command: 'run' });
    const { schedule } = await opened.message();
    assert.deepEqual([(schedule as { asked: boolean }).asked, schedules.get('tick').id], [true, 'schedule']);
    const changed = () => new Promise((resolve) => scheduler.changes.subscribe(resolve));
    const disabled = changed();
    opened.node('schedule').receive({ command: 'disable' });
    await disabled;
    await opened.redeploy([calendar], [tab, nightly, out, caught]);
    opened.collect('out');
    assert.equal(schedules.get('tick').enabled, false);
    const enabled = changed();
    opened.node('schedule').receive({ command: 'enable' });
    await enabled;
    assert.equal(schedules.get('tick').enabled, true);
    opened.node('schedule').receive({ command: 'dance' });
    const refused = await opened.message(({ error }) => error !== undefined);
    assert.equal((refused.error as { code: string }).code, 'MESSAGE_INVALID');
  });

  it('sends what it makes up for once all nodes are there that it goes to', async () => {
    const opened = await open({ repeat: 'daily', time: '02:00', zone: 'UTC', misfire: 'once' });
    const { states } = opened.platform.store;
    const schedule = JSON.stringify({ type: 'daily', time: '02:00', zone: 'UTC' });
    const { promise: come, resolve } = Promise.withResolvers<Message>();
    const recorder = (RED: NodeRed) =>
      RED.nodes.registerType('recorder', function record(this: RedNode, config: unknown) {
        RED.nodes.createNode(this, config);
        this.on('input', (message) => resolve(message));
      });
    states.put('schedules', 'missed', { schedule, since: Date.now() - 2 * 86_400_000 });
    const node = { ...nightly, id: 'missed', misfire: 'once', wires: [['late']] };
    await opened.redeploy([calendar, recorder], [tab, node, { id: 'late', type: 'recorder', z: 'tab' }]);
    assert.equal(Object((await come).schedule).late, true);
  });

  it('stays down with a schedule that cannot be', async () => {
    const opened = await open({ repeat: 'cron', cron: 'never', zone: 'UTC' });
    opened.node('schedule').receive({});
    assert.equal(((await opened.message()).error as { code: string }).code, 'SCHEDULE_INVALID');
  });

  const forms: readonly [config: object, schedule: object][] = [
    [
      { repeat: 'once', at: '2030-01-02T03:04' },
      { type: 'once', at: '2030-01-02T03:04' },
    ],
    [
      { repeat: 'daily', time: '02:30' },
      { type: 'daily', time: '02:30' },
    ],
    [
      { repeat: 'weekly', time: '02:30', weekdays: ['1', '0'] },
      { type: 'weekly', time: '02:30', weekdays: [1, 0] },
    ],
    [
      { repeat: 'monthly', time: '02:30', days: '1, last' },
      { type: 'monthly', time: '02:30', days: [1, 'last'] },
    ],
    [
      { repeat: 'cron', cron: '0 2 * * 1-5' },
      { type: 'cron', expression: '0 2 * * 1-5' },
    ],
  ];
  for (const [config, schedule] of forms) {
    it(`reads the form ${JSON.stringify(config)}`, () => {
      const zone = 'Europe/Berlin';
      assert.deepEqual(scheduleOf(readConfig(scheduleFields, { ...config, zone })), { ...schedule, zone });
    });
  }
});
