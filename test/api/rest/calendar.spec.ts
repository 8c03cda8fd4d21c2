import assert from 'node:assert/strict';
import { icalTimes } from '../../../lib/calendar/ical.ts';
import { operator, RestHouse, viewer } from './house.ts';

const hourMs = 3_600_000;
const local = (at: number) => new Date(at).toISOString().slice(0, 19);
const when = { type: 'once', from: local(Date.now() - hourMs), until: local(Date.now() + 24 * hourMs), zone: 'UTC' };
const window = { kind: 'blackout', reason: 'quarter end', when, onConflict: 'refuse' };

describe('the calendar over REST', () => {
  let house: RestHouse;

  before(async () => {
    house = await RestHouse.open();
  });
  after(() => house.close());

  it('takes windows from who may write them, refuses by them, and deletes them', async () => {
    const anna = house.user('anna', [operator()]);
    const denied = await house.ask('/calendar/windows/freeze', { method: 'PUT', token: anna, body: { window } });
    assert.equal(denied.body.code, 'ACCESS_DENIED');
    const put = await house.ask('/calendar/windows/freeze', { method: 'PUT', body: { window } });
    assert.deepEqual([put.status, put.body.id], [200, 'freeze']);
    const vm = house.platform.inventory.list({ kind: 'vm' }).find(({ power }) => power === 'running');
    const off = () => house.ask('/actions/vm.force-off', { body: { target: vm?.id } });
    assert.equal((await off()).body.code, 'WINDOW_BLACKOUT');
    const { body } = await house.ask('/calendar/windows');
    assert.deepEqual([body.items.length, body.items[0].window.id, body.items[0].override], [1, 'freeze', null]);
    const override = { reason: 'host burns', minutes: 5 };
    assert.equal((await house.ask('/calendar/windows/freeze/override', { token: anna, body: override })).status, 403);
    assert.equal((await house.ask('/calendar/windows/freeze/override', { body: override })).status, 200);
    assert.equal((await off()).status, 202);
    assert.equal((await house.ask('/calendar/windows/freeze', { method: 'DELETE' })).status, 204);
    assert.equal((await house.ask('/calendar/windows/freeze', { method: 'DELETE' })).status, 404);
  });

  it('refuses a window that cannot be, and says why', async () => {
    const bad = { ...window, when: { type: 'daily', time: '25:00', duration: '1h', zone: 'UTC' } };
    const { status, body } = await house.ask('/calendar/windows/bad', { method: 'PUT', body: { window: bad } });
    assert.deepEqual([status, body.code], [422, 'WINDOWS_INVALID']);
  });

  it('tells what was due, what will be, windows and conflicts', async () => {
    house.platform.calendar.put('test', { ...window, id: 'freeze', schedules: ['nightly'] });
    const schedule = { type: 'cron', expression: '* * * * * *', zone: 'UTC' } as const;
    const fired = Promise.withResolvers<void>();
    house.platform.scheduler.add({ id: 'tick', name: 'Tick', schedule }, () => fired.resolve());
    await fired.promise;
    const { body } = await house.ask(`/calendar?until=${Date.now() + 5_000}`);
    assert.deepEqual([body.past[0].name, body.past[0].result, body.past[0].outcome], ['Tick', 'done', 'run']);
    assert.equal(body.next[0].schedule, 'tick');
    assert.deepEqual(body.windows[0].id, 'freeze');
    house.platform.scheduler.forget('tick');
  });

  it('runs a schedule now, disables and enables it, for whoever operates', async () => {
    const schedule = { type: 'daily', time: '02:00', zone: 'UTC' } as const;
    const started = Promise.withResolvers<boolean>();
    house.platform.scheduler.add({ id: 'n1', name: 'Nightly', schedule }, ({ asked }) => started.resolve(asked));
    const [eve, otto] = [house.user('eve', [viewer()]), house.user('otto', [operator()])];
    for (const what of ['run', 'enable', 'disable']) {
      const denied = await house.ask(`/schedules/Nightly/${what}`, { token: eve, body: {} });
      assert.equal(denied.body.code, 'ACCESS_DENIED');
    }
    const run = await house.ask('/schedules/Nightly/run', { token: otto, body: {} });
    assert.deepEqual([run.status, run.body.schedule, await started.promise], [200, 'n1', true]);
    const { body } = await house.ask('/calendar', { token: eve });
    const past = body.past.find((one: { schedule: string }) => one.schedule === 'n1');
    assert.deepEqual([past.outcome, past.run, past.why], ['asked', run.body.run, 'otto had it run.']);
    const off = await house.ask('/schedules/n1/disable', { token: otto, body: {} });
    assert.deepEqual([off.body.enabled, off.body.next], [false, null]);
    assert.equal((await house.ask('/calendar')).body.next.length, 0);
    const { items } = (await house.ask('/schedules', { token: eve })).body;
    assert.equal(items.find(({ id }: { id: string }) => id === 'n1').enabled, false);
    assert.equal((await house.ask('/schedules/n1/enable', { body: {} })).body.enabled, true);
    assert.equal((await house.ask('/schedules/none/run', { body: {} })).body.code, 'SCHEDULE_UNKNOWN');
    const changes = [...house.platform.access.audit.rows()].map(({ entry }) => JSON.parse(entry));
    assert.deepEqual(
      changes.filter(({ what }) => what.startsWith('calendar.schedule-')).map(({ what, who }) => [what, who]),
      [
        ['calendar.schedule-run', 'otto'],
        ['calendar.schedule-disabled', 'otto'],
        ['calendar.schedule-enabled', 'root'],
      ],
    );
    house.platform.scheduler.forget('n1');
  });

  it('gives the iCalendar to programs that can send a name and a password only, and nothing else', async () => {
    const basic = (password: string) => ({
      authorization: `Basic ${Buffer.from(`any:${password}`).toString('base64')}`,
    });
    const asked = await house.response('/calendar.ics', { token: '' });
    assert.deepEqual([asked.status, asked.headers.get('www-authenticate')], [401, 'Basic realm="virtflow"']);
    const token = house.user('cal', [viewer()]);
    const given = await house.response('/calendar.ics', { token: '', headers: basic(token) });
    assert.deepEqual([given.status, given.headers.get('content-type')], [200, 'text/calendar; charset=utf-8']);
    assert.equal((await house.response('/calendar.ics', { token: '', headers: basic('vft_wrong') })).status, 401);
    for (const path of ['/calendar', '/schedules', '/whoami']) {
      assert.equal((await house.response(path, { token: '', headers: basic(token) })).status, 401);
    }
    house.platform.access.tokens.revoke('test', house.idOf(token));
    assert.equal((await house.response('/calendar.ics', { token: '', headers: basic(token) })).status, 401);
  });

  it('writes all of it as an iCalendar that reads as the same', async () => {
    const answer = await house.response('/calendar.ics');
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/calendar; charset=utf-8']);
    const span = icalTimes(await answer.text(), 'UTC').at(Date.now());
    assert.equal(span?.until, Date.parse(`${when.until}Z`));
  });
});
