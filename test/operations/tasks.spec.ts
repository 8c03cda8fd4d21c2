import assert from 'node:assert/strict';
import { action } from '../../lib/actions/action.ts';
import { allActions } from '../../lib/actions/registry.ts';
import { suspend } from '../../lib/actions/vm-power.ts';
import type { TaskRecord } from '../../lib/drivers/tasks.ts';
import { cancelledAtHypervisor } from '../../lib/model/errors.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { aHouse, closeHouses, type House } from './house.ts';

const saving = { id: 'save-1', type: 'test' };
const rules = ({ why }: Operation) => why.map(({ rule }) => rule);

function aTask(object: ObjectRef, about: Partial<TaskRecord> = {}): TaskRecord {
  const known = { task: saving, operation: 'save', object, name: object.id, startedAt: Date.now() };
  return { ...known, state: 'running', progress: 0.1, cancellable: true, says: null, ...about };
}

const { done: _, ...untold } = suspend;
/** Its outcome can be read from its task alone. */
const blind = action({ ...untold, id: 'test.blind' });

/** A house that died while the hypervisor works on a save, and the one after it. */
async function diedDuring(name: string): Promise<{ id: string; web: ObjectRef; next: House }> {
  const actions = [...allActions, blind];
  const house = aHouse({ actions });
  const web = house.hypervisor.add({ id: 'web', power: 'running' });
  house.hypervisor.before = () => new Promise(() => undefined);
  house.hypervisor.taskOf = () => saving;
  const { id } = await house.submit(name, web);
  await house.started(id);
  house.hypervisor.tasks.put(aTask(web));
  const next = house.crash({ actions, settings: { settleWithinMs: 100, progressEveryMs: 0 } });
  next.operations.start();
  return { id, web, next };
}

function followed(house: House, id: string): Promise<unknown> {
  return house.until(({ operation }) => operation.id === id && rules(operation).includes('task-followed'));
}

describe('an operation whose task outlived virtflow', () => {
  afterEach(closeHouses);

  it('is taken up again at the task, with its progress, and ends as the hypervisor tells', async () => {
    const { id, web, next } = await diedDuring('vm.suspend');
    next.connect();
    await followed(next, id);
    next.hypervisor.tasks.progress(saving, 0.6);
    await next.until(({ type, operation }) => type === 'progress' && operation.progress === 0.6);
    assert.equal(next.operations.get(id).state, 'interrupted');
    next.hypervisor.add({ id: 'web', power: 'suspended' });
    next.hypervisor.tasks.end(saving, 'succeeded');
    const ended = await next.operations.finished(id);
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(rules(ended), ['interrupted', 'task-followed', 'task-ended', 'changes-sent', 'asked-hypervisor']);
    assert.deepEqual(next.hypervisor.applied, [], 'nothing is sent twice');
    assert.equal(next.operations.external.list().length, 0, `the task of ${web.id} is its own`);
  });

  it('is settled by the task alone where the object does not show it', async () => {
    const { id, next } = await diedDuring('test.blind');
    next.hypervisor.tasks.end(saving, 'succeeded');
    next.connect();
    const ended = await next.operations.finished(id);
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(rules(ended), ['interrupted', 'task-ended', 'changes-sent']);
  });

  it('fails with the words of the hypervisor', async () => {
    const { id, next } = await diedDuring('vm.suspend');
    next.connect();
    await followed(next, id);
    next.hypervisor.tasks.end(saving, 'failed', 'no space left on device');
    const ended = await next.operations.finished(id);
    assert.equal(ended.state, 'failed');
    assert.equal(ended.error?.code, 'TASK_FAILED');
    assert.match(ended.error.message, /save of "web", failed: no space left on device\./);
  });

  it('is cancelled at the hypervisor, which says what became of it', async () => {
    const { id, next } = await diedDuring('vm.suspend');
    next.connect();
    await followed(next, id);
    next.operations.cancel(id, 'alice');
    const ended = await next.operations.finished(id);
    assert.equal(ended.state, 'cancelled');
    assert.equal(ended.error?.details?.principal, 'alice');
    assert.deepEqual(
      next.hypervisor.tasks.cancelled.map(({ id }) => id),
      [saving.id],
    );
    const stop = ended.why.find(({ rule }) => rule === 'task-stop');
    assert.match(
      stop?.says ?? '',
      /told to stop its own task \(tasks\.cancel\); after \d+ ms it answered: it did so\./,
    );
  });

  it('says so when the hypervisor will not stop it', async () => {
    const { id, next } = await diedDuring('vm.suspend');
    next.hypervisor.tasks.onCancel = () => {
      throw cancelledAtHypervisor('not now');
    };
    next.connect();
    await followed(next, id);
    next.operations.cancel(id, 'alice');
    await new Promise(setImmediate);
    next.hypervisor.add({ id: 'web', power: 'suspended' });
    next.hypervisor.tasks.end(saving, 'succeeded');
    const ended = await next.operations.finished(id);
    assert.equal(ended.state, 'succeeded', 'the hypervisor had its way');
    assert.match(ended.why.find(({ rule }) => rule === 'task-stop')?.says ?? '', /it did not: .*not now/);
  });

  it('is cancelled when somebody else cancels the task', async () => {
    const { id, next } = await diedDuring('vm.suspend');
    next.connect();
    await followed(next, id);
    next.hypervisor.tasks.end(saving, 'cancelled', 'aborted by virsh');
    const ended = await next.operations.finished(id);
    assert.equal(ended.state, 'cancelled');
    assert.equal(ended.error?.details?.principal, 'hypervisor');
  });

  it('is left to the hypervisor when virtflow stops once more', async () => {
    const { id, next } = await diedDuring('vm.suspend');
    next.connect();
    await followed(next, id);
    await next.operations.stop(0);
    assert.deepEqual(next.hypervisor.tasks.cancelled, []);
    assert.equal(next.store.journal.get(id)?.state, 'interrupted');
  });

  it('is settled by its object when the hypervisor does not know the task any more', async () => {
    const { id, next } = await diedDuring('vm.suspend');
    next.hypervisor.tasks.forget(saving);
    next.hypervisor.add({ id: 'web', power: 'suspended' });
    next.connect();
    const ended = await next.operations.finished(id);
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(rules(ended), ['interrupted', 'changes-sent', 'asked-hypervisor']);
  });

  it('is not taken for one that began under the same name before it', async () => {
    const { id, web, next } = await diedDuring('vm.suspend');
    next.hypervisor.tasks.put(aTask(web, { startedAt: Date.now() - 3_600_000 }));
    next.connect();
    const ended = await next.operations.finished(id);
    assert.equal(ended.error?.code, 'OPERATION_INTERRUPTED');
  });
});

describe('a task that others began', () => {
  afterEach(closeHouses);

  const copy = { id: 'web/vda', type: 'test.block-job' };

  it('is told and listed as external while it lasts, and then stands in the history', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    house.hypervisor.tasks.put(aTask(web, { task: copy, operation: 'block-copy' }));
    const [running] = house.operations.external.list();
    assert.ok(running);
    assert.equal(running.action, 'external.block-copy');
    assert.deepEqual(running.origin, { through: 'external', principal: 'external' });
    assert.equal(running.cancellable, true);
    assert.deepEqual(house.operations.history({ object: web, states: ['running'] }), [running]);
    assert.equal(house.store.journal.get(running.id), undefined, 'it is no intent of ours');
    house.hypervisor.tasks.progress(copy, 0.5);
    house.hypervisor.tasks.end(copy, 'succeeded');
    const told = house.events.map(({ type, operation }) => [type, operation.id, operation.progress]);
    assert.deepEqual(told, [
      ['started', running.id, 0.1],
      ['progress', running.id, 0.5],
      ['ended', running.id, 1],
    ]);
    assert.deepEqual(house.operations.external.list(), []);
    const [ended] = house.operations.history({ object: web });
    assert.equal(ended?.id, running.id);
    assert.equal(ended.state, 'succeeded');
  });

  it('is none that virtflow had begun', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    house.hypervisor.taskOf = () => saving;
    house.hypervisor.before = () => house.hypervisor.tasks.put(aTask(web));
    await house.run('vm.suspend', web);
    house.hypervisor.tasks.progress(saving, 0.9);
    house.hypervisor.tasks.end(saving, 'succeeded');
    assert.ok(house.events.every(({ operation }) => operation.origin.through === 'test'));
    assert.equal(house.operations.history({ object: web }).length, 1);
  });

  it('that ended while the connection was away has an end that says so', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    house.hypervisor.tasks.put(aTask(web));
    const [running] = house.operations.external.list();
    house.hypervisor.goDown();
    house.hypervisor.tasks.forget(saving);
    house.hypervisor.comeUp();
    const { operation } = await house.until(({ type }) => type === 'ended');
    assert.equal(operation.id, running?.id);
    assert.equal(operation.error?.code, 'OPERATION_OUTCOME_UNKNOWN');
  });

  it('goes on under its id when the connection comes back', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    house.hypervisor.tasks.put(aTask(web));
    const [running] = house.operations.external.list();
    house.hypervisor.goDown();
    house.hypervisor.comeUp();
    await new Promise(setImmediate);
    assert.equal(house.operations.external.list()[0]?.id, running?.id);
  });

  it('is cancelled by an operation of whoever asks, at the hypervisor', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    house.hypervisor.tasks.put(aTask(web));
    const [running] = house.operations.external.list();
    assert.ok(running);
    await house.operations.requestCancel(running.id, { through: 'test', principal: 'alice' });
    const { operation } = await house.until(
      ({ type, operation: { origin } }) => type === 'ended' && origin.through === 'test',
    );
    assert.equal(operation.action, 'vm.cancel-task');
    assert.equal(operation.origin.principal, 'alice');
    assert.equal(operation.state, 'succeeded');
    assert.equal(operation.result?.state, 'cancelled');
    assert.deepEqual(house.hypervisor.tasks.cancelled, [saving]);
    assert.equal(house.operations.get(running.id).state, 'cancelled');
  });

  it('that cannot be cancelled is not, and that is said', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    house.hypervisor.tasks.put(aTask(web, { cancellable: false }));
    const refused = await house.run('vm.cancel-task', web);
    assert.equal(refused.error?.code, 'TASK_NOT_CANCELLABLE');
    house.hypervisor.tasks.end(saving, 'succeeded');
    assert.equal((await house.run('vm.cancel-task', web)).error?.code, 'TASK_GONE');
  });

  it('is named where there are several', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    house.hypervisor.tasks.put(aTask(web));
    house.hypervisor.tasks.put(aTask(web, { task: copy, operation: 'block-copy' }));
    assert.equal((await house.run('vm.cancel-task', web)).error?.code, 'TASK_AMBIGUOUS');
    const parameters = { task: 'test.block-job:web/vda' };
    assert.equal((await house.run('vm.cancel-task', web, { parameters })).state, 'succeeded');
    assert.deepEqual(house.hypervisor.tasks.cancelled, [copy]);
  });
});
