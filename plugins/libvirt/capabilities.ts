import type { Capability } from '../../lib/drivers/capability.ts';

const everyHypervisor: readonly Capability[] = [
  'vm.define',
  'vm.undefine',
  'vm.start',
  'vm.shutdown.acpi',
  'vm.reboot',
  'vm.pause',
  'vm.force-off',
  'vm.delete-disks',
  'vm.snapshot',
  'metrics.vm',
  'metrics.host',
  'metrics.storage-pool',
  'api.call',
];
const qemuOnly: readonly Capability[] = [
  'vm.start-paused',
  'vm.shutdown.agent',
  'vm.reset',
  'vm.suspend',
  'tasks.cancel',
];

/**
 * What can be done through a hypervisor of this type (CONNECT_GET_TYPE). libvirt's test driver does not do all that it
 * accepts: it boots what was saved, and does not tell of a reset.
 */
export function capabilitiesOf(type: string): ReadonlySet<Capability> {
  return new Set(type === 'QEMU' ? [...everyHypervisor, ...qemuOnly] : everyHypervisor);
}
