import assert from 'node:assert/strict';
import { markOf } from '../../lib/actions/snapshot-mark.ts';
import { deleteSnapshot, takeSnapshot } from '../../plugins/simulator/snapshots.ts';
import { PlatformOnSimulator } from '../platform-on-simulator.ts';

describe('snapshots of a VM', () => {
  let house: PlatformOnSimulator;
  const simulated = () => house.world.vmNamed('web-01');
  const names = () => simulated().snapshots.map(({ name }) => name);
  const prune = (parameters: object) => house.run('vm.prune-snapshots', 'web-01', { series: 'nightly', ...parameters });

  /** Snapshots of a series as former nights left them. */
  function formerNights(series: string, count: number): void {
    for (let night = 1; night <= count; night += 1) {
      const description = `[virtflow ${series} night-${night}]`;
      takeSnapshot(house.world, simulated(), { name: `${series}-${night}`, description });
    }
  }

  beforeEach(async () => {
    house = await PlatformOnSimulator.start();
  });
  afterEach(() => house.stop());

  it('are named by series and time, and tell who made them', async () => {
    const { state, result, id } = await house.run('vm.snapshot', 'web-01', {
      series: 'nightly',
      description: 'before',
    });
    const [made] = simulated().snapshots;
    assert.ok(made);
    assert.equal(state, 'succeeded');
    assert.match(made.name, /^nightly-\d{8}T\d{6}Z$/);
    assert.deepEqual(markOf(made), { series: 'nightly', operation: id });
    assert.deepEqual(result?.snapshot, { name: made.name, createdAt: made.createdAt, withMemory: true });
  });

  it('are refused of a VM whose memory is saved', async () => {
    await house.run('vm.suspend', 'web-01');
    await assert.rejects(house.run('vm.snapshot', 'web-01'), { code: 'STATE_FORBIDS' });
  });

  it('are pruned within their series; those of others and of other series stay', async () => {
    formerNights('nightly', 4);
    formerNights('weekly', 2);
    takeSnapshot(house.world, simulated(), { name: 'nightly-of-somebody', description: 'mine' });
    const { result } = await prune({ keepLast: 2 });
    assert.deepEqual(result?.kept, 2);
    assert.deepEqual(names(), ['nightly-3', 'nightly-4', 'weekly-1', 'weekly-2', 'nightly-of-somebody']);
  });

  it('are left alone when there are no more than are kept', async () => {
    formerNights('nightly', 2);
    const { state, result } = await prune({ keepLast: 2 });
    assert.deepEqual([state, result?.changed, names().length], ['succeeded', false, 2]);
  });

  it('are never all pruned', async () => {
    await assert.rejects(prune({ keepLast: 0 }), { code: 'PARAMETER_INVALID' });
  });

  it('are pruned as far as the hypervisor lets them be, and what it refused is told', async () => {
    formerNights('nightly', 3);
    house.world.faults.inject({ call: 'vm.deleteSnapshot', kind: 'error', times: 1, reason: 'it is locked' });
    const { state, result } = await prune({ keepLast: 1 });
    assert.equal(state, 'partial');
    assert.deepEqual(result?.deleted, ['nightly-2']);
    assert.match(JSON.stringify(result?.failures), /it is locked/);
  });

  it('of others are deleted only when that is said', async () => {
    takeSnapshot(house.world, simulated(), { name: 'mine', description: '' });
    const { error } = await house.run('vm.delete-snapshot', 'web-01', { name: 'mine' });
    assert.equal(error?.code, 'SNAPSHOT_FOREIGN');
    await house.run('vm.delete-snapshot', 'web-01', { name: 'mine', foreign: true });
    assert.deepEqual(names(), []);
  });

  it('that are gone already need no deletion', async () => {
    formerNights('nightly', 1);
    deleteSnapshot(simulated(), 'nightly-1');
    const { state, result } = await house.run('vm.delete-snapshot', 'web-01', { name: 'nightly-1' });
    assert.deepEqual([state, result?.changed], ['succeeded', false]);
  });

  it('are settled by asking the hypervisor when the answer was lost', async () => {
    house.world.faults.inject({ call: 'vm.snapshot', kind: 'reply-lost', times: 1 });
    const { state, why } = await house.run('vm.snapshot', 'web-01', { series: 'nightly' });
    assert.deepEqual([state, names().length], ['succeeded', 1]);
    assert.ok(why.some(({ rule }) => rule === 'asked-hypervisor'));
  });
});
