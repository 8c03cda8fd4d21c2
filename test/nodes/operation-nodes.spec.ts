import assert from 'node:assert/strict';
import operations from '../../nodes/operations/operations.ts';
import type { Message } from '../../nodes/runtime/red.ts';
import { House, labNode } from './house.ts';

const tab = { id: 'tab', type: 'tab', label: 'test' };
const out = { id: 'out', type: 'helper', z: 'tab' };
const caught = { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] };

describe('the generic action node', () => {
  let house: House;
  afterEach(() => house.close());

  async function ask(config: object, message: object): Promise<Message> {
    const action = { id: 'action', type: 'virtflow-action', z: 'tab', name: '', wires: [['out']], ...config };
    house = await House.open([operations], [tab, labNode, action, out, caught]);
    house.collect('out');
    house.node('action').receive(message);
    return house.message();
  }

  const codeOf = ({ error }: Message) => (error as { code?: string } | undefined)?.code;

  it('does the action that it is configured with', async () => {
    const { payload } = await ask({ action: 'vm.pause' }, { target: 'web-01' });
    assert.deepEqual(payload, { changed: true, power: 'paused' });
  });

  it('does the action that the message names, whatever is configured', async () => {
    const { operation } = await ask({ action: 'vm.pause' }, { action: 'vm.start', target: 'dev-02' });
    assert.equal((operation as { action: string }).action, 'vm.start');
  });

  it('merges its parameters with those of the message', async () => {
    const config = { parameters: '{"waitSeconds":5,"force":true}', parametersType: 'json' };
    const message = { action: 'vm.shutdown', target: 'web-01', parameters: { waitSeconds: '9' } };
    const { operation } = await ask(config, message);
    const { parameters } = operation as { parameters: object };
    assert.deepEqual(parameters, { method: 'auto', waitSeconds: 9, force: true });
  });

  it('takes parameters from an expression', async () => {
    const config = { action: 'vm.start', parameters: '{ "paused": payload }', parametersType: 'jsonata' };
    const { payload } = await ask(config, { target: 'dev-02', payload: true });
    assert.deepEqual(payload, { changed: true, power: 'paused' });
  });

  it('only plans when the message or its configuration says so', async () => {
    const planned = await ask({ action: 'vm.pause', mode: 'plan' }, { target: 'web-01' });
    const { state, result } = planned.operation as { state: string; result: { calls: unknown } };
    assert.deepEqual([state, result.calls, planned.payload], ['planned', ['pause'], result]);
    await house.close();
    const asked = await ask({ action: 'vm.pause' }, { target: 'web-01', plan: true });
    assert.equal((asked.operation as { state: string }).state, 'planned');
  });

  it('makes something new on a connection', async () => {
    const message = { action: 'vm.define', target: 'lab', parameters: { definition: '{"name":"new-02"}' } };
    assert.equal(codeOf(await ask({}, message)), undefined);
  });

  const refused: readonly [name: string, config: object, message: object, code: string][] = [
    ['an action that does not exist', {}, { action: 'vm.fly', target: 'web-01' }, 'ACTION_UNKNOWN'],
    ['a message that names none', {}, { target: 'web-01' }, 'MESSAGE_INVALID'],
    ['an action that is no text', {}, { action: 7, target: 'web-01' }, 'MESSAGE_INVALID'],
    ['parameters that are no JSON', { action: 'vm.start', parameters: '{' }, { target: 'dev-02' }, 'PARAMETER_INVALID'],
    ['parameters that are no object', { action: 'vm.start', parameters: '[]' }, { target: 'x' }, 'PARAMETER_INVALID'],
    ['a connection that is not there', {}, { action: 'vm.define', target: 'gone' }, 'CONNECTION_UNKNOWN'],
  ];
  for (const [name, config, message, code] of refused) {
    it(`refuses ${name}`, async () => {
      assert.equal(codeOf(await ask(config, message)), code);
    });
  }
});

describe('an operation events node', () => {
  let house: House;
  afterEach(() => house.close());

  async function open(config: object): Promise<void> {
    const events = { id: 'events', type: 'virtflow-operation-events', z: 'tab', name: '', wires: [['out']], ...config };
    const action = { id: 'action', type: 'virtflow-action', z: 'tab', name: '', wires: [[]] };
    house = await House.open([operations], [tab, labNode, events, action, out]);
    house.collect('out');
  }

  it('tells how operations end', async () => {
    await open({});
    house.node('action').receive({ action: 'vm.start', target: 'dev-02' });
    const { topic, payload, event } = await house.message();
    assert.deepEqual([topic, event], ['vm.start/succeeded', 'ended']);
    assert.equal((payload as { targetName: string }).targetName, 'dev-02');
    assert.equal(house.received.length, 1);
  });

  it('tells of progress as well when it is asked to', async () => {
    await open({ states: ['queued'], progress: true });
    house.node('action').receive({ action: 'vm.start', target: 'dev-02' });
    await house.message(({ event }) => event === 'queued');
  });

  it('passes over other actions, objects and connections', async () => {
    await open({ action: 'vm.pause', object: 'web-02', connection: 'lab-node' });
    house.node('action').receive({ action: 'vm.start', target: 'dev-02' });
    house.node('action').receive({ action: 'vm.pause', target: ['web-01', 'web-02'] });
    const { payload } = await house.message();
    assert.equal((payload as { targetName: string }).targetName, 'web-02');
    assert.equal(house.received.length, 1);
  });
});
