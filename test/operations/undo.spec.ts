import assert from 'node:assert/strict';
import type { ObjectRef } from '../../lib/model/reference.ts';
import { isError } from '../access/fixtures.ts';
import { aHouse, closeHouses, type House } from './house.ts';

const origin = { through: 'test', principal: 'tester' } as const;

describe('undo', () => {
  afterEach(closeHouses);

  async function undone(house: House, id: string, mode: 'run' | 'plan' = 'run') {
    const undo = await house.operations.undo(id, { origin, mode });
    return house.operations.finished(undo.id);
  }

  it('captures the state before and what takes it back when an operation runs', async () => {
    const house = aHouse();
    const { changes, undo } = await house.run('vm.start', house.hypervisor.add({ id: 'web', power: 'suspended' }));
    assert.deepEqual(undo, { action: 'vm.suspend' });
    assert.deepEqual(changes?.[0], { what: 'power', before: 'suspended', after: 'running' });
  });

  it('takes an operation back as an operation of its own, plan first, and once', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    const { id } = await house.run('vm.pause', web);
    const plan = await undone(house, id, 'plan');
    assert.match(String(plan.result?.sentence), /paused → running/);
    assert.equal(house.hypervisor.power('web'), 'paused');
    const back = await undone(house, id);
    assert.deepEqual([back.action, back.undoes, back.state], ['vm.resume', id, 'succeeded']);
    assert.equal(house.hypervisor.power('web'), 'running');
    await assert.rejects(undone(house, id), isError('UNDO_IMPOSSIBLE'));
  });

  it('may be taken back itself', async () => {
    const house = aHouse();
    const { id } = await house.run('vm.pause', house.hypervisor.add({ id: 'web', power: 'running' }));
    const back = await undone(house, id);
    await undone(house, back.id);
    assert.equal(house.hypervisor.power('web'), 'paused');
  });

  it('that failed may be tried again', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    const { id } = await house.run('vm.pause', web);
    house.hypervisor.before = () => Promise.reject(new Error('not now'));
    assert.equal((await undone(house, id)).state, 'failed');
    house.hypervisor.before = () => undefined;
    assert.equal((await undone(house, id)).state, 'succeeded');
  });

  it('of a run takes back all that it did and can be, the last first, and once', async () => {
    const house = aHouse();
    const [a, b] = ['a', 'b'].map((id) => house.hypervisor.add({ id, power: 'running' }));
    assert.ok(a && b);
    const ofRun = { origin: { ...origin, run: 'run-1' } };
    await house.run('vm.pause', a, ofRun);
    await house.run('vm.reset', b, ofRun);
    const members = [
      { action: 'vm.resume', target: a, parameters: {} },
      { action: 'vm.pause', target: b, parameters: {} },
    ];
    const shape = { title: 'two', order: 'sequence', onError: 'stop', members, ...ofRun } as const;
    await house.operations.finished((await house.operations.submitGroup(shape)).id);
    await house.run('vm.pause', house.hypervisor.add({ id: 'of another run', power: 'running' }));

    const before = house.hypervisor.applied.length;
    const { id } = await house.operations.undoRun('run-1', ofRun);
    assert.equal((await house.operations.finished(id)).state, 'succeeded');
    assert.deepEqual(house.hypervisor.applied.slice(before), ['resume b', 'pause a', 'resume a']);
    const nothing = await house.operations.undoRun('run-1', ofRun);
    assert.equal((await house.operations.finished(nothing.id)).result?.count, 0);
  });

  const impossible: [string, (house: House, web: ObjectRef) => Promise<{ id: string }>, RegExp][] = [
    [
      'what has no way back',
      (house, web) => house.run('vm.reset', web),
      /What the guest had not written to disk is gone/,
    ],
    ['a no-op', (house, web) => house.run('vm.resume', web), /changed nothing/],
    ['a plan', (house, web) => house.run('vm.pause', web, { mode: 'plan' }), /only planned/],
  ];
  for (const [what, make, says] of impossible) {
    it(`of ${what} is refused with the reason`, async () => {
      const house = aHouse();
      const { id } = await make(house, house.hypervisor.add({ id: 'web', power: 'running' }));
      await assert.rejects(
        undone(house, id),
        (error: Error) => isError('UNDO_IMPOSSIBLE')(error) && says.test(error.message),
      );
    });
  }

  it('of a group takes its members back in reverse order', async () => {
    const house = aHouse();
    const vms = ['a', 'b'].map((id) => house.hypervisor.add({ id, power: 'running' }));
    const members = vms.map((target) => ({ action: 'vm.pause', target, parameters: {} }));
    const group = await house.operations.submitGroup({
      title: 'both',
      order: 'sequence',
      onError: 'stop',
      members,
      origin,
    });
    await house.operations.finished(group.id);
    const back = await undone(house, group.id);
    assert.deepEqual([back.state, back.undoes], ['succeeded', group.id]);
    assert.deepEqual(house.hypervisor.applied.slice(2), ['resume b', 'resume a']);
  });
});
