import assert from 'node:assert/strict';
import type { Message } from '../../nodes/runtime/red.ts';
import vmActions from '../../nodes/vm-actions/vm-actions.ts';
import { ignoreShutdown } from '../../plugins/simulator/accidents.ts';
import { House, labNode } from './house.ts';

const names = (...list: string[]) => ({ mode: 'list', names: list, selector: '', property: 'target' });

function flow(target: object, id = 'action'): object[] {
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    labNode,
    {
      ...{ id, type: 'virtflow-vm-shutdown', z: 'tab', name: '', wires: [['out']] },
      ...{ version: 1, target, waitSeconds: 3600, force: false, mode: 'run' },
    },
    { id: 'out', type: 'helper', z: 'tab' },
    { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['errors']] },
    { id: 'errors', type: 'helper', z: 'tab' },
  ];
}

describe('a message whose node is closed while it works on it', () => {
  let house: House;

  const listen = () => {
    house.collect('out');
    house.collect('errors');
  };
  /** Sends a message, and deploys while it is worked on: nothing but its record brings it out. */
  async function interrupted(target: object, message: Message, next = flow(target)): Promise<void> {
    house = await House.open([vmActions], flow(target));
    listen();
    for (const name of ['web-01', 'web-02']) ignoreShutdown(house.world.vmNamed(name));
    const runs = house.status('action', ({ fill }) => fill === 'blue');
    house.node('action').receive(message);
    await runs;
    await house.redeploy([vmActions], next);
    listen();
  }
  const operations = () => house.platform.operations.history({});
  afterEach(() => house.close());

  it('goes on when what it asked for fails: Catch nodes hear of it', async () => {
    await interrupted(names('web-01'), { mine: 'kept', bytes: Buffer.from('b') });
    const [{ id } = { id: '' }] = operations();
    house.platform.operations.cancel(id, 'somebody');
    const caught = await house.message();
    assert.equal((caught.error as { code: string }).code, 'OPERATION_CANCELLED');
    assert.deepEqual([caught.mine, caught.bytes], ['kept', Buffer.from('b')]);
    assert.equal(operations().length, 1);
  });

  it('answers all of its targets, whichever of them had ended before', async () => {
    await interrupted(names('web-01', 'dev-02'), {});
    const running = operations().find(({ state }) => state === 'running');
    assert.equal(running?.targetName, 'web-01');
    house.platform.operations.cancel(running.id, 'somebody');
    const answer = await house.message((message) => message.error === undefined);
    assert.deepEqual(
      (answer.payload as { name: string; ok: boolean }[]).map(({ name, ok }) => [name, ok]),
      [
        ['web-01', false],
        ['dev-02', true],
      ],
    );
    const caught = await house.message((message) => message.error !== undefined);
    assert.equal((caught.error as { code: string }).code, 'OPERATION_PARTIAL');
    assert.equal(operations().length, 2);
  });

  it('is cancelled at the node that took it up', async () => {
    await interrupted(names('web-01'), {});
    await house.status('action', ({ fill }) => fill === 'blue');
    house.node('action').receive({ cancel: true });
    assert.equal(((await house.message()).error as { code: string }).code, 'OPERATION_CANCELLED');
  });

  it('waits, and is shown to wait, when its node is not there any more', async () => {
    await interrupted(names('web-01'), {}, flow(names('web-01'), 'another'));
    const [left] = house.platform.deliveries.left();
    assert.deepEqual([left?.node, left?.ask.action], ['action', 'vm.shutdown']);
    await house.redeploy([vmActions], flow(names('web-01')));
    listen();
    const [{ id } = { id: '' }] = operations();
    house.platform.operations.cancel(id, 'somebody');
    assert.equal(((await house.message()).error as { code: string }).code, 'OPERATION_CANCELLED');
  });
});
