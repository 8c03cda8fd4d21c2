import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { action, type Run } from '../../lib/actions/action.ts';
import { start } from '../../lib/actions/vm-power.ts';
import type { Vm } from '../../lib/model/objects.ts';
import { aDoor, aHouse, closeHouses } from './house.ts';

type AnyRun = Run<'vm', { paused: boolean }>;

describe('waiting for the inventory inside an action', () => {
  afterEach(closeHouses);

  /** An action that is running, and lends what it works with to the test. */
  async function running() {
    const door = aDoor();
    const { promise, resolve } = Promise.withResolvers<AnyRun>();
    const lent = action({
      ...start,
      id: 'test.lent',
      run: async (run) => {
        resolve(run);
        await door.opened;
        return {};
      },
    });
    const house = aHouse({ actions: [lent] });
    const { id } = await house.submit('test.lent', house.hypervisor.add({ id: 'web' }));
    return { house, id, run: await promise, door };
  }

  const isRunning = (vm: Vm | undefined) => vm?.power === 'running';

  it('ends as soon as it shows the target so', async () => {
    const { house, run } = await running();
    const waiting = run.until(isRunning, 60_000);
    house.hypervisor.add({ id: 'db', power: 'running' });
    house.hypervisor.add({ id: 'web', power: 'running' });
    assert.equal(await waiting, true);
    assert.equal(await run.until(isRunning, 0), true);
  });

  it('ends without it after the time that was given', async () => {
    const { run } = await running();
    mock.timers.enable({ apis: ['setTimeout'] });
    const waiting = run.until(isRunning, 30_000);
    mock.timers.tick(30_000);
    assert.equal(await waiting, false);
  });

  it('sees that the target is gone', async () => {
    const { house, run } = await running();
    const waiting = run.until((vm) => vm === undefined, 60_000);
    house.hypervisor.delete('web');
    assert.equal(await waiting, true);
  });

  it('ends when the operation is cancelled', async () => {
    const { house, id, run } = await running();
    const waiting = run.until(isRunning, 60_000);
    house.operations.cancel(id, 'alice');
    await assert.rejects(waiting, /cancelled by alice/);
  });

  it('ends when the connection is taken away', async () => {
    const { house, run } = await running();
    const waiting = run.until(isRunning, 60_000);
    house.connections.release('lab', 'test');
    await Promise.all([house.connections.sweep(), assert.rejects(waiting, /no connection named "lab"/)]);
  });

  it('leaves no listener behind', async () => {
    const { house, run } = await running();
    const before = house.inventory.changes.listeners;
    await run.until(isRunning, 0);
    assert.equal(house.inventory.changes.listeners, before);
  });

  it('shows the other objects of the connection', async () => {
    const { house, run } = await running();
    house.hypervisor.add({ id: 'db' });
    assert.deepEqual(
      run.others().map(({ id }) => id),
      ['web', 'db'],
    );
  });
});
