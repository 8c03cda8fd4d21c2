import type { Disk, Nic } from '../../../lib/model/objects.ts';
import { attribute, child, children, textOf } from '../xml/xml-query.ts';
import { readXml, type XmlElement } from '../xml/xml-reader.ts';
import { readTags } from './tags.ts';

/** A disk as the definition has it, with the images it rests on as far as libvirt tells them. */
export interface DefinedDisk extends Disk {
  readonly backing: readonly string[];
}

export interface DefinedNic extends Nic {
  /** The device on the host, vnet0 …; only while the domain runs. */
  readonly hostDevice: string | null;
}

/** What virtflow reads in a domain's XML (https://libvirt.org/formatdomain.html). */
export interface DomainDefinition {
  readonly uuid: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly memoryBytes: { readonly current: number; readonly maximum: number };
  readonly vcpus: { readonly current: number; readonly maximum: number };
  /** State of the guest agent's channel; `unknown` where libvirt does not tell it: while off. */
  readonly agent: 'connected' | 'disconnected' | 'absent' | 'unknown';
  readonly disks: readonly DefinedDisk[];
  readonly nics: readonly DefinedNic[];
}

/** Reads a domain's XML. @throws XmlError */
export function readDomain(xml: string): DomainDefinition {
  const domain = readXml(xml);
  const devices = child(domain, 'devices');
  return {
    uuid: textOf(domain, 'uuid'),
    name: textOf(domain, 'name'),
    description: textOf(domain, 'title') || textOf(domain, 'description'),
    tags: readTags(domain),
    memoryBytes: readMemory(domain),
    vcpus: readVcpus(domain),
    agent: readAgent(devices),
    disks: children(devices, 'disk').map(readDisk),
    nics: children(devices, 'interface').map(readNic),
  };
}

function readMemory(domain: XmlElement): DomainDefinition['memoryBytes'] {
  const maximum = bytes(child(domain, 'memory'));
  const current = child(domain, 'currentMemory');
  return { current: current ? bytes(current) : maximum, maximum };
}

/** Units as https://libvirt.org/formatdomain.html#memory-allocation has them; KiB when none is given. */
const units: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  KB: 1e3,
  k: 1024,
  KiB: 1024,
  MB: 1e6,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  GB: 1e9,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
  TB: 1e12,
  T: 1024 ** 4,
  TiB: 1024 ** 4,
};

function bytes(element: XmlElement | undefined): number {
  const factor = units[attribute(element, 'unit') ?? 'KiB'] ?? 1024;
  return wholeNumber(element?.text, 0) * factor;
}

function readVcpus(domain: XmlElement): DomainDefinition['vcpus'] {
  const vcpu = child(domain, 'vcpu');
  const maximum = wholeNumber(vcpu?.text, 1);
  return { current: wholeNumber(attribute(vcpu, 'current'), maximum), maximum };
}

function wholeNumber(text: string | undefined, fallback: number): number {
  const value = Number.parseInt(text ?? '', 10);
  return Number.isFinite(value) ? value : fallback;
}

const agentChannel = 'org.qemu.guest_agent.0';

function readAgent(devices: XmlElement | undefined): DomainDefinition['agent'] {
  const targets = children(devices, 'channel').map((channel) => child(channel, 'target'));
  const target = targets.find((t) => attribute(t, 'name') === agentChannel);
  if (!target) return 'absent';
  const state = attribute(target, 'state');
  return state === 'connected' || state === 'disconnected' ? state : 'unknown';
}

function readDisk(disk: XmlElement): DefinedDisk {
  const device = attribute(disk, 'device');
  return {
    target: attribute(child(disk, 'target'), 'dev') ?? '',
    device: device === 'cdrom' || device === 'floppy' || device === 'lun' ? device : 'disk',
    source: sourceOf(disk),
    readOnly: child(disk, 'readonly') !== undefined,
    shareable: child(disk, 'shareable') !== undefined,
    backing: backingOf(disk),
  };
}

/**
 * What backs a disk, in one text: a path; `pool/volume`; `protocol:name` for a network disk (rbd:pool/image). Null
 * for an empty drive.
 */
function sourceOf(element: XmlElement): string | null {
  const source = child(element, 'source');
  const { file, dev, dir, pool, volume, protocol, name } = source?.attributes ?? {};
  if (pool !== undefined && volume !== undefined) return `${pool}/${volume}`;
  if (protocol !== undefined) return `${protocol}:${name ?? ''}`;
  return file ?? dev ?? dir ?? null;
}

function backingOf(disk: XmlElement): string[] {
  const found: string[] = [];
  for (let store = child(disk, 'backingStore'); store; store = child(store, 'backingStore')) {
    const source = sourceOf(store);
    if (source !== null) found.push(source);
  }
  return found;
}

function readNic(nic: XmlElement): DefinedNic {
  const { network, bridge, dev } = child(nic, 'source')?.attributes ?? {};
  return {
    mac: (attribute(child(nic, 'mac'), 'address') ?? '').toLowerCase(),
    network: network ?? bridge ?? dev ?? null,
    model: attribute(child(nic, 'model'), 'type') ?? null,
    hostDevice: attribute(child(nic, 'target'), 'dev') ?? null,
  };
}
