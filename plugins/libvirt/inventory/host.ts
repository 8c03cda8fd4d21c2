import type { Host } from '../../../lib/model/objects.ts';
import { type Caller, ifSupported } from '../daemon.ts';
import { attribute, child, children, textOf } from '../xml/xml-query.ts';
import { readXml } from '../xml/xml-reader.ts';

/** Reads what the host is. `address` is where we reach it over the network; null over a local socket. */
export async function readHost(caller: Caller, connection: string, address: string | null): Promise<Host> {
  const [{ hostname }, { capabilities }, node, { type }, version, sysinfo] = await Promise.all([
    caller.call('CONNECT_GET_HOSTNAME', {}),
    caller.call('CONNECT_GET_CAPABILITIES', {}),
    caller.call('NODE_GET_INFO', {}),
    caller.call('CONNECT_GET_TYPE', {}),
    ifSupported(caller.call('CONNECT_GET_VERSION', {})),
    ifSupported(caller.call('CONNECT_GET_SYSINFO', {})).catch(() => undefined), // it fails where DMI cannot be read
  ]);
  const described = child(readXml(capabilities), 'host');
  const model = processorOf(sysinfo?.sysinfo) ?? (textOf(described, 'cpu', 'model') || node.model);
  return {
    connection,
    kind: 'host',
    // The test driver's host has no UUID.
    id: textOf(described, 'uuid') || hostname,
    name: hostname,
    description: '',
    tags: [],
    pool: null,
    live: true,
    enabled: true,
    cpu: { count: node.cpus, sockets: node.nodes * node.sockets, model, mhz: node.mhz },
    memoryBytes: node.memory * 1024,
    hypervisor: { name: type, version: versionText(version?.hv_ver ?? 0) },
    address,
  };
}

/** libvirt packs a version into major * 1,000,000 + minor * 1,000 + release. */
function versionText(packed: number): string {
  return `${Math.floor(packed / 1_000_000)}.${Math.floor(packed / 1000) % 1000}.${packed % 1000}`;
}

function processorOf(sysinfo: string | undefined): string | undefined {
  if (sysinfo === undefined) return undefined;
  const entries = children(child(readXml(sysinfo), 'processor'), 'entry');
  return entries.find((entry) => attribute(entry, 'name') === 'version')?.text.trim() || undefined;
}
