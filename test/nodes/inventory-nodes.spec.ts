import assert from 'node:assert/strict';
import inventory from '../../nodes/inventory/inventory.ts';
import type { Message } from '../../nodes/runtime/red.ts';
import vmActions from '../../nodes/vm-actions/vm-actions.ts';
import { House, labNode } from './house.ts';

const tab = { id: 'tab', type: 'tab', label: 'test' };
const out = { id: 'out', type: 'helper', z: 'tab' };
const caught = { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] };
const all = { mode: 'all', names: [], selector: '', property: 'target' };

describe('a vm query node', () => {
  let house: House;
  afterEach(() => house.close());

  async function ask(config: object, message: object = {}): Promise<Message> {
    const query = {
      id: 'query',
      type: 'virtflow-vm-query',
      z: 'tab',
      name: '',
      target: all,
      wires: [['out']],
      ...config,
    };
    house = await House.open([inventory], [tab, labNode, query, out, caught]);
    house.collect('out');
    house.node('query').receive(message);
    return house.message();
  }

  const names = (message: Message) => (message.payload as { name: string }[]).map(({ name }) => name);

  it('finds all VMs, by name', async () => {
    const found = names(await ask({}));
    assert.equal(found.length, 12);
    assert.deepEqual(found, found.toSorted());
  });

  it('finds what a selector matches, in the order that was asked for', async () => {
    const selector = { mode: 'selector', names: [], selector: '$contains(name, /^web/)', property: '' };
    assert.deepEqual(names(await ask({ target: selector, descending: true })), ['web-02', 'web-01']);
  });

  it('lets msg.target win', async () => {
    assert.deepEqual(names(await ask({}, { target: ['db-01'] })), ['db-01']);
  });

  it('sends a message for each VM, which a join node can put together again', async () => {
    const message = await ask({ output: 'each' }, { mine: 1 });
    const { index, count } = message.parts as { index: number; count: number };
    assert.deepEqual([index, count, message.mine], [0, 12, 1]);
    await house.message(({ parts }) => (parts as { index: number }).index === 11);
  });

  it('fails when nothing matches, if so configured', async () => {
    const message = await ask({ empty: 'error' }, { target: { selector: 'false' } });
    assert.equal((message.error as { code: string }).code, 'OBJECT_UNKNOWN');
  });

  it('sends an empty list when nothing matches', async () => {
    assert.deepEqual((await ask({ output: 'each' }, { target: { selector: 'false' } })).payload, []);
  });

  it('refuses a selector that cannot be read', async () => {
    const message = await ask({}, { target: { selector: 'power =' } });
    assert.equal((message.error as { code: string }).code, 'SELECTOR_INVALID');
  });
});

describe('a vm events node', () => {
  let house: House;
  afterEach(() => house.close());

  async function open(config: object): Promise<void> {
    const events = {
      id: 'events',
      type: 'virtflow-vm-events',
      z: 'tab',
      name: '',
      target: all,
      wires: [['out']],
      ...config,
    };
    const start = { id: 'start', type: 'virtflow-vm-start', z: 'tab', wires: [[]] };
    const pause = { id: 'pause', type: 'virtflow-vm-pause', z: 'tab', wires: [[]] };
    house = await House.open([inventory, vmActions], [tab, labNode, events, start, pause, out]);
    house.collect('out');
  }

  it('tells what happens, with the VM as it is then', async () => {
    await open({ types: ['vm.started'] });
    house.node('start').receive({ target: 'dev-02' });
    const { topic, payload, vm } = await house.message();
    assert.equal(topic, 'vm.started');
    assert.equal((payload as { name: string }).name, 'dev-02');
    assert.equal((vm as { power: string }).power, 'running');
  });

  it('passes over other types and other VMs', async () => {
    await open({ types: ['vm.paused'], target: { ...all, mode: 'list', names: ['lab/web-02'] } });
    house.node('start').receive({ target: 'dev-02' });
    house.node('pause').receive({ target: ['web-01', 'web-02'] });
    const { payload } = await house.message();
    assert.equal((payload as { name: string }).name, 'web-02');
    assert.equal(house.received.length, 1);
  });

  it('tells of the VMs that a selector matches', async () => {
    await open({ types: [], target: { ...all, mode: 'selector', selector: "name = 'web-02'" } });
    house.node('pause').receive({ target: ['web-01', 'web-02'] });
    assert.equal(((await house.message()).payload as { name: string }).name, 'web-02');
  });

  it('stays down with a selector that cannot be read', async () => {
    await open({ types: [], target: { ...all, mode: 'selector', selector: 'power =' } });
    house.node('pause').receive({ target: 'web-01' });
    await new Promise<void>((resolve) => {
      house.platform.operations.events.subscribe(({ type }) => type === 'ended' && resolve());
    });
    assert.equal(house.received.length, 0);
  });
});
