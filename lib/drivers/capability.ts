/** What a connection may be able to do. An action names those it needs and is refused, before any effect, without. */
export const capabilities = [
  'vm.define',
  'vm.undefine',
  'vm.start',
  'vm.start-paused',
  'vm.start-on-host',
  'vm.shutdown.acpi',
  'vm.shutdown.agent',
  'vm.reboot',
  'vm.reset',
  'vm.pause',
  'vm.suspend',
  'vm.force-off',
  'vm.delete-disks',
  'vm.snapshot',
  'tasks.cancel',
  'api.call',
  'metrics.vm',
  'metrics.host',
  'metrics.storage-pool',
] as const;
export type Capability = (typeof capabilities)[number];
