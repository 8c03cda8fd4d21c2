import assert from 'node:assert/strict';
import { AlertHouse, closeAlertHouses, contact, hostOf, toOps, vmOf } from './house.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('alerts', () => {
  afterEach(closeAlertHouses);

  it('waits 30 s for others of a group, and tells N of them as N', async () => {
    const house = new AlertHouse({ ...toOps, routes: [{ name: 'all', contacts: ['ops'], groupBy: ['rule'] }] });
    for (let index = 0; index < 7; index += 1) house.tell('firing', `vm${index}`);
    await house.pass(29_000);
    assert.equal(house.sent.length, 0);
    await house.pass(2_000);
    assert.equal(house.sent.length, 1);
    for (let index = 0; index < 7; index += 1)
      assert.match(house.sent[0]?.message.text ?? '', new RegExp(`CPU, vm${index} `));
  });

  it('tells more of a group after 5 minutes, and all of it again after 4 hours', async () => {
    const house = new AlertHouse({ ...toOps, routes: [{ name: 'all', contacts: ['ops'], groupBy: [] }] });
    house.tell('firing', 'a');
    await house.pass(31_000);
    house.tell('firing', 'b');
    await house.pass(4 * minute);
    assert.equal(house.sent.length, 1);
    await house.pass(minute);
    assert.equal(house.sent.length, 2);
    await house.pass(4 * hour + 5 * minute, 5_000);
    assert.deepEqual(
      house.sent.map(({ message }) => message.kind),
      ['alert', 'alert', 'repeat'],
    );
  });

  it('tells an end exactly once, also when it is heard of again and after a restart', async () => {
    const house = new AlertHouse(toOps);
    house.tell('firing');
    await house.pass(31_000);
    const end = house.tell('ok');
    void house.room.take(end);
    await house.pass(5 * minute);
    const again = await house.die(toOps);
    void again.room.take(end);
    await again.pass(30 * minute, 5_000);
    assert.deepEqual(
      again.sent.map(({ message }) => message.status),
      ['firing', 'resolved'],
    );
  });

  it('tells nothing of what was over before anybody was told', async () => {
    const house = new AlertHouse(toOps);
    house.tell('firing');
    await house.pass(5_000);
    house.tell('ok');
    await house.pass(10 * minute, 5_000);
    assert.equal(house.sent.length, 0);
  });

  it('tells no end of what was silenced, and all of it when the silence is over first', async () => {
    const house = new AlertHouse(toOps);
    const until = house.clock.now() + 20 * minute;
    house.room.silences.add({ matcher: { object: 'web' }, until, comment: 'I know' }, 'anna');
    house.tell('firing', 'web');
    await house.pass(10 * minute, 5_000);
    house.tell('ok', 'web');
    await house.pass(10 * minute, 5_000);
    assert.equal(house.sent.length, 0);
    const [alert] = house.room.list();
    assert.match(alert?.history.find(({ what }) => what === 'not-told')?.says ?? '', /silenced by anna.*I know/);
    const later = house.clock.now() + 10 * minute;
    house.room.silences.add({ matcher: { object: 'db' }, until: later }, 'anna');
    house.tell('firing', 'db');
    await house.pass(20 * minute, 5_000);
    assert.equal(house.sent.length, 1);
  });

  it('makes no event of settings that are saved, also of new contacts and new routes', async () => {
    const house = new AlertHouse(toOps);
    house.tell('firing');
    await house.pass(31_000);
    house.configure({
      contacts: [contact('ops'), contact('boss')],
      routes: [{ name: 'everything', contacts: ['ops', 'boss'] }],
    });
    await house.pass(30 * minute, 5_000);
    assert.equal(house.sent.length, 1);
    house.tell('ok');
    await house.pass(6 * minute, 5_000);
    assert.deepEqual(
      house.sent.map(({ to }) => to),
      ['ops', 'ops'],
    );
  });

  it('escalates what nobody acknowledges, and nothing after that', async () => {
    const escalation = [{ after: '10m', contacts: ['boss'] }];
    const settings = {
      contacts: [contact('ops'), contact('boss')],
      routes: [{ name: 'all', contacts: ['ops'], escalation }],
    };
    const house = new AlertHouse(settings);
    house.tell('firing', 'a');
    house.tell('firing', 'b');
    await house.pass(31_000);
    const a = house.room.list().find(({ name }) => name === 'a');
    assert.ok(a);
    house.room.acknowledge(a.id, 'anna', 'on it');
    await house.pass(5 * hour, 5_000);
    const bosses = house.sent.filter(({ to }) => to === 'boss');
    assert.ok(bosses.length > 0);
    assert.ok(bosses.every(({ message }) => !message.text.includes('CPU of a')));
    assert.ok(house.sent.every(({ message }) => message.kind !== 'repeat' || !message.text.includes('CPU of a')));
  });

  it('makes one incident of a dead host, with its VMs as the content', async () => {
    const house = new AlertHouse(toOps);
    house.put(hostOf('h1'), ...['a', 'b', 'c'].map((name) => vmOf(name, 'h1')));
    for (const name of ['a', 'b', 'c']) house.tell('no-data', name);
    house.put(...['a', 'b', 'c'].map((name) => vmOf(name, null)));
    house.tellHost('firing');
    await house.pass(hour, 5_000);
    assert.equal(house.sent.length, 1);
    const { text, title } = house.sent[0]?.message ?? { text: '', title: '' };
    assert.match(title, /Host down, h1/);
    for (const name of ['a', 'b', 'c']) assert.match(text, new RegExp(`- ${name}: CPU, no data`));
    assert.match(text, /Affected: a, b, c/);
  });

  it('tells of what is still wrong once the outage that hid it is over', async () => {
    const house = new AlertHouse(toOps);
    house.put(hostOf('h1'), vmOf('a', 'h1'));
    house.tellHost('firing');
    house.tell('firing', 'a');
    await house.pass(10 * minute, 5_000);
    house.tellHost('ok');
    await house.pass(10 * minute, 5_000);
    assert.equal(house.sent.length, 2);
    assert.match(house.sent[1]?.message.text ?? '', /CPU of a is firing[\s\S]*Over:[\s\S]*h1/);
  });

  it('never calls resolved what is gone', async () => {
    const house = new AlertHouse(toOps);
    house.tell('firing');
    await house.pass(31_000);
    house.tell('gone');
    await house.pass(6 * minute, 5_000);
    assert.equal(house.room.list()[0]?.state, 'gone');
    assert.match(house.sent[1]?.message.text ?? '', /gone\. the object vanished/);
    assert.doesNotMatch(house.sent[1]?.message.text ?? '', /resolved/);
  });

  it('takes what begins and ends all the time as going on until it is quiet', async () => {
    const house = new AlertHouse({ ...toOps, flapping: { count: 3, within: '1h', quiet: '15m' } });
    for (let index = 0; index < 5; index += 1) {
      house.tell('firing');
      await house.pass(2 * minute, 5_000);
      house.tell('ok');
      await house.pass(2 * minute, 5_000);
    }
    const before = house.sent.length;
    assert.ok(before <= 3, `${before} messages`);
    await house.pass(hour, 5_000);
    assert.equal(house.sent.filter(({ message }) => message.status === 'resolved').at(-1), house.sent.at(-1));
  });

  it('sums up a storm in one message and tells the rest later', async () => {
    const house = new AlertHouse({
      ...toOps,
      routes: [{ name: 'all', contacts: ['ops'], groupBy: ['object'] }],
      storm: { most: 5, per: '10m' },
    });
    for (let index = 0; index < 12; index += 1) house.tell('firing', `vm${index}`);
    await house.pass(2 * minute);
    assert.equal(house.sent.filter(({ message }) => message.kind === 'alert').length, 5);
    assert.equal(house.sent.filter(({ message }) => message.kind === 'storm').length, 1);
    await house.pass(hour, 5_000);
    assert.equal(house.sent.filter(({ message }) => message.kind === 'alert').length, 12);
  });

  it('keeps quiet in quiet hours, but for what is excepted, and tells the rest in the morning', async () => {
    const quietHours = [{ from: '22:00', to: '07:00', timeZone: 'Europe/Berlin', except: ['critical'] }];
    const house = new AlertHouse({
      ...toOps,
      routes: [{ name: 'all', contacts: ['ops'], groupBy: ['object'], quietHours }],
    });
    house.clock.set('2026-03-02T21:30:00Z');
    house.tell('firing', 'minor');
    house.tell('firing', 'major', { severity: 'critical' });
    await house.pass(hour, 10_000);
    assert.equal(house.sent.length, 1);
    assert.match(house.sent[0]?.message.text ?? '', /major/);
    house.clock.set('2026-03-03T06:00:00Z');
    await house.pass(6 * minute, 5_000);
    assert.equal(house.sent.filter(({ message }) => message.text.includes('minor')).length, 1);
  });

  it('tries again what a channel does not take, in order, and once it has it never again, over restarts', async () => {
    const house = new AlertHouse(toOps);
    house.refuses = true;
    house.tell('firing');
    await house.pass(minute);
    house.tell('ok');
    await house.pass(6 * minute, 5_000);
    assert.equal(house.sent.length, 0);
    const again = await house.die(toOps);
    await again.pass(11 * minute, 5_000);
    const last = await again.die(toOps);
    await last.pass(11 * minute, 5_000);
    assert.deepEqual(
      last.sent.map(({ message }) => message.status),
      ['firing', 'resolved'],
    );
    assert.deepEqual(
      last.room.notifications().map(({ state }) => state),
      ['delivered', 'delivered'],
    );
  });

  it('is held by a window of the calendar', async () => {
    const house = new AlertHouse(toOps);
    house.put(vmOf('web', 'h1'));
    const until = house.clock.now() + hour;
    house.room.honour(async (_, at) => (at < until ? { name: 'patch night', until } : undefined));
    house.tell('firing', 'web');
    await house.pass(30 * minute, 5_000);
    assert.equal(house.sent.length, 0);
    await house.pass(hour, 5_000);
    assert.equal(house.sent.length, 1);
  });

  it('silences by a selector, and not what it cannot be asked of', async () => {
    const house = new AlertHouse({ ...toOps, routes: [{ name: 'all', contacts: ['ops'], groupBy: ['object'] }] });
    house.put(vmOf('test1', null, ['test']), vmOf('web', null));
    const until = house.clock.now() + hour;
    house.room.silences.add({ matcher: { selector: "'test' in tags" }, until }, 'anna');
    for (const name of ['test1', 'web', 'unknown']) await house.room.take(house.tell('firing', name));
    await house.pass(minute);
    assert.deepEqual(house.sent.map(({ message }) => /CPU, (\w+)/.exec(message.title)?.[1]).sort(), ['unknown', 'web']);
  });

  it('says which routes did not fit when nobody is told', async () => {
    const house = new AlertHouse({
      ...toOps,
      routes: [{ name: 'critical', match: { severity: ['critical'] }, contacts: ['ops'] }],
    });
    house.tell('firing');
    await house.pass(minute);
    const entry = house.room.list()[0]?.history.find(({ what }) => what === 'not-told');
    assert.deepEqual(entry?.about, { routes: ['critical: the severity is warning, not critical'] });
  });
});
