import assert from 'node:assert/strict';
import { action } from '../../lib/actions/action.ts';
import { start } from '../../lib/actions/vm-power.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { aDoor, aHouse, closeHouses } from './house.ts';

const isError = (code: string) => (error: unknown) => error instanceof VirtflowError && error.code === code;

describe('submitting an operation', () => {
  afterEach(closeHouses);

  it('runs it and tells queued, started, ended', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const queued = await house.submit('vm.start', web);
    assert.equal(queued.state, 'queued');
    const ended = await house.operations.finished(queued.id);
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(ended.result, { changed: true, power: 'running' });
    assert.deepEqual(
      ended.calls.map(({ name }) => name),
      ['start'],
    );
    assert.deepEqual(
      house.events.map(({ type }) => type),
      ['queued', 'started', 'ended'],
    );
    assert.deepEqual(house.hypervisor.applied, ['start web']);
  });

  it('has each transition on disk before it tells it', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const differences: unknown[] = [];
    house.operations.events.subscribe(({ operation }) => {
      if (house.store.journal.get(operation.id)?.state !== operation.state) differences.push(operation);
    });
    await house.run('vm.start', web);
    assert.deepEqual(differences, []);
  });

  it('has a changing call on disk before it leaves', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    let onDisk: unknown;
    house.hypervisor.arrived.subscribe(() => {
      const [operation] = house.store.journal.unfinished();
      onDisk = [operation?.state, operation?.sent.map(({ name }) => name)];
    });
    await house.run('vm.start', web);
    assert.deepEqual(onDisk, ['running', ['start']]);
  });

  it('succeeds without a changing call when what is wanted is so already', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    const ended = await house.run('vm.start', web);
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(ended.result, { changed: false });
    assert.deepEqual(house.hypervisor.applied, []);
    assert.deepEqual(
      ended.why.map(({ rule }) => rule),
      ['already-so'],
    );
  });

  const refusals: [string, string, string, Record<string, unknown>][] = [
    ['an action that does not exist', 'ACTION_UNKNOWN', 'vm.explode', {}],
    ['a parameter that the action does not have', 'PARAMETER_INVALID', 'vm.start', { pausde: true }],
    ['a target of another kind', 'TARGET_INVALID', 'vm.define', { definition: 'x' }],
  ];
  for (const [what, code, action, parameters] of refusals) {
    it(`refuses ${what} and records nothing`, async () => {
      const house = aHouse();
      const web = house.hypervisor.add({ id: 'web' });
      await assert.rejects(house.submit(action, web, { parameters }), isError(code));
      assert.deepEqual(house.operations.history({}), []);
      assert.deepEqual(house.events, []);
    });
  }

  it('refuses a target that does not exist, and a connection that does not exist', async () => {
    const house = aHouse();
    const nobody = { connection: 'lab', kind: 'vm', id: 'nobody' } as const;
    await assert.rejects(house.submit('vm.start', nobody), isError('OBJECT_UNKNOWN'));
    await assert.rejects(house.submit('vm.start', { ...nobody, connection: 'moon' }), isError('CONNECTION_UNKNOWN'));
  });

  it('refuses what the connection cannot do, naming it', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    house.hypervisor.capabilities.delete('vm.start');
    await assert.rejects(house.submit('vm.start', web), /lacks vm\.start/);
  });

  it('refuses while the connection is down, naming the reason', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    house.hypervisor.goDown();
    await assert.rejects(house.submit('vm.start', web), isError('CONNECTION_DOWN'));
  });

  for (const timeoutSeconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`refuses a time-out of ${timeoutSeconds} s`, async () => {
      const house = aHouse();
      const web = house.hypervisor.add({ id: 'web' });
      await assert.rejects(house.submit('vm.start', web, { timeoutSeconds }), isError('PARAMETER_INVALID'));
    });
  }

  it('makes something new on a connection', async () => {
    const house = aHouse();
    const target = { connection: 'lab', kind: 'connection' } as const;
    const request = { ...house.request('vm.define', { ...target, kind: 'vm', id: '' }), target };
    const { id } = await house.operations.submit({ ...request, parameters: { definition: 'new' } });
    const ended = await house.operations.finished(id);
    assert.equal(ended.state, 'succeeded');
    assert.equal(ended.targetName, 'lab');
    assert.deepEqual(house.hypervisor.applied, ['define new']);
  });

  it('answers the operation that the same idempotency key started, running or ended', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const door = aDoor();
    house.hypervisor.before = () => door.opened;
    const twins = await Promise.all([1, 2].map(() => house.submit('vm.start', web, { idempotencyKey: 'k' })));
    assert.equal(twins[0]?.id, twins[1]?.id);
    door.open();
    await house.operations.finished(twins[0]?.id ?? '');
    house.hypervisor.delete('web');
    const again = await house.submit('vm.start', web, { idempotencyKey: 'k' });
    assert.equal(again.state, 'succeeded');
    assert.deepEqual(house.hypervisor.applied, ['start web']);
  });

  it('tells a failure of the hypervisor with what had been sent', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    house.hypervisor.before = () => Promise.reject(new VirtflowError('HYPERVISOR_FAILED', { reason: 'no memory' }));
    const ended = await house.run('vm.start', web);
    assert.equal(ended.state, 'failed');
    assert.equal(ended.error?.code, 'HYPERVISOR_FAILED');
    assert.deepEqual(
      ended.why.map(({ rule }) => rule),
      ['changes-sent'],
    );
  });

  it('is partial when some parts failed', async () => {
    const house = aHouse();
    const disk = { device: 'disk', readOnly: false, shareable: false } as const;
    const disks = ['a', 'b'].map((source) => ({ ...disk, target: `vd${source}`, source }));
    const web = house.hypervisor.add({ id: 'web', disks });
    let deleted = 0;
    house.hypervisor.before = (call) => {
      if (call === 'delete-disk' && deleted++ === 0) throw new VirtflowError('DISK_IN_USE', { disk: 'a', users: 'db' });
    };
    const ended = await house.run('vm.delete', web, { parameters: { disks: true } });
    assert.equal(ended.state, 'partial');
    assert.equal(ended.error?.code, 'OPERATION_PARTIAL');
    assert.deepEqual(ended.result?.deletedDisks, ['b']);
  });

  it('fails, and comes to its end, when the result of an action has no JSON', async () => {
    const odd = action({ ...start, id: 'test.odd', run: async () => ({ size: 1n }) });
    const house = aHouse({ actions: [odd] });
    const ended = await house.run('test.odd', house.hypervisor.add({ id: 'web' }));
    assert.equal(ended.state, 'failed');
    assert.equal(ended.error?.code, 'INTERNAL');
  });

  it('goes on when a listener throws', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web' });
    const { promise: warned, resolve } = Promise.withResolvers<Error>();
    process.once('warning', resolve);
    house.operations.events.subscribe(() => {
      throw new Error('a listener of the test');
    });
    assert.equal((await house.run('vm.start', web)).state, 'succeeded');
    assert.match((await warned).message, /listener of the test/);
  });

  it('does not know an operation that never was', async () => {
    const house = aHouse();
    assert.throws(() => house.operations.get('none'), isError('OPERATION_UNKNOWN'));
    assert.throws(() => house.operations.cancel('none', 'me'), isError('OPERATION_UNKNOWN'));
    await assert.rejects(house.operations.finished('none'), isError('OPERATION_UNKNOWN'));
  });
});
