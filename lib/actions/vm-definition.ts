import Type from 'typebox';
import { type ErrorRecord, toVirtflowError } from '../model/errors.ts';
import type { AnyObject, Disk, Vm } from '../model/objects.ts';
import { refOf, sameObject } from '../model/reference.ts';
import { type AnyAction, action, type Intention, type Run } from './action.ts';
import { expectPower } from './power.ts';

export const define = action({
  id: 'vm.define',
  target: 'connection',
  role: 'power-operator',
  danger: 'none',
  label: 'define vm',
  summary: "Makes a VM from the hypervisor's own definition, or replaces the definition of one. It is not started.",
  icon: 'font-awesome/fa-file-code-o',
  parameters: Type.Object({
    definition: Type.String({
      title: 'Definition',
      description: 'libvirt: domain XML. Simulator: JSON.',
      minLength: 1,
      maxLength: 1_000_000,
      contentMediaType: 'application/xml',
      // It may hold passwords: of a display, of a disk on the network.
      writeOnly: true,
      default: '',
    }),
  }),
  needs: ['vm.define'],
  timeoutSeconds: 60,
  plan: () => ({
    changes: [{ what: 'definition', before: null, after: 'as given' }],
    calls: ['define'],
    risk: 'Whether the definition is right, the hypervisor says when it gets it. A VM that has its name or id already gets it in place of its own.',
  }),
  undo: () => ({ none: 'A definition that was replaced is not kept. A VM that is new can be deleted.' }),
  run: async ({ connection, parameters, job }) => {
    const vm = await connection.vms.define(parameters.definition, job);
    return { vm: { ...refOf(vm), name: vm.name } };
  },
});

export const remove = action({
  id: 'vm.delete',
  target: 'vm',
  role: 'administrator',
  danger: 'destructive',
  label: 'delete vm',
  summary: 'Removes a VM with its saved memory and firmware variables, and, if asked to, the disks that only it uses.',
  icon: 'font-awesome/fa-trash',
  parameters: Type.Object({
    disks: Type.Boolean({
      title: 'Delete its disks',
      description: 'ISO images, read-only and shared disks, and disks of other VMs are never deleted.',
      default: false,
    }),
  }),
  needs: ['vm.undefine'],
  timeoutSeconds: 600,
  removesTarget: true,
  goneIsDone: ({ disks }) => !disks,
  check: ({ target }) => expectPower(target, 'delete', 'halted', 'suspended', 'crashed'),
  plan: ({ target, parameters, others }) => planDelete(target, parameters.disks, others),
  undo: () => ({ none: 'What was deleted is not kept anywhere.' }),
  run: async (run) => {
    const { deletable, kept } = sortDisks(run.target, run.parameters.disks, run.others());
    await run.connection.vms.undefine(run.target, run.job);
    const { deleted, failures } = await deleteDisks(run, deletable);
    return {
      deletedDisks: deleted,
      keptDisks: kept.map(({ disk, because }) => ({ target: disk.target, source: disk.source, because })),
      ...(failures.length > 0 ? { failures } : {}),
    };
  },
});

interface KeptDisk {
  readonly disk: Disk;
  readonly because: string;
}

function planDelete(vm: Vm, disks: boolean, others: readonly AnyObject[]): Intention {
  const { deletable, kept } = sortDisks(vm, disks, others);
  const memory = { what: 'saved memory', before: 'on disk', after: null };
  return {
    changes: [
      { what: 'definition', before: 'defined', after: null },
      ...(vm.power === 'suspended' ? [memory] : []),
      ...deletable.map(({ target, source }) => ({ what: `disk ${target}`, before: source, after: null })),
    ],
    calls: ['undefine', ...deletable.map(() => 'deleteDisk' as const)],
    risk: `The VM is gone for good; disks deleted with what is on them: ${deletable.length}, kept: ${kept.length}.`,
  };
}

function sortDisks(vm: Vm, wanted: boolean, others: readonly AnyObject[]): { deletable: Disk[]; kept: KeptDisk[] } {
  if (!wanted) return { deletable: [], kept: vm.disks.map((disk) => ({ disk, because: 'not asked for' })) };
  const deletable: Disk[] = [];
  const kept: KeptDisk[] = [];
  for (const disk of vm.disks) {
    const because = reasonToKeep(vm, disk, others);
    if (because === null) deletable.push(disk);
    else kept.push({ disk, because });
  }
  return { deletable, kept };
}

function reasonToKeep(vm: Vm, disk: Disk, others: readonly AnyObject[]): string | null {
  if (disk.source === null) return 'empty';
  if (disk.device !== 'disk') return `a ${disk.device}`;
  if (disk.readOnly) return 'read-only';
  if (disk.shareable) return 'shared';
  const user = others.find((o) => o.kind === 'vm' && !sameObject(o, vm) && usesDisk(o, disk));
  return user ? `also used by ${user.name}` : null;
}

function usesDisk(vm: Vm, disk: Disk): boolean {
  return vm.disks.some((other) => other.source === disk.source);
}

async function deleteDisks(run: Run<'vm', unknown>, disks: readonly Disk[]) {
  const deleted: string[] = [];
  const failures: ErrorRecord[] = [];
  for (const [index, disk] of disks.entries()) {
    const source = disk.source ?? '';
    run.job.progress((index + 1) / (disks.length + 1), `deleting ${disk.target}`);
    try {
      await run.connection.vms.deleteDisk({ target: disk.target, source }, run.job);
      deleted.push(source);
    } catch (error) {
      failures.push(toVirtflowError(error).toJSON());
    }
  }
  return { deleted, failures };
}

export const definitionActions: readonly AnyAction[] = [define, remove];
