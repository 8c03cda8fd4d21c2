import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { action } from '../../lib/actions/action.ts';
import { allActions } from '../../lib/actions/registry.ts';
import { forceOff } from '../../lib/actions/vm-power.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { aDoor, aHouse, closeHouses } from './house.ts';

/** A driver that rejects as soon as it is told to stop, as all do whose calls can be given up. */
function untilAborted(signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => reject(signal.reason));
  return promise;
}

const obedient = action({
  ...forceOff,
  id: 'test.obedient',
  done: ({ target }) => target.power === 'running',
  check: () => undefined,
  run: async ({ connection, target, job }) => {
    await Promise.race([connection.vms.start(target, {}, job), untilAborted(job.signal)]);
    return {};
  },
});

const idle = action({
  ...obedient,
  id: 'test.idle',
  run: async ({ job }) => {
    await untilAborted(job.signal);
    return {};
  },
});

const actions = [...allActions, obedient, idle];

describe('cancelling an operation', () => {
  afterEach(closeHouses);

  it('ends a queued one at once, and nothing of it is sent', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const door = aDoor();
    house.hypervisor.before = () => door.opened;
    const first = await house.submit('vm.start', web);
    const second = await house.submit('vm.force-off', web);
    const third = await house.submit('vm.reset', web);
    const cancelled = house.operations.cancel(second.id, 'alice');
    assert.equal(cancelled.state, 'cancelled');
    assert.equal(cancelled.error?.message, 'The operation was cancelled by alice.');
    assert.equal(house.operations.get(third.id).why[0]?.operation, first.id);
    door.open();
    await house.operations.finished(third.id);
    assert.deepEqual(house.hypervisor.applied, ['start web', 'reset web']);
    assert.equal((await house.operations.finished(second.id)).state, 'cancelled');
  });

  it('stops a running one through its signal', async () => {
    const house = aHouse({ actions });
    const web = house.hypervisor.add({ id: 'web' });
    const { id } = await house.submit('test.idle', web);
    await house.started(id);
    house.operations.cancel(id, 'alice');
    const ended = await house.operations.finished(id);
    assert.equal(ended.state, 'cancelled');
    assert.equal(ended.error?.code, 'OPERATION_CANCELLED');
    assert.deepEqual(
      ended.why.map(({ rule }) => rule),
      ['nothing-sent'],
    );
  });

  it('says that it succeeded when the hypervisor had done it all the same', async () => {
    const house = aHouse({ actions });
    const web = house.hypervisor.add({ id: 'web' });
    const door = aDoor();
    house.hypervisor.after = () => door.opened;
    const { id } = await house.submit('test.obedient', web);
    await house.started(id);
    assert.equal(house.hypervisor.power('web'), 'running');
    house.operations.cancel(id, 'alice');
    const ended = await house.operations.finished(id);
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(
      ended.why.map(({ rule }) => rule),
      ['asked-hypervisor', 'stop-too-late'],
    );
    door.open();
  });

  it('says what had been sent when the hypervisor had not done it', async () => {
    const house = aHouse({ actions });
    const web = house.hypervisor.add({ id: 'web' });
    const door = aDoor();
    house.hypervisor.before = () => door.opened;
    const { id } = await house.submit('test.obedient', web);
    await house.started(id);
    house.operations.cancel(id, 'alice');
    const ended = await house.operations.finished(id);
    assert.equal(ended.state, 'cancelled');
    assert.match(ended.why[0]?.says ?? '', /start \(no answer is recorded\)/);
    assert.equal(ended.why[1]?.holds, false);
    assert.equal(
      ended.why[2]?.says,
      'The hypervisor has no way to stop start once it was sent; it may still take effect.',
    );
    door.open();
  });

  it('leaves an operation that has ended as it is', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const ended = await house.run('vm.start', web);
    assert.deepEqual(house.operations.cancel(ended.id, 'alice'), ended);
  });

  it('ends an operation that takes too long as timed out', async () => {
    const house = aHouse({ actions });
    const web = house.hypervisor.add({ id: 'web' });
    mock.timers.enable({ apis: ['setTimeout'] });
    const { id } = await house.submit('test.idle', web, { timeoutSeconds: 20 });
    await house.started(id);
    mock.timers.tick(19_999);
    assert.equal(house.operations.get(id).state, 'running');
    mock.timers.tick(1);
    const ended = await house.operations.finished(id);
    assert.equal(ended.state, 'failed');
    assert.equal(ended.error?.message, 'test.idle of web did not finish within 20 s.');
  });

  it('does not wait for a driver that does not stop, and lets it send nothing more', async () => {
    const later = aDoor();
    let refused: unknown;
    const deaf = action({
      ...obedient,
      id: 'test.deaf',
      run: async ({ connection, target, job }) => {
        await later.opened;
        await connection.vms.start(target, {}, job).catch((error: unknown) => {
          refused = error;
        });
        return {};
      },
    });
    const house = aHouse({ actions: [deaf] });
    const web = house.hypervisor.add({ id: 'web' });
    mock.timers.enable({ apis: ['setTimeout'] });
    const { id } = await house.submit('test.deaf', web);
    await house.started(id);
    house.operations.cancel(id, 'alice');
    mock.timers.tick(5000);
    const ended = await house.operations.finished(id);
    assert.equal(ended.state, 'cancelled');
    assert.ok(ended.why.some(({ rule }) => rule === 'did-not-stop'));
    later.open();
    await new Promise(setImmediate);
    assert.ok(refused instanceof VirtflowError && refused.code === 'OPERATION_CANCELLED');
    assert.deepEqual(house.hypervisor.applied, []);
  });

  it('stops waiting for the end when the waiter gives up', async () => {
    const house = aHouse({ actions });
    const web = house.hypervisor.add({ id: 'web' });
    const { id } = await house.submit('test.idle', web);
    await house.started(id);
    const giveUp = new AbortController();
    const waiting = house.operations.finished(id, giveUp.signal);
    giveUp.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    assert.equal(house.operations.get(id).state, 'running');
  });
});
