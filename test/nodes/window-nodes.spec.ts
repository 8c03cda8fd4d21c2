import assert from 'node:assert/strict';
import calendar from '../../nodes/calendar/calendar.ts';
import type { NodeRed, RedNode } from '../../nodes/runtime/red.ts';
import { House } from './house.ts';

const hourMs = 3_600_000;
const local = (at: number) => new Date(at).toISOString().slice(0, 19);
const when = { type: 'once', from: local(Date.now() - hourMs), until: local(Date.now() + 24 * hourMs), zone: 'UTC' };
const freeze = { id: 'freeze', kind: 'blackout', reason: 'test', when };
const tab = { id: 'tab', type: 'tab', label: 'test' };
const out = { id: 'out', type: 'helper', z: 'tab' };
const caught = { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] };

describe('nodes about windows', () => {
  let house: House | undefined;

  afterEach(async () => {
    await house?.close();
    house = undefined;
  });

  async function open(type: string, wires: string[][]): Promise<House> {
    const node = { id: 'node', type, z: 'tab', name: '', window: 'freeze', wires };
    house = await House.open([calendar], [tab, node, out, caught]);
    house.collect('out');
    return house;
  }

  it('tell once when a window begins', async () => {
    const opened = await open('virtflow-window-events', [['out'], []]);
    opened.platform.calendar.put('test', freeze);
    const { topic, payload } = await opened.message();
    const { id, kind, until } = payload as { id: string; kind: string; until: number };
    assert.deepEqual([topic, id, kind, until], ['freeze/started', 'freeze', 'blackout', Date.parse(`${when.until}Z`)]);
  });

  it('tell when a window ends', async () => {
    const opened = await open('virtflow-window-events', [[], ['out']]);
    opened.platform.calendar.put('test', freeze);
    opened.platform.calendar.delete('test', 'freeze');
    assert.equal((await opened.message()).topic, 'freeze/ended');
  });

  it('tell what was found at a start before there were flows, once, to a node that was there before', async () => {
    const opened = await open('virtflow-within-window', [['out'], []]);
    const { calendar: room, store } = opened.platform;
    const come: unknown[] = [];
    const recorder = (RED: NodeRed) =>
      RED.nodes.registerType('recorder', function record(this: RedNode, config: unknown) {
        RED.nodes.createNode(this, config);
        this.on('input', ({ topic }) => come.push(topic));
      });
    const node = (id: string) => ({
      id,
      type: 'virtflow-window-events',
      z: 'tab',
      window: '*',
      wires: [['rec'], ['rec']],
    });
    const flow = [tab, node('old'), node('new'), { id: 'rec', type: 'recorder', z: 'tab' }];
    // It has been there in a life before.
    store.states.put('calendar-listeners', 'old', true);
    room.put('test', freeze);
    await opened.redeploy([calendar, recorder], flow);
    room.delete('test', 'freeze');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(come, ['freeze/started', 'freeze/ended', 'freeze/ended']);
    await opened.deploy([tab, { ...node('old'), name: 'again' }, ...flow.slice(2)]);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(come.length, 3);
  });

  it('send a message on as the window is open or not', async () => {
    const opened = await open('virtflow-within-window', [['out'], []]);
    opened.platform.calendar.put('test', freeze);
    opened.node('node').receive({ payload: 1 });
    assert.equal((await opened.message()).payload, 1);
  });

  it('say so when there is no such window', async () => {
    const opened = await open('virtflow-within-window', [['out'], []]);
    opened.node('node').receive({ payload: 1 });
    assert.equal(((await opened.message()).error as { code: string }).code, 'WINDOW_UNKNOWN');
  });
});
