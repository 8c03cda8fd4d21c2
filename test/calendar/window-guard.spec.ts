import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Calendar } from '../../lib/calendar/calendar.ts';
import type { Plan } from '../../lib/calendar/plan.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { PlatformOnSimulator, silent } from '../platform-on-simulator.ts';
import { DrivenClock } from './driven-clock.ts';

const hourMs = 3_600_000;
const local = (at: number) => new Date(at).toISOString().slice(0, 19);
const openNow = { type: 'once', from: local(Date.now() - hourMs), until: local(Date.now() + 24 * hourMs), zone: 'UTC' };
const later = { type: 'once', from: local(Date.now() + hourMs), until: local(Date.now() + 2 * hourMs), zone: 'UTC' };
const freeze = { id: 'freeze', kind: 'blackout', reason: 'quarter end', when: openNow };

const work = { ...freeze, kind: 'maintenance', running: 'cancel' };

describe('windows', () => {
  let house: PlatformOnSimulator;
  let running: string;

  beforeEach(async () => {
    house = await PlatformOnSimulator.start();
    const [vm] = house.platform.inventory.list().filter((one) => one.kind === 'vm' && one.power === 'running');
    assert.ok(vm);
    running = vm.name;
  });
  afterEach(() => house.stop());

  async function submit(action = 'vm.force-off'): Promise<Operation> {
    const origin = { through: 'flow', principal: 'flow' } as const;
    return house.platform.operations.submit({ action, target: house.vm(running), parameters: {}, origin });
  }

  const code = (thrown: unknown) => thrown instanceof Error && 'code' in thrown && thrown.code;

  it('have schedules run when they end', async () => {
    const { calendar, scheduler } = house.platform;
    const fired = Promise.withResolvers<boolean>();
    const schedule = { type: 'daily', time: '02:00', zone: 'UTC' } as const;
    calendar.put('test', { ...freeze, atEnd: { run: ['re-arm'] } });
    scheduler.add({ id: 're-arm', schedule }, ({ asked }) => fired.resolve(asked));
    calendar.delete('test', 'freeze');
    assert.equal(await fired.promise, true);
    const [slot] = house.platform.store.slots.between(0, Date.now() + hourMs, 1);
    assert.deepEqual([slot?.outcome, slot?.why], ['asked', 'The window "freeze" has ended.']);
  });

  it('hold schedules, and say whether those run afterwards', () => {
    const { calendar } = house.platform;
    calendar.put('test', { ...freeze, schedules: ['nightly'], atEnd: { runMissed: true } });
    assert.equal(calendar.holdsSchedule(['nightly', 'tab'], Date.now())?.runsAfter, true);
    assert.equal(calendar.holdsSchedule(['other', 'tab'], Date.now()), undefined);
  });

  it('will hold again what is due after they have been put out of force', async () => {
    const { calendar, scheduler, agenda } = house.platform;
    calendar.put('test', { ...freeze, schedules: ['often'] });
    calendar.override('alice', 'freeze', 'host burns', 30);
    const schedule = { type: 'cron', expression: '0 * * * * *', zone: 'UTC' } as const;
    const held: Plan['held'] = (at, windows) => calendar.holdsSchedule(['often'], at, windows);
    scheduler.add({ id: 'often', schedule, held }, () => {});
    const now = Date.now();
    const runs = (await agenda.next(now, now + 50 * 60_000)).map(({ at, heldBy }) => ({ at, by: heldBy?.name }));
    const [free, kept] = [runs.filter(({ by }) => by === undefined), runs.filter(({ by }) => by === 'freeze')];
    assert.deepEqual([free.length > 25, kept.length > 15], [true, true]);
    assert.ok((free.at(-1)?.at ?? Infinity) <= now + 30 * 60_000);
    assert.deepEqual([...free, ...kept], runs);
    scheduler.forget('often');
  });

  it('refuse what a blackout forbids, with its name, until when, and why', async () => {
    house.platform.calendar.put('test', { ...freeze, onConflict: 'refuse' });
    await assert.rejects(submit(), (error: Error) => {
      assert.equal(code(error), 'WINDOW_BLACKOUT');
      assert.match(error.message, /"freeze" lasts until 20.*quarter end/);
      return true;
    });
    assert.equal(house.vm(running).power, 'running');
  });

  it('keep what a blackout forbids waiting, and let it run when the window is gone', async () => {
    house.platform.calendar.put('test', freeze);
    const { id } = await submit();
    assert.equal(house.platform.operations.get(id).state, 'waiting');
    assert.match(house.platform.operations.get(id).why.at(-1)?.says ?? '', /blackout "freeze"/);
    house.platform.calendar.delete('test', 'freeze');
    assert.equal((await house.platform.operations.finished(id)).state, 'succeeded');
  });

  it('let run in a maintenance window what waits outside it', async () => {
    const window = { ...freeze, kind: 'maintenance', actions: ['disruptive', 'destructive'], when: later };
    house.platform.calendar.put('test', window);
    const { id } = await submit();
    assert.equal(house.platform.operations.get(id).state, 'waiting');
    house.platform.calendar.put('test', { ...window, when: openNow });
    const ended = await house.platform.operations.finished(id);
    assert.equal(ended.state, 'succeeded');
    assert.ok(ended.why.some(({ says }) => /maintenance window "freeze" is open/.test(says)));
  });

  it('do not concern other actions, other objects, and those whom they leave out', async () => {
    const { calendar } = house.platform;
    calendar.put('test', { ...freeze, actions: ['vm.delete'], onConflict: 'refuse' });
    calendar.put('test', { ...freeze, id: 'other', targets: { selector: "name = 'no such'" }, onConflict: 'refuse' });
    calendar.put('test', { ...freeze, id: 'people', except: { principals: ['flow'] }, onConflict: 'refuse' });
    const { id } = await submit();
    assert.equal((await house.platform.operations.finished(id)).state, 'succeeded');
  });

  it('are told by a plan', async () => {
    house.platform.calendar.put('test', freeze);
    const { operations } = house.platform;
    const origin = { through: 'flow', principal: 'flow' } as const;
    const target = house.vm(running);
    const { id } = await operations.submit({ action: 'vm.force-off', target, parameters: {}, origin, mode: 'plan' });
    const { state, result } = await operations.finished(id);
    assert.equal(state, 'planned');
    assert.match(JSON.stringify(result), /blackout/);
  });

  it('are overridden in an emergency, with a reason, for a time, and audited', async () => {
    const { calendar, access } = house.platform;
    calendar.put('test', freeze);
    const { id } = await submit();
    assert.throws(() => calendar.override('alice', 'freeze', ' ', 10), { code: 'PARAMETER_INVALID' });
    calendar.override('alice', 'freeze', 'host burns', 10);
    assert.equal((await house.platform.operations.finished(id)).state, 'succeeded');
    const [last] = [...access.audit.rows()].filter(({ entry }) => entry.includes('window-overridden'));
    assert.match(last?.entry ?? '', /alice.*host burns|host burns.*alice/);
  });

  it('end what still runs where they say so', async () => {
    const { calendar, operations } = house.platform;
    house.world.faults.inject({ call: 'vm.force-off', kind: 'slow', ms: 600 * hourMs });
    const started = new Promise<void>((resolve) => {
      operations.events.subscribe(({ type }) => type === 'started' && resolve());
    });
    const { id } = await submit();
    await started;
    calendar.put('test', { ...freeze, running: 'cancel' });
    const { state, error } = await operations.finished(id);
    assert.deepEqual([state, error?.message.includes('window "freeze"')], ['cancelled', true]);
  });

  const noLongerForbidding: readonly [string, (calendar: PlatformOnSimulator['platform']['calendar']) => void][] = [
    ['are deleted', (calendar) => calendar.delete('test', 'freeze')],
    ['are switched off', (calendar) => calendar.put('test', { ...work, enabled: false })],
    [
      'end while they are out of force',
      (calendar) => {
        calendar.override('alice', 'freeze', 'it takes longer', 10);
        calendar.put('test', { ...work, when: later });
      },
    ],
    [
      'end while another lets it through',
      (calendar) => {
        calendar.put('test', { ...work, id: 'longer', running: 'leave' });
        calendar.put('test', { ...work, when: later });
      },
    ],
  ];
  for (const [what, change] of noLongerForbidding) {
    it(`leave alone what runs where they ${what}, though they would end it`, async () => {
      const { calendar, operations } = house.platform;
      house.world.faults.inject({ call: 'vm.force-off', kind: 'slow', ms: 600 * hourMs });
      calendar.put('test', work);
      const started = new Promise<void>((resolve) => {
        operations.events.subscribe(({ type }) => type === 'started' && resolve());
      });
      const { id } = await submit();
      await started;
      change(calendar);
      // Whatever the change would end is ended before this is.
      calendar.put('test', { ...freeze, id: 'stop', running: 'cancel' });
      const { error } = await operations.finished(id);
      assert.match(error?.message ?? '', /window "stop"/);
    });
  }

  it('come from a file that people edit, and stay when it is broken', () => {
    const { calendar, dataDirectory } = house.platform;
    const path = join(dataDirectory, 'calendar.json');
    writeFileSync(path, JSON.stringify({ version: 1, windows: [freeze] }));
    assert.deepEqual(
      calendar.all().map(({ window }) => window.id),
      ['freeze'],
    );
    writeFileSync(path, '{ "version": 1, "windows": [');
    assert.deepEqual(
      calendar.all().map(({ window }) => window.id),
      ['freeze'],
    );
    assert.equal(calendar.problem?.code, 'SETTINGS_FILE_INVALID');
  });

  it('go by a calendar beside the file, and by its last good text when it is broken', () => {
    const { calendar, dataDirectory } = house.platform;
    const day = (name: string) =>
      `BEGIN:VEVENT\r\nUID:${name}\r\nDTSTART:20300101T000000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n`;
    const text = (names: string[]) => `BEGIN:VCALENDAR\r\n${names.map(day).join('')}END:VCALENDAR\r\n`;
    writeFileSync(join(dataDirectory, 'freeze.ics'), text(['a']));
    calendar.put('test', { ...freeze, when: { type: 'ical', file: 'freeze.ics' } });
    const at = Date.UTC(2030, 0, 1, 0, 30);
    assert.ok(calendar.openSpan('freeze', at));
    writeFileSync(join(dataDirectory, 'freeze.ics'), 'broken beyond repair');
    assert.ok(calendar.openSpan('freeze', at));
    assert.equal(calendar.problem?.code, 'WINDOWS_INVALID');
  });

  it('are all in force but the one whose calendar cannot be used any more', () => {
    const { calendar, dataDirectory, store } = house.platform;
    const path = join(dataDirectory, 'freeze.ics');
    writeFileSync(path, ' '.repeat(1_000_001));
    store.states.put('calendar-file', 'freeze.ics', 'could be used by an older version');
    const windows = [{ ...freeze, id: 'of-others', when: { type: 'ical', file: 'freeze.ics' } }, freeze];
    writeFileSync(join(dataDirectory, 'calendar.json'), JSON.stringify({ version: 1, windows }));
    const ids = () => calendar.all().map(({ window }) => window.id);
    assert.deepEqual([ids(), ids()], [['freeze'], ['freeze']]);
    assert.match(calendar.problem?.message ?? '', /freeze\.ics is too long/);
  });

  it('are told for a stretch of time, in order, with breaks for others', async () => {
    const { calendar, agenda } = house.platform;
    const when = { type: 'cron', expression: '*/10 * * * *', duration: '5m', zone: 'UTC' };
    for (const id of ['a', 'b', 'c', 'd']) calendar.put('test', { ...freeze, id, when });
    let breaks = 0;
    const count = setInterval(() => (breaks += 1));
    const now = Date.now();
    const open = await agenda.windows(now, now + 3 * 24 * hourMs);
    clearInterval(count);
    assert.ok(breaks >= 1);
    assert.ok(open.length >= 4 * 3 * 24 * 6, String(open.length));
    assert.ok(open.every(({ from }, index) => from >= (open[index - 1]?.from ?? 0)));
  });

  it('are looked at again and again, also when a calendar cannot be reckoned any further', () => {
    const { access, actions, inventory, dataDirectory } = house.platform;
    const clock = new DrivenClock(Date.now());
    const said: string[] = [];
    const log = { ...silent, error: (text: string) => said.push(text) };
    const { states } = openSqliteStore(':memory:');
    const parts = {
      dataDirectory,
      states,
      audit: access.audit,
      actions,
      inventory,
      isApproved: () => false,
      log,
      clock,
    };
    const calendar = new Calendar(parts);
    const from = new Date(Date.now() + 3 * 366 * 24 * hourMs).toISOString().replace(/[-:]|\.\d+/g, '');
    const event = (uid: string, begins: string, rule: string) =>
      `BEGIN:VEVENT\r\nUID:${uid}\r\nDTSTART:${begins}\r\nDURATION:PT1S\r\nRRULE:${rule}\r\nEND:VEVENT\r\n`;
    const events = event('a', '20260101T000000Z', 'FREQ=YEARLY') + event('b', from, 'FREQ=SECONDLY;INTERVAL=2');
    const text = `BEGIN:VCALENDAR\r\n${events}END:VCALENDAR\r\n`;
    calendar.put('test', { ...freeze, when: { type: 'ical', text } });
    calendar.start({ history: () => [], cancel: () => assert.fail() });
    clock.set(clock.now() + 3 * 366 * 24 * hourMs);
    clock.advance(20_000);
    assert.match(said.at(-1) ?? '', /come too often/);
    assert.equal(clock.timers, 1);
    calendar.stop();
  });

  it('mute alerts of their objects', async () => {
    const { calendar } = house.platform;
    calendar.put('test', { ...freeze, mutesAlerts: true, targets: { selector: `name = '${running}'` } });
    assert.equal((await calendar.mutes(house.vm(running)))?.window.id, 'freeze');
    const other = house.platform.inventory.list().find((one) => one.kind === 'vm' && one.name !== running);
    assert.ok(other);
    assert.equal(await calendar.mutes(other), undefined);
  });
});
