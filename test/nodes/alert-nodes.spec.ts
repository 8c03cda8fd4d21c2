import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import alerts from '../../nodes/alerts/alerts.ts';
import type { Message } from '../../nodes/runtime/red.ts';
import { told } from '../alerts/told.ts';
import { House, labNode } from './house.ts';

const tab = { id: 'tab', type: 'tab', label: 'test' };
const out = { id: 'out', type: 'helper', z: 'tab' };
const caught = { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] };
const source = { id: 'source', type: 'virtflow-alerts', z: 'tab', name: '', events: [], wires: [['out']] };

const eventOf = (message: Message) => (message.event as { type: string }).type;
const nameOf = (message: Message) => (message.payload as { name: string }).name;
const codeOf = (message: Message) => (message.error as { code: string } | undefined)?.code;

describe('an alerts node', () => {
  let house: House;
  afterEach(() => house.close());

  async function open(config: object = {}): Promise<void> {
    house = await House.open([alerts], [tab, { ...source, ...config }, out, caught]);
    house.collect('out');
  }

  it('tells of the whole life of an alert, each event once', async () => {
    await open();
    const { platform } = house;
    void platform.alerts.take(told('firing'));
    await house.message((message) => eventOf(message) === 'created');
    const [{ id } = assert.fail()] = platform.alerts.ongoing();
    platform.alerts.acknowledge(id, 'anna');
    platform.alerts.silences.add({ matcher: { rule: 'cpu' }, until: Date.now() + 60_000 }, 'anna');
    await platform.alerts.tick();
    void platform.alerts.take(told('ok'));
    await house.message((message) => eventOf(message) === 'ended');
    assert.deepEqual(house.received.map(eventOf), ['created', 'acknowledged', 'silenced', 'ended']);
  });

  it('tells only what fits', async () => {
    await open({ object: 'db*', events: ['created'] });
    for (const name of ['web', 'db1', 'db2']) void house.platform.alerts.take(told('firing', name));
    void house.platform.alerts.take(told('ok', 'db1'));
    await house.message((message) => nameOf(message) === 'db2');
    assert.deepEqual(house.received.map(nameOf), ['db1', 'db2']);
  });

  it('goes on where it stopped when it was closed', async () => {
    await open();
    void house.platform.alerts.take(told('firing', 'before'));
    await house.message();
    await house.redeploy([], []);
    void house.platform.alerts.take(told('firing', 'meanwhile'));
    await house.redeploy([alerts], [tab, source, out, caught]);
    house.collect('out');
    await house.message((message) => nameOf(message) === 'meanwhile');
    void house.platform.alerts.take(told('firing', 'after'));
    await house.message((message) => nameOf(message) === 'after');
    assert.deepEqual(house.received.map(nameOf), ['before', 'meanwhile', 'after']);
  });

  it('does not run with a selector that is none', async () => {
    house = await House.open([alerts], [tab, { ...source, selector: '(' }, out, caught]);
    assert.equal(house.platform.alerts.journal.events.listeners, 0);
  });
});

describe('nodes that tell people something', () => {
  let house: House;
  const servers: Server[] = [];

  afterEach(async () => {
    await house.close();
    for (const server of servers.splice(0)) server.close();
  });

  /** A webhook that takes what it is sent, or does not. */
  async function webhook(isUp: () => boolean = () => true) {
    const bodies: Record<string, unknown>[] = [];
    const server = createServer(async (request, response) => {
      const body = await text(request);
      if (isUp()) bodies.push(JSON.parse(body));
      response.statusCode = isUp() ? 200 : 503;
      response.end('{}');
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
  }

  const tell = (url: string, config: object = {}) => ({
    id: 'tell',
    type: 'virtflow-notify-webhook',
    z: 'tab',
    name: 'hook',
    url,
    headers: '',
    text: 'payload',
    textType: 'msg',
    title: 'topic',
    titleType: 'msg',
    giveUpMinutes: 60,
    wires: [['out'], ['out']],
    ...config,
  });

  it('tell a text, and send the message on with the outcome', async () => {
    const { bodies, url } = await webhook();
    house = await House.open([alerts], [tab, tell(url), out, caught]);
    house.collect('out');
    house.node('tell').receive({ topic: 'Nightly', payload: '12 backups', mine: 1 });
    const { mine, notification } = await house.message();
    const { state, attempts } = notification as { state: string; attempts: number };
    assert.deepEqual([mine, state, attempts], [1, 'delivered', 1]);
    assert.deepEqual([bodies[0]?.title, bodies[0]?.text], ['Nightly', '12 backups']);
  });

  it('tell an alert of an alerts node and of a rule as routes would', async () => {
    const { bodies, url } = await webhook();
    house = await House.open([alerts], [tab, tell(url, { title: '', titleType: 'str' }), out, caught]);
    house.collect('out');
    house.node('tell').receive({ payload: { id: 'a', ...told('firing') } });
    house.node('tell').receive({ payload: { id: 'b', ...told('ok') } });
    await house.message(({ payload }) => (payload as { id: string }).id === 'b');
    assert.deepEqual(
      bodies.map(({ status, title }) => [status, title]),
      [['firing', '[!] Alert: CPU, web'], ['resolved', '[!] Over: CPU, web'].map((one) => one.replace('[!]', '[ok]'))],
    );
  });

  it('try again what the channel does not take, also when they were closed meanwhile', async () => {
    let isUp = false;
    const { bodies, url } = await webhook(() => isUp);
    const flow = [tab, tell(url), out, caught];
    house = await House.open([alerts], flow);
    const tried = new Promise<void>((resolve) => {
      house.platform.alerts.dispatches.changes.subscribe(({ attempts }) => attempts === 1 && resolve());
    });
    house.node('tell').receive({ payload: 'late', mine: 2 });
    await tried;
    await house.redeploy([alerts], flow);
    house.collect('out');
    isUp = true;
    const { mine, notification } = await house.message();
    assert.deepEqual([mine, (notification as { attempts: number }).attempts, bodies.length], [2, 2, 1]);
  }).timeout(20_000);

  it('use a contact of the house, and say when there is none of that name', async () => {
    const { bodies, url } = await webhook();
    const notify = { ...tell(''), type: 'virtflow-notify', contact: 'ops' };
    house = await House.open([alerts], [tab, notify, out, caught]);
    house.collect('out');
    house.node('tell').receive({ payload: 'nobody hears' });
    assert.equal(codeOf(await house.message(({ error }) => error !== undefined)), 'CONTACT_UNKNOWN');
    const { settings } = house.platform.alerts;
    const changed = new Promise<void>((resolve) => {
      settings.changes.subscribe(() => resolve());
    });
    const contacts = [{ name: 'ops', type: 'webhook', settings: { url } }];
    writeFileSync(join(house.platform.dataDirectory, 'alerts.json'), JSON.stringify({ contacts }));
    await changed;
    house.node('tell').receive({ payload: 'heard' });
    await house.message(({ notification }) => notification !== undefined);
    assert.equal(bodies[0]?.text, 'heard');
  });

  it('tell nobody in a plan, and say what they would', async () => {
    const { bodies, url } = await webhook();
    house = await House.open([alerts], [tab, tell(url), out, caught]);
    house.collect('out');
    house.node('tell').receive({ topic: 'Nightly', payload: '12 backups', plan: true });
    const { notification } = await house.message();
    const { state, content } = notification as { state: string; content: { text: string } };
    assert.deepEqual([state, content.text, bodies.length], ['planned', '12 backups', 0]);
    assert.equal(house.platform.alerts.notifications().length, 0);
  });

  it('refuse a message that says nothing, and settings that are none', async () => {
    house = await House.open([alerts], [tab, tell('no address'), out, caught]);
    house.collect('out');
    house.node('tell').receive({ payload: 'x' });
    assert.equal(codeOf(await house.message()), 'CONTACT_INVALID');
    const { url } = await webhook();
    await house.redeploy([alerts], [tab, tell(url), out, caught]);
    house.collect('out');
    house.node('tell').receive({});
    await house.message((message) => codeOf(message) === 'NOTIFICATION_INVALID');
  });
});

describe('nodes that acknowledge and silence', () => {
  let house: House;
  afterEach(() => house.close());

  async function open(type: string, config: object): Promise<void> {
    const node = { id: 'node', type, z: 'tab', name: '', wires: [['out']], ...config };
    house = await House.open([alerts], [tab, labNode, node, out, caught]);
    house.collect('out');
    void house.platform.alerts.take(told('firing'));
  }
  const ongoing = () => house.platform.alerts.ongoing()[0] ?? assert.fail('nothing goes on');

  it('take an alert up, with the comment of the message', async () => {
    await open('virtflow-acknowledge-alert', { does: 'acknowledge', comment: 'by night' });
    house.node('node').receive({ alert: ongoing(), comment: 'the flow is on it' });
    await house.message();
    assert.equal(ongoing().acknowledged?.comment, 'the flow is on it');
  });

  it('change nothing in a plan', async () => {
    await open('virtflow-acknowledge-alert', {});
    house.node('node').receive({ alert: ongoing(), plan: true });
    await house.message();
    assert.equal(ongoing().acknowledged, null);
  });

  it('refuse an alert that is over', async () => {
    await open('virtflow-acknowledge-alert', {});
    const { id } = ongoing();
    void house.platform.alerts.take(told('ok'));
    house.node('node').receive({ payload: id });
    assert.equal(codeOf(await house.message()), 'ALERT_OVER');
  });

  it('silence the alert of a message and nothing else, and end that', async () => {
    await open('virtflow-silence-alerts', { does: 'alert', minutes: 5, comment: 'known' });
    void house.platform.alerts.take(told('firing', 'db'));
    const web = house.platform.alerts.ongoing().find(({ name }) => name === 'web');
    house.node('node').receive({ alert: web });
    const { silence } = await house.message();
    const silent = () => house.platform.alerts.ongoing().filter((one) => house.platform.alerts.suppression(one));
    assert.deepEqual(
      silent().map(({ name }) => name),
      ['web'],
    );
    const end = { id: 'node', type: 'virtflow-silence-alerts', z: 'tab', name: '', does: 'end', wires: [['out']] };
    await house.redeploy([alerts], [tab, end, out, caught]);
    house.collect('out');
    house.node('node').receive({ silence });
    await house.message(({ silence: one }) => (one as { endedBy: string | null }).endedBy === 'flow');
    assert.deepEqual(silent(), []);
  });

  it('refuse a silence of which nobody knows what it is for', async () => {
    await open('virtflow-silence-alerts', { does: 'matching', minutes: 5 });
    house.node('node').receive({});
    assert.equal(codeOf(await house.message()), 'SILENCE_INVALID');
  });
});
