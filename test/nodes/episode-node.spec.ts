import assert from 'node:assert/strict';
import operations from '../../nodes/operations/operations.ts';
import { House, labNode } from './house.ts';

const tab = { id: 'tab', type: 'tab', label: 'test' };
const out = { id: 'out', type: 'helper', z: 'tab' };
const caught = { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] };
const running = { mode: 'selector', names: [], selector: "power = 'running'", property: 'target' };
const episode = {
  id: 'node',
  type: 'virtflow-episode',
  z: 'tab',
  name: '',
  key: 'topic',
  keyType: 'msg',
  begins: 'payload < 30',
  ends: 'payload > 50',
};

describe('an episode node', () => {
  let house: House;
  const tell = (payload: number, topic = 'ups') => house.node('node').receive({ topic, payload });

  afterEach(() => house.close());

  it('sends what begins and what ends it, each once', async () => {
    const ended = { id: 'ended', type: 'helper', z: 'tab' };
    house = await House.open([operations], [tab, { ...episode, wires: [['out'], ['ended']] }, out, ended]);
    house.collect('out');
    house.collect('ended');
    for (const payload of [40, 29, 20, 40, 51, 60, 10]) tell(payload);
    await house.message(({ payload }) => payload === 10);
    assert.deepEqual(
      house.received.map(({ payload }) => payload),
      [29, 51, 10],
    );
  });

  it('refuses a message that does not tell what it is about', async () => {
    house = await House.open([operations], [tab, { ...episode, wires: [[], []] }, out, caught]);
    house.collect('out');
    tell(10, '');
    assert.equal(((await house.message()).error as { code: string }).code, 'MESSAGE_INVALID');
  });

  it('has undo take back at its end what was done at its begin, also what is still under way then', async () => {
    const pause = { id: 'pause', type: 'virtflow-batch', z: 'tab', name: '', action: 'vm.shutdown', target: running };
    const undo = { id: 'undo', type: 'virtflow-undo', z: 'tab', name: '', what: 'run', wait: true, wires: [['out']] };
    const flow = [
      tab,
      labNode,
      { ...episode, wires: [['pause'], ['undo']] },
      { ...pause, wires: [[]] },
      undo,
      out,
      caught,
    ];
    house = await House.open([operations], flow);
    const before = house.platform.inventory.list({ kind: 'vm' }).map(({ id, power }) => [id, power]);
    house.collect('out');
    const begun = new Promise<void>((resolve) => {
      house.platform.operations.events.subscribe(({ type }) => type === 'started' && resolve());
    });
    tell(10);
    await begun;
    tell(60);
    const { operation } = await house.message();
    assert.equal((operation as { state: string }).state, 'succeeded');
    assert.deepEqual(
      house.platform.inventory.list({ kind: 'vm' }).map(({ id, power }) => [id, power]),
      before,
    );
  });
});
