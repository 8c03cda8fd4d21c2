import assert from 'node:assert/strict';
import type { ContractContext } from './contract.ts';
import { aJob, coded } from './subject.ts';

export function snapshotContract({ subject }: ContractContext): void {
  const first = { name: 'first', description: 'a < b & "c" [virtflow nightly 0a-1]' };

  describe('snapshots', () => {
    it('of a VM that is off are made, listed with both their words, and deleted', async () => {
      const ref = await subject().freshVm();
      const snapshot = () => subject().vms.snapshot(ref, first, aJob());
      if (await subject().lacks('vm.snapshot', snapshot)) return;
      const from = Date.now() - 60_000;
      const made = await snapshot();
      assert.deepEqual(
        [made.name, made.description, made.vm, made.withMemory],
        [first.name, first.description, ref.id, false],
      );
      assert.ok(made.createdAt > from);
      await subject().vms.snapshot(ref, { name: 'second', description: '' }, aJob());
      const both = await subject().vms.snapshots(ref);
      assert.deepEqual(both.map(({ name, parent }) => [name, parent]).sort(), [
        ['first', null],
        ['second', 'first'],
      ]);
      await subject().vms.deleteSnapshot(ref, 'first', aJob());
      const left = await subject().vms.snapshots(ref);
      assert.deepEqual(
        left.map(({ name, parent }) => [name, parent]),
        [['second', null]],
      );
      await subject().vms.deleteSnapshot(ref, 'second', aJob());
      assert.deepEqual(await subject().vms.snapshots(ref), []);
    });

    it('of a VM that runs hold its memory, and it runs on', async () => {
      const ref = await subject().runningVm();
      if (!subject().connection.capabilities.has('vm.snapshot')) return;
      const { withMemory } = await subject().vms.snapshot(ref, first, aJob());
      assert.deepEqual([withMemory, await subject().power(ref)], [true, 'running']);
      await subject().vms.deleteSnapshot(ref, first.name, aJob());
    });

    it('of a name that is taken, or that is not there, are refused', async () => {
      const ref = await subject().freshVm();
      if (!subject().connection.capabilities.has('vm.snapshot')) return;
      await subject().vms.snapshot(ref, first, aJob());
      await assert.rejects(subject().vms.snapshot(ref, first, aJob()), coded('HYPERVISOR_FAILED'));
      await assert.rejects(subject().vms.deleteSnapshot(ref, 'nobody', aJob()), coded('OBJECT_UNKNOWN'));
      await subject().vms.deleteSnapshot(ref, first.name, aJob());
    });

    it('are neither made nor deleted in a plan', async () => {
      const ref = await subject().freshVm();
      if (!subject().connection.capabilities.has('vm.snapshot')) return;
      const plan = () => aJob({ mode: 'plan' });
      await assert.rejects(subject().vms.snapshot(ref, first, plan()), coded('CHANGE_IN_PLAN'));
      await assert.rejects(subject().vms.deleteSnapshot(ref, 'first', plan()), coded('CHANGE_IN_PLAN'));
    });
  });
}
