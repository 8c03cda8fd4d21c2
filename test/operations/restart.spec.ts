import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { action } from '../../lib/actions/action.ts';
import { start } from '../../lib/actions/vm-power.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { aDoor, aHouse, closeHouses, type House } from './house.ts';

const rules = ({ why }: Operation) => why.map(({ rule }) => rule);

/** Runs an action until its call has arrived at the hypervisor, and stays there. */
async function stuck(house: House, name: string, target: ObjectRef, when: 'before' | 'after'): Promise<Operation> {
  house.hypervisor[when] = () => new Promise(() => undefined);
  const { id } = await house.submit(name, target);
  await house.started(id);
  return house.operations.get(id);
}

function restart(house: House): House {
  house.hypervisor.before = () => undefined;
  house.hypervisor.after = () => undefined;
  const next = house.crash({ settings: { settleWithinMs: 5000 } });
  next.operations.start();
  return next;
}

describe('operations after a crash', () => {
  afterEach(closeHouses);

  it('were done when the hypervisor shows it so', async () => {
    const house = aHouse();
    const { id } = await stuck(house, 'vm.start', house.hypervisor.add({ id: 'web' }), 'after');
    const next = restart(house);
    assert.equal(next.operations.get(id).state, 'interrupted');
    next.connect();
    const ended = await next.operations.finished(id);
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(ended.result, { changed: true });
    assert.deepEqual(rules(ended), ['interrupted', 'changes-sent', 'asked-hypervisor']);
    assert.deepEqual(
      next.events.map(({ type }) => type),
      ['interrupted', 'settled'],
    );
    assert.deepEqual(next.hypervisor.applied, ['start web']);
  });

  it('were not done when the hypervisor has had the time and shows it is not so', async () => {
    const house = aHouse();
    const { id } = await stuck(house, 'vm.start', house.hypervisor.add({ id: 'web' }), 'before');
    const next = restart(house);
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() });
    next.connect();
    const asked = next.hypervisor.fetched;
    while (next.hypervisor.fetched === asked) await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.equal(next.operations.get(id).state, 'interrupted');
    mock.timers.tick(5000);
    while (next.operations.get(id).state === 'interrupted') {
      await new Promise(setImmediate);
      mock.timers.tick(1000);
    }
    const ended = next.operations.get(id);
    assert.equal(ended.state, 'failed');
    assert.equal(ended.error?.code, 'OPERATION_INTERRUPTED');
    assert.deepEqual(rules(ended), ['interrupted', 'changes-sent', 'asked-hypervisor']);
    assert.deepEqual(next.hypervisor.applied, []);
  });

  it('were done when the call that was under way takes effect a little later', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const { id } = await stuck(house, 'vm.start', web, 'before');
    const next = restart(house);
    next.connect();
    const asked = next.hypervisor.fetched;
    while (next.hypervisor.fetched === asked) await new Promise(setImmediate);
    next.hypervisor.add({ id: 'web', power: 'running' });
    assert.equal((await next.operations.finished(id)).state, 'succeeded');
  });

  it('were certainly not done when no changing call had left', async () => {
    const waits = action({ ...start, id: 'test.waits', run: () => new Promise<never>(() => undefined) });
    const house = aHouse({ actions: [waits] });
    const { id } = await house.submit('test.waits', house.hypervisor.add({ id: 'web' }));
    await house.started(id);
    const next = house.crash({ actions: [waits] });
    next.operations.start();
    const ended = await next.operations.finished(id);
    assert.equal(ended.error?.code, 'OPERATION_INTERRUPTED');
    assert.deepEqual(rules(ended), ['interrupted', 'nothing-sent']);
  });

  it('have an unknown outcome when nothing tells it', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    const { id } = await stuck(house, 'vm.reset', web, 'after');
    const next = restart(house);
    const ended = await next.operations.finished(id);
    assert.equal(ended.state, 'failed');
    assert.equal(ended.error?.code, 'OPERATION_OUTCOME_UNKNOWN');
    assert.deepEqual(next.hypervisor.applied, ['reset web']);
  });

  it('removed their target when it is gone', async () => {
    const house = aHouse();
    const { id } = await stuck(house, 'vm.delete', house.hypervisor.add({ id: 'web' }), 'after');
    const next = restart(house);
    next.connect();
    assert.equal((await next.operations.finished(id)).state, 'succeeded');
  });

  it('have an unknown outcome when the target is gone but its disks were to go as well', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    house.hypervisor.after = () => new Promise(() => undefined);
    const { id } = await house.submit('vm.delete', web, { parameters: { disks: true } });
    await house.started(id);
    const next = restart(house);
    next.connect();
    const ended = await next.operations.finished(id);
    assert.equal(ended.error?.code, 'OPERATION_OUTCOME_UNKNOWN');
  });

  it('run now, in order, when they had only been queued', async () => {
    const house = aHouse({ settings: { parallelPerConnection: 1 } });
    const [a, b] = ['a', 'b'].map((id) => house.hypervisor.add({ id }));
    assert.ok(a && b);
    await stuck(house, 'vm.start', a, 'before');
    const queued = [
      await house.submit('vm.start', b),
      await house.submit('vm.reset', b),
      await house.submit('vm.pause', b),
    ];
    const next = restart(house);
    next.connect();
    const ends = await Promise.all(queued.map(({ id }) => next.operations.finished(id)));
    assert.deepEqual(
      ends.map(({ state }) => state),
      ['succeeded', 'succeeded', 'succeeded'],
    );
    assert.ok(ends.every((end) => rules(end).includes('restart-queued')));
    assert.deepEqual(next.hypervisor.applied, ['start b', 'reset b', 'pause b']);
  });

  it('are given up when they were queued too long ago', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    await stuck(house, 'vm.start', web, 'after');
    const { id } = await house.submit('vm.reset', web);
    mock.timers.enable({ apis: ['Date'], now: Date.now() + 600_001 });
    const next = restart(house);
    next.connect();
    const ended = await next.operations.finished(id);
    assert.equal(ended.error?.code, 'OPERATION_INTERRUPTED');
    assert.match(ended.error?.message ?? '', /had not begun 10 minutes after it was asked for/);
    assert.deepEqual(next.hypervisor.applied, ['start web']);
  });

  it('hold their object until they are settled, and can be given up', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const { id } = await stuck(house, 'vm.start', web, 'after');
    const { id: waiting } = await house.submit('vm.force-off', web);
    const next = restart(house);
    assert.equal(next.operations.get(waiting).state, 'queued');
    next.operations.cancel(id, 'alice');
    assert.equal((await next.operations.finished(id)).state, 'cancelled');
    next.connect();
    assert.equal((await next.operations.finished(waiting)).state, 'succeeded');
    assert.deepEqual(next.hypervisor.applied, ['start web', 'force-off web']);
  });

  it('keep their idempotency key', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const first = await house.submit('vm.start', web, { idempotencyKey: 'k' });
    await house.operations.finished(first.id);
    const next = restart(house);
    next.connect();
    assert.equal((await next.submit('vm.start', web, { idempotencyKey: 'k' })).id, first.id);
  });
});

describe('operations whose connection breaks', () => {
  afterEach(closeHouses);

  const broken = () => new VirtflowError('CONNECTION_LOST', { connection: 'lab', reason: 'the cable' });

  it('are settled when it is back', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    house.hypervisor.after = () => {
      house.hypervisor.goDown();
      throw broken();
    };
    const { id } = await house.submit('vm.start', web);
    await house.until(({ type }) => type === 'interrupted');
    house.hypervisor.comeUp();
    const ended = await house.operations.finished(id);
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(rules(ended), ['interrupted', 'changes-sent', 'asked-hypervisor']);
  });

  it('are settled however long that takes', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    house.hypervisor.after = () => {
      house.hypervisor.goDown();
      throw broken();
    };
    mock.timers.enable({ apis: ['setTimeout'] });
    const { id } = await house.submit('vm.start', web, { timeoutSeconds: 10 });
    await house.until(({ type }) => type === 'interrupted');
    mock.timers.tick(3_600_000);
    house.hypervisor.comeUp();
    assert.equal((await house.operations.finished(id)).state, 'succeeded');
  });

  it('do not take a connection that was removed for a VM that is gone', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    const { id } = await house.submit('vm.shutdown', web);
    await house.started(id);
    house.connections.release('lab', 'test');
    await house.connections.sweep();
    await house.until(({ type }) => type === 'interrupted');
    house.connect();
    house.hypervisor.add({ id: 'web', power: 'halted' });
    assert.equal((await house.operations.finished(id)).state, 'succeeded');
  });
});

describe('stopping', () => {
  afterEach(closeHouses);

  it('lets what runs come to its end, and takes nothing new', async () => {
    const house = aHouse();
    const [web, db] = ['web', 'db'].map((id) => house.hypervisor.add({ id }));
    assert.ok(web && db);
    const door = aDoor();
    house.hypervisor.before = () => door.opened;
    const { id } = await house.submit('vm.start', web);
    await house.started(id);
    const stopped = house.operations.stop(10_000);
    await assert.rejects(house.submit('vm.start', db), /being stopped/);
    door.open();
    await stopped;
    assert.equal(house.store.journal.get(id)?.state, 'succeeded');
  });

  it('leaves what does not end within the limit recorded as interrupted, and what is queued for the next start', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const { id } = await stuck(house, 'vm.start', web, 'after');
    const { id: queued } = await house.submit('vm.force-off', web);
    const waiting = house.operations.finished(id);
    await Promise.all([house.operations.stop(0), assert.rejects(waiting, /being stopped/)]);
    await house.operations.stop(0);
    assert.equal(house.store.journal.get(id)?.state, 'interrupted');
    assert.equal(house.store.journal.get(queued)?.state, 'queued');
    const next = restart(house);
    next.connect();
    assert.equal((await next.operations.finished(queued)).state, 'succeeded');
    assert.equal(next.operations.get(id).state, 'succeeded');
    assert.deepEqual(next.hypervisor.applied, ['start web', 'force-off web']);
  });
});
