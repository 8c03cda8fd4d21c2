import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ContractContext } from './contract.ts';
import { aJob, coded } from './subject.ts';

export function definitionContract({ setup, subject }: ContractContext): void {
  const aName = () => `contract-${randomUUID().slice(0, 8)}`;

  describe('a definition', () => {
    it('makes a VM that is halted', async () => {
      const name = aName();
      const from = subject().recorder.end;
      const define = () => subject().vms.define(setup().definition(name), aJob());
      if (await subject().lacks('vm.define', define)) return;
      const vm = await define();
      assert.deepEqual([vm.name, vm.power, vm.connection, vm.kind], [name, 'halted', setup().settings.name, 'vm']);
      const ref = subject().ref(vm.id);
      await subject().becomes('halted', 'vm.defined', ref, from);
      await subject().vms.undefine(ref, aJob());
    });

    it('can be read, and given back without a change', async () => {
      const ref = await subject().freshVm();
      const before = await subject().vms.get(ref);
      const definition = await subject().vms.definition(ref);
      if (await subject().lacks('vm.define', () => subject().vms.define(definition, aJob()))) return;
      const again = await subject().vms.define(definition, aJob());
      assert.deepEqual(again, before);
      assert.deepEqual(await subject().vms.get(ref), before);
    });

    it('of a VM that runs does not stop it', async () => {
      const ref = await subject().runningVm();
      if (!subject().connection.capabilities.has('vm.define')) return;
      await subject().vms.define(await subject().vms.definition(ref), aJob());
      assert.equal(await subject().power(ref), 'running');
    });

    it('that makes no sense is refused, and makes nothing', async () => {
      if (!subject().connection.capabilities.has('vm.define')) return;
      const from = subject().recorder.end;
      for (const text of [
        'nonsense',
        '',
        '<domain><name>half',
        '{"name":',
        '<!DOCTYPE x [<!ENTITY a "b">]><domain/>',
      ]) {
        await assert.rejects(subject().vms.define(text, aJob()), coded('DEFINITION_INVALID'), text);
      }
      const told = subject().recorder.told.slice(from);
      assert.ok(!told.some((one) => one.kind === 'event' && one.event.type === 'vm.defined'));
    });

    it('is removed, and its VM is gone', async () => {
      const ref = await subject().freshVm();
      const from = subject().recorder.end;
      const undefine = () => subject().vms.undefine(ref, aJob());
      if (await subject().lacks('vm.undefine', undefine)) return;
      await undefine();
      const event = await subject().indexOf('vm.undefined', ref, from);
      const told = subject().recorder.told.slice(from, event);
      const isDelete = (one: (typeof told)[number]) =>
        one.kind === 'inventory' && one.change.type === 'delete' && one.change.ref.id === ref.id;
      assert.ok(told.some(isDelete), 'the inventory lets go of it before vm.undefined is told');
      assert.equal(await subject().vms.get(ref), undefined);
      await assert.rejects(subject().vms.definition(ref), coded('OBJECT_UNKNOWN'));
    });

    it('is removed with the memory that was saved', async () => {
      const { capabilities } = subject().connection;
      if (!capabilities.has('vm.suspend') || !capabilities.has('vm.undefine')) return;
      const ref = await subject().suspendedVm();
      const definition = await subject().vms.definition(ref);
      await subject().vms.undefine(ref, aJob());
      await subject().vms.define(definition, aJob());
      const from = subject().recorder.end;
      await subject().vms.start(ref, {}, aJob());
      assert.equal(await subject().happens('vm.started', ref, from), 'booted');
    });

    it('leaves disks behind, which can be deleted once no VM has them', async () => {
      const ref = await subject().freshVm();
      const vm = await subject().vms.get(ref);
      const disk = vm?.disks.find((one) => one.device === 'disk' && one.source !== null);
      const target = disk?.target ?? 'vda';
      const deleteDisk = () => subject().vms.deleteDisk({ target, source: disk?.source ?? '/no/such/disk' }, aJob());
      if (await subject().lacks('vm.delete-disks', deleteDisk)) return;
      if (!disk) return assert.rejects(deleteDisk(), coded('OBJECT_UNKNOWN'));
      await assert.rejects(deleteDisk(), coded('DISK_IN_USE'));
      await subject().vms.undefine(ref, aJob());
      await deleteDisk();
      await assert.rejects(deleteDisk(), coded('OBJECT_UNKNOWN'));
    });
  });
}
