import type { GuestImage } from './guest.ts';

/** What a lab guest is made of. Only the name is needed. */
export interface GuestOptions {
  name: string;
  uuid?: string;
  /** 96 boots; 192 unless told, which leaves room for what a test does in it. */
  memoryMiB?: number;
  vcpus?: number;
  /** More vCPUs than this can be plugged in up to that number. */
  maxVcpus?: number;
  disks?: readonly GuestDisk[];
  /** Name of a libvirt network, or false for no NIC at all, which is what a guest has unless told. */
  network?: string | false;
  /** `running` answers; `silent` has the channel, but nothing listens in it; `absent` has no channel. */
  agent?: 'running' | 'silent' | 'absent';
  /** `ignored` is a guest that does nothing when its power button is pressed. */
  acpi?: 'obeyed' | 'ignored';
  /** More for the kernel's command line, see build-guest.sh. */
  commandLine?: string;
  /** More XML within `<devices>`. */
  devices?: string;
}

export interface GuestDisk {
  path: string;
  /** qcow2 unless told. */
  format?: 'qcow2' | 'raw';
  /** vda, vdb, … in order unless told. */
  target?: string;
}

/**
 * Domain XML of an emulated guest that boots the lab's kernel in 2-4 s. No KVM is needed or used.
 * @see https://libvirt.org/formatdomain.html
 */
export function guestDomainXml(image: GuestImage, options: GuestOptions): string {
  const { name, memoryMiB = 192, vcpus = 1, maxVcpus = vcpus, agent = 'running' } = options;
  return `<domain type='qemu'>
  <name>${name}</name>${options.uuid === undefined ? '' : `\n  <uuid>${options.uuid}</uuid>`}
  <memory unit='MiB'>${memoryMiB}</memory>
  <vcpu current='${vcpus}'>${maxVcpus}</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>${image.kernel}</kernel>
    <initrd>${image.initrd}</initrd>
    <cmdline>${commandLine(options)}</cmdline>
  </os>
  <features><acpi/><apic/></features>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    ${(options.disks ?? []).map(diskXml).join('\n    ')}
    ${networkXml(options.network ?? false)}
    <serial type='pty'><log file='/var/log/libvirt/qemu/${name}-serial.log' append='on'/></serial>
    ${agent === 'absent' ? '' : "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"}
    <memballoon model='virtio'><stats period='2'/></memballoon>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
    ${options.devices ?? ''}
  </devices>
</domain>
`;
}

/** Without `panic=-1` a guest that panics spins for ever. */
function commandLine({ name, agent, acpi, commandLine = '' }: GuestOptions): string {
  const agentOff = agent === undefined || agent === 'running' ? '' : 'lab.agent=off';
  const acpiOff = acpi === 'ignored' ? 'lab.acpi=off' : '';
  return ['console=ttyS0 quiet panic=-1', `lab.name=${name}`, agentOff, acpiOff, commandLine].filter(Boolean).join(' ');
}

function diskXml({ path, format = 'qcow2', target }: GuestDisk, index: number): string {
  const device = target ?? `vd${String.fromCharCode('a'.charCodeAt(0) + index)}`;
  return `<disk type='file' device='disk'><driver name='qemu' type='${format}' discard='unmap'/>\
<source file='${path}'/><target dev='${device}' bus='virtio'/></disk>`;
}

function networkXml(network: string | false): string {
  if (network === false) return '';
  return `<interface type='network'><source network='${network}'/><model type='virtio'/></interface>`;
}
