import assert from 'node:assert/strict';
import operations from '../../nodes/operations/operations.ts';
import type { Message } from '../../nodes/runtime/red.ts';
import { ignoreShutdown } from '../../plugins/simulator/accidents.ts';
import { House, labNode } from './house.ts';

const tab = { id: 'tab', type: 'tab', label: 'test' };
const out = { id: 'out', type: 'helper', z: 'tab' };
const failed = { id: 'failed', type: 'helper', z: 'tab' };
const caught = { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] };

interface Item {
  readonly name: string;
  readonly ok: boolean;
  readonly error?: { readonly code: string };
}

const itemsOf = ({ payload }: Message) => payload as readonly Item[];
const operationOf = ({ operation }: Message) => operation as { readonly id: string; readonly state: string };
const codeOf = ({ error }: Message) => (error as { code?: string } | undefined)?.code;
const isGood = (message: Message) => message.error === undefined;

let house: House;

async function open(type: string, config: object): Promise<void> {
  const node = { id: 'node', type, z: 'tab', name: '', wires: [['out'], ['failed']], ...config };
  house = await House.open([operations], [tab, labNode, node, out, failed, caught]);
  house.collect('out');
  house.collect('failed');
}

function receive(message: object): void {
  house.node('node').receive(message);
}

async function ask(type: string, config: object, message: object): Promise<Message> {
  await open(type, config);
  receive(message);
  return house.message();
}

const power = (name: string) => house.platform.inventory.named('vm', name)[0]?.power;

describe('a batch node', () => {
  afterEach(() => house.close());

  const web = { selector: "power = 'running' and $contains(name, 'web')" };

  it('does its action on each object that its selector matches then, with a result for each', async () => {
    const target = { mode: 'selector', names: [], ...web, property: 'target' };
    const message = await ask('virtflow-batch', { action: 'vm.pause', target }, { topic: 'kept' });
    assert.deepEqual(
      itemsOf(message).map(({ name, ok }) => [name, ok]),
      [
        ['web-01', true],
        ['web-02', true],
      ],
    );
    assert.equal(power('web-01'), 'paused');
    assert.equal(message.topic, 'kept');
    assert.equal(operationOf(message).state, 'succeeded');
  });

  it('answers with an empty list when nothing matches', async () => {
    const message = await ask('virtflow-batch', { action: 'vm.pause' }, { target: { selector: 'false' } });
    assert.deepEqual([message.payload, operationOf(message).state], [[], 'succeeded']);
  });

  it('sends on what succeeded and tells Catch nodes when some failed, and tries those again', async () => {
    await open('virtflow-batch', { action: 'vm.pause' });
    receive({ target: ['web-01', 'dev-02'] });
    const sent = await house.message(isGood);
    assert.deepEqual(
      itemsOf(sent).map(({ ok, error }) => [ok, error?.code]),
      [
        [true, undefined],
        [false, 'STATE_FORBIDS'],
      ],
    );
    assert.equal(codeOf(await house.message((message) => !isGood(message))), 'OPERATION_PARTIAL');
    const start = { action: 'vm.start', target: 'dev-02' };
    const { operations: engine } = house.platform;
    const [vm] = house.platform.inventory.named('vm', start.target);
    assert.ok(vm);
    const origin = { through: 'flow', principal: 'test' } as const;
    const { id } = await engine.submit({ action: start.action, target: vm, parameters: {}, origin });
    await engine.finished(id);
    receive({ retry: true, operation: operationOf(sent), again: true });
    const again = await house.message(({ again, error }) => again === true && error === undefined);
    assert.deepEqual(
      itemsOf(again).map(({ name, ok }) => [name, ok]),
      [['dev-02', true]],
    );
  });

  it('has a second output for when some failed, and then tells no Catch node', async () => {
    await open('virtflow-batch', { action: 'vm.pause', failedOutput: true });
    receive({ target: ['web-01', 'dev-02'] });
    const message = await house.message();
    assert.deepEqual([codeOf(message), itemsOf(message).length], [undefined, 2]);
    assert.equal(operationOf(message).state, 'partial');
  });

  it('says of each that it was not begun, and takes back what was done', async () => {
    const config = { action: 'vm.pause', order: 'sequence', onError: 'roll-back', failedOutput: true };
    const message = await ask('virtflow-batch', config, { target: ['web-01', 'dev-02', 'web-02'] });
    assert.deepEqual(
      itemsOf(message).map(({ error }) => error?.code),
      [undefined, 'STATE_FORBIDS', 'STEP_SKIPPED'],
    );
    assert.equal(power('web-01'), 'running');
  });

  it('works level by level, as tags say, the highest first', async () => {
    const message = await ask(
      'virtflow-batch',
      { action: 'vm.pause', order: 'levels-down', levelTag: 'prod' },
      { target: web },
    );
    assert.deepEqual(
      itemsOf(message).map(({ name, ok }) => [name, ok]),
      [
        ['web-01', true],
        ['web-02', true],
      ],
    );
    const [level] = house.platform.operations.children(operationOf(message).id);
    assert.deepEqual([level?.action, level?.targetName], ['group.parallel', 'no level']);
  });

  it('only plans when it is told to', async () => {
    const message = await ask('virtflow-batch', { action: 'vm.pause' }, { target: web, plan: true });
    assert.deepEqual([itemsOf(message).length, operationOf(message).state], [2, 'planned']);
    assert.equal(power('web-01'), 'running');
  });

  it('is cancelled with all that it has under way', async () => {
    await open('virtflow-batch', { action: 'vm.shutdown', failedOutput: true });
    const queued = new Promise<void>((resolve) => {
      house.platform.operations.events.subscribe(({ type }) => type === 'started' && resolve());
    });
    receive({ target: web, parameters: { waitSeconds: 900, method: 'acpi' } });
    await queued;
    receive({ cancel: true });
    const { state } = operationOf(await house.message());
    assert.ok(['cancelled', 'succeeded', 'partial'].includes(state), state);
  });

  const refused: readonly [name: string, message: object, code: string][] = [
    ['a target that is not there', { target: ['web-01', 'web-99'] }, 'OBJECT_UNKNOWN'],
    ['a parameter that there is not', { target: 'web-01', parameters: { odd: 1 } }, 'PARAMETER_INVALID'],
    ['a retry of nothing', { retry: true, payload: 7 }, 'MESSAGE_INVALID'],
    ['a retry of what nobody knows', { retry: true, operation: 'gone' }, 'OPERATION_UNKNOWN'],
  ];
  for (const [name, message, code] of refused) {
    it(`refuses ${name}`, async () => {
      assert.equal(codeOf(await ask('virtflow-batch', { action: 'vm.pause' }, message)), code);
    });
  }
});

describe('a steps node', () => {
  afterEach(() => house.close());

  const list = (...names: string[]) => ({ mode: 'list', names, selector: '', property: 'target' });

  it('does the steps of its form in their order', async () => {
    const steps = [
      { action: 'vm.pause', target: list('web-01'), parameters: '', parametersType: 'json', weight: '3' },
      { action: 'vm.resume', target: list('web-01'), parameters: '{}', parametersType: 'json' },
      {
        action: 'vm.shutdown',
        target: { ...list(), mode: 'message', property: 'payload' },
        parameters: '{"force":true}',
      },
    ];
    const message = await ask('virtflow-group', { name: 'there and back', steps }, { payload: 'web-02' });
    const { count, items } = message.payload as { count: number; items: readonly { action: string }[] };
    assert.deepEqual([count, items.map(({ action }) => action)], [3, ['vm.pause', 'vm.resume', 'vm.shutdown']]);
    const { group, targetName } = message.operation as { group: { members: object[] }; targetName: string };
    assert.deepEqual([targetName, (group.members[0] as { weight?: number }).weight], ['there and back', 3]);
  });

  it('does the steps that the message brings, and succeeds with none', async () => {
    await open('virtflow-group', { order: 'parallel', limit: '2' });
    receive({ steps: [{ action: 'vm.pause', target: ['web-01', 'web-02'] }] });
    assert.equal(((await house.message()).payload as { count: number }).count, 2);
    receive({ steps: [], none: true });
    const { payload } = await house.message(({ none }) => none === true);
    assert.equal((payload as { count: number }).count, 0);
  });

  it('tells the plan of all of them as lines', async () => {
    const steps = [
      { action: 'vm.shutdown', target: 'web-01' },
      { action: 'vm.start', target: 'web-01' },
    ];
    const { payload } = await ask('virtflow-group', { mode: 'plan' }, { steps });
    assert.match((payload as { text: string }).text, /2\. vm\.start of web-01 would change power: halted → running/);
  });

  const refused: readonly [name: string, message: object, code: string][] = [
    ['steps that are no list', { steps: 'all' }, 'GROUP_INVALID'],
    ['an action that does not exist', { steps: [{ action: 'vm.fly', target: 'web-01' }] }, 'ACTION_UNKNOWN'],
    ['a target that is missing', { steps: [{ action: 'vm.start' }] }, 'TARGET_MISSING'],
  ];
  for (const [name, message, code] of refused) {
    it(`refuses ${name}`, async () => {
      assert.equal(codeOf(await ask('virtflow-group', {}, message)), code);
    });
  }

  it('refuses a form with a step that names no action', async () => {
    assert.equal(codeOf(await ask('virtflow-group', { steps: [{}] }, {})), 'GROUP_INVALID');
  });
});

describe('an undo node', () => {
  afterEach(() => house.close());

  async function flow(config: object): Promise<void> {
    const pause = { id: 'pause', type: 'virtflow-action', z: 'tab', name: '', action: 'vm.pause', wires: [['node']] };
    const undo = { id: 'node', type: 'virtflow-undo', z: 'tab', name: '', wires: [['out']], ...config };
    house = await House.open([operations], [tab, labNode, pause, undo, out, caught]);
    house.collect('out');
    house.node('pause').receive({ target: 'web-01' });
  }

  it('takes back the operation of the message, and once', async () => {
    await flow({});
    const message = await house.message();
    const { action, undoes } = message.operation as { action: string; undoes: string };
    assert.deepEqual([action, power('web-01')], ['vm.resume', 'running']);
    house.node('node').receive({ payload: { id: undoes } });
    assert.equal(codeOf(await house.message((again) => again.error !== undefined)), 'UNDO_IMPOSSIBLE');
  });

  it('only plans when it is told to', async () => {
    await flow({ mode: 'plan' });
    assert.equal(operationOf(await house.message()).state, 'planned');
    assert.equal(power('web-01'), 'paused');
  });

  it('takes back all that its run did', async () => {
    await flow({ what: 'run' });
    const { payload } = await house.message();
    assert.deepEqual([(payload as { count: number }).count, power('web-01')], [1, 'running']);
  });
});

describe('a message whose group node is closed while its group is under way', () => {
  afterEach(() => house.close());

  it('is answered by the node that is opened in its place, and nothing is begun twice', async () => {
    const steps = [
      { action: 'vm.shutdown', target: 'web-01', parameters: { waitSeconds: 3600 } },
      { action: 'vm.start', target: 'dev-02' },
    ];
    const node = { id: 'node', type: 'virtflow-group', z: 'tab', name: '', onError: 'continue', wires: [['out'], []] };
    const flow = [tab, labNode, node, out, failed, caught];
    house = await House.open([operations], flow);
    ignoreShutdown(house.world.vmNamed('web-01'));
    const runs = house.status('node', ({ fill }) => fill === 'blue');
    receive({ steps, mine: 'kept' });
    await runs;
    await house.redeploy([operations], flow);
    house.collect('out');
    const { operations: engine } = house.platform;
    const [running] = engine.history({ action: 'vm.shutdown' });
    assert.ok(running);
    engine.cancel(running.id, 'somebody');
    const answer = await house.message(isGood);
    assert.deepEqual([answer.mine, operationOf(answer).state], ['kept', 'partial']);
    assert.equal(codeOf(await house.message((message) => !isGood(message))), 'OPERATION_PARTIAL');
    assert.equal(engine.history({ action: 'group.sequence' }).length, 1);
    assert.equal(engine.children(operationOf(answer).id).length, 2);
  });
});
