import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { action } from '../../lib/actions/action.ts';
import { start } from '../../lib/actions/vm-power.ts';
import type { Job } from '../../lib/drivers/job.ts';
import { aDoor, aHouse, closeHouses } from './house.ts';

describe('the progress of an operation', () => {
  afterEach(closeHouses);

  /** An action whose job the test holds. */
  async function running() {
    const door = aDoor();
    const { promise, resolve } = Promise.withResolvers<Job>();
    const slow = action({
      ...start,
      id: 'test.slow',
      run: async ({ job }) => {
        resolve(job);
        await door.opened;
        return {};
      },
    });
    const house = aHouse({ actions: [slow] });
    const { id } = await house.submit('test.slow', house.hypervisor.add({ id: 'web' }));
    const job = await promise;
    const told = () =>
      house.events.filter(({ type }) => type === 'progress').map(({ operation }) => operation.progress);
    return { house, id, job, door, told };
  }

  it('is told at most ten times a second, the latest last', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const { job, told } = await running();
    for (let step = 1; step <= 50; step += 1) job.progress(step / 100);
    assert.deepEqual(told(), [0.01]);
    mock.timers.tick(100);
    assert.deepEqual(told(), [0.01, 0.5]);
    mock.timers.tick(1000);
    assert.deepEqual(told(), [0.01, 0.5]);
  });

  it('never goes back, and stays between nothing and all', async () => {
    const { house, id, job } = await running();
    job.progress(0.5, 'half');
    job.progress(0.2);
    job.progress(Number.NaN);
    assert.equal(house.operations.get(id).progress, 0.5);
    assert.equal(house.operations.get(id).step, 'half');
    job.progress(7);
    assert.equal(house.operations.get(id).progress, 1);
  });

  it('is not written to disk, but the answers of the hypervisor are', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const { house, id, job } = await running();
    job.progress(0.5);
    assert.equal(house.store.journal.get(id)?.progress, 0);
    job.sending('start');
    job.called({ name: 'start', at: 1, tookMs: 2 });
    mock.timers.tick(100);
    assert.deepEqual(house.store.journal.get(id)?.calls, [{ name: 'start', at: 1, tookMs: 2 }]);
  });

  it('writes the task of the hypervisor at once', async () => {
    const { house, id, job } = await running();
    job.follow({ id: 'OpaqueRef:1', type: 'task' });
    assert.deepEqual(house.store.journal.get(id)?.task, { id: 'OpaqueRef:1', type: 'task' });
  });

  it('is seen in the history while it runs', async () => {
    const { house, job } = await running();
    job.progress(0.5, 'half');
    assert.equal(house.operations.history({})[0]?.step, 'half');
  });

  it('ends with the operation, and what a run sends afterwards is refused', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const { house, id, job, door, told } = await running();
    job.progress(0.5);
    job.progress(0.6);
    door.open();
    const ended = await house.operations.finished(id);
    mock.timers.tick(1000);
    job.progress(0.9);
    job.called({ name: 'start', at: 1, tookMs: 2 });
    assert.deepEqual(told(), [0.5]);
    assert.equal(ended.progress, 1);
    assert.deepEqual(house.operations.get(id), ended);
    assert.throws(() => job.sending('start'), /outside an operation/);
  });
});
