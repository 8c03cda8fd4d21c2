import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { AlertTransition } from '../../../lib/alerts/alert.ts';
import { formatRef, refOf } from '../../../lib/model/reference.ts';
import { told } from '../../alerts/told.ts';
import { operator, RestHouse, viewer } from './house.ts';
import { EventReader } from './reader.ts';

describe('alerts over REST', () => {
  let house: RestHouse;
  const servers: Server[] = [];

  beforeEach(async () => {
    house = await RestHouse.open('hosts=1&vms=4');
  });
  afterEach(async () => {
    await house.close();
    for (const server of servers.splice(0)) server.close();
  });

  const vm = (index = 0) => house.platform.inventory.list({ kind: 'vm' })[index] ?? assert.fail('no VM');
  const aboutVm = (index: number): Partial<AlertTransition> => {
    const object = refOf(vm(index));
    return { object, key: formatRef(object), name: vm(index).name, tags: { connection: object.connection } };
  };
  const take = async (...args: Parameters<typeof told>): Promise<string> => {
    const transition = told(...args);
    await house.platform.alerts.take(transition);
    return (
      house.platform.alerts.list().find(({ key }) => key === transition.key)?.id ?? assert.fail('it made no alert')
    );
  };
  const names = (body: { items: { name: string }[] }) => body.items.map(({ name }) => name);

  it('are listed while they go on, or by their state, severity and object', async () => {
    await take('firing', 'web');
    await take('firing', vm(0).name, { ...aboutVm(0), severity: 'critical' });
    await take('ok', 'web');
    assert.deepEqual(names((await house.ask('/alerts')).body), [vm(0).name]);
    assert.deepEqual(names((await house.ask('/alerts?state=resolved')).body), ['web']);
    assert.deepEqual(names((await house.ask('/alerts?severity=info,warning')).body), []);
    const object = encodeURIComponent(formatRef(vm(0)));
    assert.equal((await house.ask(`/alerts?object=${object}`)).body.items.length, 1);
    assert.equal((await house.ask('/alerts?state=calm')).body.code, 'PARAMETER_INVALID');
  });

  it('show all that was decided on: why, history, routes, and why nobody is told', async () => {
    const id = await take('firing', vm(0).name, aboutVm(0));
    await house.ask('/silences', { body: { matcher: { rule: 'cpu' }, duration: '1h', comment: 'known' } });
    await house.platform.alerts.tick();
    const { body } = await house.ask(`/alerts/${id}`);
    assert.deepEqual([body.suppressed.by, body.incident, body.why.rule], ['silence', id, 'cpu']);
    assert.deepEqual(
      body.history.map(({ what }: { what: string }) => what),
      ['firing', 'not-told', 'silenced'],
    );
    assert.deepEqual(body.above.at(-1), { node: 'lab/connection/lab', kind: 'connection', name: 'lab' });
    assert.deepEqual(body.routes, { taken: [], passed: [] });
  });

  it('are acknowledged, and that is taken back, by whoever may operate the object', async () => {
    const id = await take('firing', vm(0).name, aboutVm(0));
    const otto = house.user('otto', [operator({ selector: `id = '${vm(0).id}'` })]);
    const eve = house.user('eve', [viewer()]);
    const acknowledge = (token: string) =>
      house.ask(`/alerts/${id}/acknowledge`, { token, body: { comment: 'on it' } });
    assert.deepEqual([(await acknowledge(eve)).status, (await acknowledge(eve)).body.code], [403, 'ACCESS_DENIED']);
    assert.equal((await acknowledge(otto)).body.acknowledged.by, 'otto');
    assert.equal((await house.ask(`/alerts/${id}/unacknowledge`, { body: {} })).body.acknowledged, null);
    await take('ok', vm(0).name, aboutVm(0));
    assert.deepEqual([(await acknowledge(otto)).status, (await acknowledge(otto)).body.code], [409, 'ALERT_OVER']);
  });

  it('are for each those of what they may see', async () => {
    const mine = await take('firing', vm(0).name, aboutVm(0));
    const other = await take('firing', vm(1).name, aboutVm(1));
    const house1 = await take('firing', 'the house');
    const eve = house.user('eve', [viewer({ selector: `id = '${vm(0).id}'` })]);
    assert.deepEqual(names((await house.ask('/alerts', { token: eve })).body), [vm(0).name]);
    const seen = (await house.ask(`/alerts/${mine}`, { token: eve })).body;
    assert.deepEqual([seen.above, seen.routes], [[], { taken: [], passed: [] }]);
    for (const id of [other, house1, 'nobody']) {
      const { status, body } = await house.ask(`/alerts/${id}`, { token: eve });
      assert.deepEqual([status, body.code], [404, 'ALERT_UNKNOWN']);
    }
    for (const path of ['/silences', '/contacts', '/notifications']) {
      assert.equal((await house.ask(path, { token: eve })).body.code, 'ACCESS_DENIED', path);
    }
  });

  it('are silenced until a time or for a duration, and that is ended', async () => {
    const silence = (body: object) => house.ask('/silences', { body });
    assert.equal((await silence({ matcher: {}, duration: '1h' })).body.code, 'SILENCE_INVALID');
    assert.equal((await silence({ matcher: { rule: 'cpu' } })).body.code, 'SILENCE_INVALID');
    const both = { matcher: { rule: 'cpu' }, duration: '1h', until: Date.now() + 1_000 };
    assert.equal((await silence(both)).body.code, 'SILENCE_INVALID');
    assert.equal((await silence({ matcher: { selector: '(' }, duration: '1h' })).body.code, 'ALERT_SETTINGS_INVALID');
    const { body } = await silence({ matcher: { rule: 'cpu' }, duration: '1h', comment: 'known' });
    const active = async () =>
      (await house.ask('/silences?active=true')).body.items.map(({ id }: { id: string }) => id);
    assert.deepEqual(await active(), [body.id]);
    const ended = await house.ask(`/silences/${body.id}`, { method: 'DELETE' });
    assert.ok(ended.body.endedBy !== null);
    assert.deepEqual(await active(), []);
    assert.equal((await house.ask('/silences/nobody', { method: 'DELETE' })).status, 404);
  });

  it('tell who was told, and a test really sends', async () => {
    const bodies: { kind: string }[] = [];
    const server = createServer(async (request, response) => {
      bodies.push(JSON.parse(await text(request)));
      response.end('{}');
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const contacts = [
      { name: 'ops', type: 'webhook', settings: { url } },
      { name: 'nobody', type: 'webhook', settings: { url: 'http://127.0.0.1:1/' } },
    ];
    const routes = [{ name: 'all', contacts: ['ops'], groupWait: '1s' }];
    writeFileSync(join(house.platform.dataDirectory, 'alerts.json'), JSON.stringify({ contacts, routes }));
    assert.equal((await house.ask('/contacts/ops/test', { body: {} })).body.says, 'accepted');
    const failed = await house.ask('/contacts/nobody/test', { body: {} });
    assert.deepEqual([failed.status, failed.body.code], [502, 'NOTIFICATION_FAILED']);
    assert.equal((await house.ask('/contacts/else/test', { body: {} })).status, 404);
    const delivered = new Promise<void>((resolve) => {
      house.platform.alerts.dispatches.changes.subscribe(({ state }) => state === 'delivered' && resolve());
    });
    const id = await take('firing', vm(0).name, aboutVm(0));
    await delivered;
    assert.deepEqual(
      bodies.map(({ kind }) => kind),
      ['test', 'alert'],
    );
    const { items } = (await house.ask(`/notifications?alert=${id}`)).body;
    assert.deepEqual([items.length, items[0].contact, items[0].state], [1, 'ops', 'delivered']);
    const listed = (await house.ask('/contacts')).body.items;
    assert.deepEqual(
      listed.map(({ name, last }: { name: string; last: { state: string } | null }) => [name, last?.state]),
      [
        ['ops', 'delivered'],
        ['nobody', undefined],
      ],
    );
    assert.ok(!JSON.stringify(listed).includes(url));
  });

  it('are told as they change, to whoever may see them', async () => {
    const eve = house.user('eve', [viewer({ selector: `id = '${vm(0).id}'` })]);
    const all = await EventReader.open(house, '?type=alert-change');
    const hers = await EventReader.open(house, '?type=alert-change', { token: eve });
    await take('firing', vm(1).name, aboutVm(1));
    const id = await take('firing', vm(0).name, aboutVm(0));
    house.platform.alerts.acknowledge(id, 'anna');
    const isTaken = ({ data }: { data: { acknowledged: unknown } }) => data.acknowledged !== null;
    const { data } = await all.next(isTaken);
    assert.deepEqual([data.id, data.ongoing, data.history], [id, true, undefined]);
    await hers.next(isTaken);
    assert.ok(hers.events.every(({ data: { name } }) => name === vm(0).name));
    for (const reader of [all, hers]) reader.close();
  });
});
