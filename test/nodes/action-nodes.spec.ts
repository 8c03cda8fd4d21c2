import assert from 'node:assert/strict';
import type { Message } from '../../nodes/runtime/red.ts';
import vmActions from '../../nodes/vm-actions/vm-actions.ts';
import { House, labNode } from './house.ts';

const tab = { id: 'tab', type: 'tab', label: 'test' };
const byName = (...names: string[]) => ({ mode: 'list', names, selector: '', property: 'target' });

function flowWith(type: string, config: object): object[] {
  return [
    tab,
    labNode,
    { id: 'action', type, z: 'tab', name: '', wires: [['out']], ...config },
    { id: 'out', type: 'helper', z: 'tab' },
    { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['errors']] },
    { id: 'errors', type: 'helper', z: 'tab' },
  ];
}

describe('an action node', () => {
  let house: House;

  async function open(type: string, config: object = {}): Promise<void> {
    house = await House.open([vmActions], flowWith(type, config));
    house.collect('out');
    house.collect('errors');
  }

  async function ask(message: object): Promise<Message> {
    house.node('action').receive(message);
    return house.message();
  }

  const powerOf = (name: string) => house.platform.inventory.named('vm', name)[0]?.power;

  afterEach(() => house.close());

  it('does what it says, and adds the result and the operation to the message', async () => {
    await open('virtflow-vm-start', { target: byName('dev-02') });
    const answer = await ask({ mine: 'kept', topic: 'before' });
    assert.deepEqual([answer.mine, answer.topic, answer.error], ['kept', 'before', undefined]);
    assert.deepEqual(answer.payload, { changed: true, power: 'running' });
    assert.equal(powerOf('dev-02'), 'running');
    const operation = answer.operation as { state: string; origin: object };
    assert.equal(operation.state, 'succeeded');
    const mark = answer._virtflow as { run: string; delivery: string };
    const origin = { through: 'flow', principal: 'node-red', node: 'action', flow: 'tab', ...mark };
    assert.deepEqual(operation.origin, origin);
  });

  it('succeeds without a change where it is so already', async () => {
    await open('virtflow-vm-start', { target: byName('web-01') });
    assert.deepEqual((await ask({})).payload, { changed: false });
  });

  it('lets msg.target win over its configuration', async () => {
    await open('virtflow-vm-pause', { target: byName('web-01') });
    await ask({ target: 'lab/web-02' });
    assert.deepEqual([powerOf('web-01'), powerOf('web-02')], ['running', 'paused']);
  });

  it('takes the target from the property that it was told', async () => {
    await open('virtflow-vm-pause', { target: { mode: 'message', names: [], selector: '', property: 'payload.vm' } });
    await ask({ payload: { vm: 'web-02' } });
    assert.equal(powerOf('web-02'), 'paused');
  });

  it('does not fall back on its configuration when msg.target is empty', async () => {
    await open('virtflow-vm-pause', { target: byName('web-01') });
    const caught = await ask({ target: '' });
    assert.equal(codeOf(caught), 'TARGET_MISSING');
    assert.equal(powerOf('web-01'), 'running');
  });

  it('answers several targets with a list, one entry for each', async () => {
    await open('virtflow-vm-pause', { target: byName('web-01', 'web-02') });
    const answer = await ask({});
    const parts = answer.payload as { name: string; ok: boolean; result: object }[];
    assert.deepEqual(
      parts.map(({ name, ok, result }) => ({ name, ok, result })),
      ['web-01', 'web-02'].map((name) => ({ name, ok: true, result: { changed: true, power: 'paused' } })),
    );
    assert.equal((answer.operations as object[]).length, 2);
  });

  it('answers a selector with a list even when it matches one', async () => {
    await open('virtflow-vm-start', { target: { mode: 'selector', names: [], selector: "name = 'dev-02'" } });
    const parts = (await ask({})).payload as { name: string }[];
    assert.deepEqual(
      parts.map(({ name }) => name),
      ['dev-02'],
    );
  });

  it('answers a selector that matches nothing with an empty list', async () => {
    await open('virtflow-vm-start');
    assert.deepEqual((await ask({ target: { selector: "name = 'none'" } })).payload, []);
  });

  it('sends on what succeeded and tells Catch nodes when some of several fail', async () => {
    await open('virtflow-vm-pause');
    house.node('action').receive({ target: ['web-01', 'dev-02'] });
    const answer = await house.message((message) => message.error === undefined);
    const caught = await house.message((message) => message.error !== undefined);
    const parts = answer.payload as { name: string; ok: boolean; error?: { code: string } }[];
    assert.deepEqual(
      parts.map(({ name, ok, error }) => [name, ok, error?.code]),
      [
        ['web-01', true, undefined],
        ['dev-02', false, 'STATE_FORBIDS'],
      ],
    );
    assert.equal(codeOf(caught), 'OPERATION_PARTIAL');
  });

  it('sends nothing on when all of several fail', async () => {
    await open('virtflow-vm-pause', { target: byName('dev-02', 'template-debian-12') });
    const caught = await ask({});
    assert.equal(codeOf(caught), 'OPERATION_PARTIAL');
    assert.equal(house.received.length, 1);
    assert.equal((caught.payload as object[]).length, 2);
  });

  it('tells Catch nodes the code, what happened and what to do', async () => {
    await open('virtflow-vm-pause', { target: byName('dev-02') });
    const { error, target } = (await ask({ target: undefined })) as { error: Record<string, unknown>; target: unknown };
    assert.equal(target, undefined);
    assert.equal(error.code, 'STATE_FORBIDS');
    assert.match(String(error.message), /^STATE_FORBIDS: vm "dev-02" is halted; .* needs it to be running\. \w.*\.$/);
    assert.equal('stack' in error, false);
  });

  it('refuses a VM that does not exist', async () => {
    await open('virtflow-vm-start', { target: byName('lab/nothing') });
    assert.equal(codeOf(await ask({})), 'OBJECT_UNKNOWN');
  });

  it('refuses a parameter out of its range before anything is done', async () => {
    await open('virtflow-vm-shutdown', { target: byName('web-01') });
    const caught = await ask({ parameters: { waitSeconds: 0 } });
    assert.equal(codeOf(caught), 'PARAMETER_INVALID');
    assert.equal(powerOf('web-01'), 'running');
  });

  it('refuses a parameter that it does not have', async () => {
    await open('virtflow-vm-shutdown', { target: byName('web-01') });
    assert.equal(codeOf(await ask({ parameters: { wait: 5 } })), 'PARAMETER_INVALID');
  });

  it('takes parameters from the message, then from the form, where numbers are text', async () => {
    await open('virtflow-vm-shutdown', { target: byName('web-01'), method: 'acpi', waitSeconds: '30', force: true });
    const { operation } = (await ask({ parameters: { force: 'false' } })) as { operation: { parameters: object } };
    assert.deepEqual(operation.parameters, { method: 'acpi', waitSeconds: 30, force: false });
  });

  it('refuses a time-out that is none', async () => {
    await open('virtflow-vm-start', { target: byName('dev-02') });
    assert.equal(codeOf(await ask({ timeoutSeconds: 'soon' })), 'PARAMETER_INVALID');
  });

  it('does the same thing once for the same key', async () => {
    await open('virtflow-vm-reboot', { target: byName('web-01') });
    const first = await ask({ idempotencyKey: 'monday', run: 1 });
    house.node('action').receive({ idempotencyKey: 'monday', run: 2 });
    const second = await house.message((message) => message.run === 2);
    assert.equal((second.operation as { id: string }).id, (first.operation as { id: string }).id);
  });

  it('cancels what it runs', async () => {
    await open('virtflow-vm-shutdown', { target: byName('web-01'), waitSeconds: 3600 });
    const guest = house.world.vmNamed('web-01');
    const { ignoreShutdown } = await import('../../plugins/simulator/accidents.ts');
    ignoreShutdown(guest);
    house.node('action').receive({});
    await house.status('action', ({ fill }) => fill === 'blue');
    house.node('action').receive({ cancel: true });
    assert.equal(codeOf(await house.message()), 'OPERATION_CANCELLED');
  });

  it('shows progress while it runs and the end afterwards', async () => {
    await open('virtflow-vm-start', { target: byName('dev-02') });
    const ended = house.status('action', ({ fill }) => fill === 'green');
    const running = house.status('action', ({ fill }) => fill === 'blue');
    house.node('action').receive({});
    assert.match(String((await running).text), /^\d+%/);
    assert.match(String((await ended).text), /^✓ \d\d:\d\d:\d\d$/);
  });

  it('only plans when the message says so, and passes on what it would do', async () => {
    await open('virtflow-vm-start', { target: byName('dev-02') });
    const shown = house.status('action', ({ fill }) => fill === 'grey');
    const { payload, operation, plan } = await ask({ plan: true });
    const { changes, undo } = payload as { changes: unknown; undo: unknown };
    assert.deepEqual(changes, [{ what: 'power', before: 'halted', after: 'running' }]);
    assert.deepEqual([undo, plan], [{ action: 'vm.shutdown' }, true]);
    assert.equal((operation as { state: string }).state, 'planned');
    assert.match(String((await shown).text), /planned/);
    assert.equal(powerOf('dev-02'), 'halted');
  });

  it('only plans when it is configured so, unless the message says otherwise', async () => {
    await open('virtflow-vm-start', { target: byName('dev-02'), mode: 'plan' });
    assert.equal(stateOf(await ask({})), 'planned');
    assert.equal(powerOf('dev-02'), 'halted');
    house.node('action').receive({ plan: false, run: 2 });
    assert.equal(stateOf(await house.message(({ run }) => run === 2)), 'succeeded');
    assert.equal(powerOf('dev-02'), 'running');
  });

  it('refuses a plan that is neither true nor false, and does nothing', async () => {
    await open('virtflow-vm-start', { target: byName('dev-02') });
    assert.equal(codeOf(await ask({ plan: 'perhaps' })), 'PARAMETER_INVALID');
    assert.equal(powerOf('dev-02'), 'halted');
  });

  it('plans several targets as a list, one plan for each', async () => {
    await open('virtflow-vm-pause', { target: byName('web-01', 'web-02') });
    const parts = (await ask({ plan: true })).payload as { ok: boolean; result: { object: { name: string } } }[];
    assert.deepEqual(
      parts.map(({ ok, result }) => [ok, result.object.name]),
      [
        [true, 'web-01'],
        [true, 'web-02'],
      ],
    );
    assert.deepEqual([powerOf('web-01'), powerOf('web-02')], ['running', 'running']);
  });

  it('runs after it has planned with the same key', async () => {
    await open('virtflow-vm-start', { target: byName('dev-02') });
    assert.equal(stateOf(await ask({ plan: true, idempotencyKey: 'monday' })), 'planned');
    house.node('action').receive({ idempotencyKey: 'monday', run: 2 });
    assert.equal(stateOf(await house.message(({ run }) => run === 2)), 'succeeded');
  });

  it('counts beneath itself what runs and what waits', async () => {
    await open('virtflow-vm-shutdown', { target: byName('web-01') });
    // Words stand as their keys in the helper's runtime.
    const counted = house.status('action', ({ text }) => text === 'status.someQueued');
    house.node('action').receive({ number: 1 });
    house.node('action').receive({ target: 'web-01', number: 2 });
    assert.deepEqual(await counted, { fill: 'blue', shape: 'dot', text: 'status.someQueued' });
    await house.message(({ number }) => number === 2);
  });

  it('marks what it asks for as quiet when it is told to', async () => {
    await open('virtflow-vm-start', { target: byName('dev-02'), quiet: true });
    const { operation } = await ask({});
    assert.equal((operation as { quiet?: boolean }).quiet, true);
  });

  it('makes a VM on the connection it was given', async () => {
    await open('virtflow-vm-define', { connection: 'lab-node', definition: JSON.stringify({ name: 'new-01' }) });
    await ask({});
    assert.equal(powerOf('new-01'), 'halted');
  });

  it('says so when its connection is not deployed', async () => {
    await open('virtflow-vm-define', { connection: 'gone', definition: '{"name":"new-01"}' });
    assert.equal(codeOf(await ask({})), 'CONNECTION_UNKNOWN');
  });
});

function stateOf({ operation }: Message): unknown {
  return typeof operation === 'object' && operation !== null && 'state' in operation ? operation.state : undefined;
}

function codeOf({ error }: Message): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
}
