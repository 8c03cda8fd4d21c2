import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labRoot } from './runs.ts';

/** A host's UUID: the same name has the same one, in every run. */
export function hostUuid(name: string): string {
  const hash = createHash('sha256').update(`virtflow lab host ${name}`).digest('hex');
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}

export const libvirtPort = 16509;

/** Lays out the directories and files that host-init.sh mounts over the machine's. */
export async function writeHostFiles(directory: string, name: string, address: string): Promise<void> {
  const directories = ['run', 'etc/qemu/networks/autostart', 'lib', 'log/qemu', 'cache', 'images'];
  for (const path of directories) await mkdir(join(directory, path), { recursive: true });
  const files = {
    'etc/libvirtd.conf': libvirtdConf(hostUuid(name)),
    'etc/qemu.conf': qemuConf(address),
    'etc/qemu/networks/default.xml': defaultNetwork,
    passwd: await withEntry('/etc/passwd', 'libvirt-qemu', '64055:64055::/var/lib/libvirt:/usr/sbin/nologin'),
    group: await withEntry('/etc/group', 'libvirt-qemu', '64055:'),
    hostname: `${name}\n`,
    'machine-id': `${hostUuid(name).replaceAll('-', '')}\n`,
  };
  for (const [path, text] of Object.entries(files)) await writeFile(join(directory, path), text);
  await cp(capabilitiesCache, join(directory, 'cache'), { recursive: true }).catch(() => {}); // absent at first
}

function libvirtdConf(uuid: string): string {
  return `listen_tls = 0
listen_tcp = 1
listen_addr = "0.0.0.0"
tcp_port = "${libvirtPort}"
auth_tcp = "none"
auth_unix_rw = "none"
unix_sock_group = "root"
unix_sock_rw_perms = "0700"
host_uuid = "${uuid}"
log_outputs = "3:stderr"
`;
}

/** QEMU runs as root: the lab's directories are root's, and its own host is all that it can reach. */
function qemuConf(address: string): string {
  return `user = "root"
group = "root"
security_driver = "none"
dynamic_ownership = 0
remember_owner = 0
migration_address = "0.0.0.0"
migration_host = "${address}"
`;
}

/** libvirtd insists on the user that Debian's system package creates, even where it is told to use another. */
async function withEntry(file: string, name: string, rest: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  return text.includes(`\n${name}:`) ? text : `${text.trimEnd()}\n${name}:x:${rest}\n`;
}

/** Defined in every host; started by whoever wants it, as the `default` network of a fresh libvirt is. */
const defaultNetwork = `<network>
  <name>default</name>
  <uuid>6c1d0c3e-7a52-4c0e-9c55-0d1c6f1ab0de</uuid>
  <forward mode='nat'/>
  <bridge name='virbr0' stp='off' delay='0'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp>
  </ip>
</network>
`;

const capabilitiesCache = join(labRoot, 'cache');

/** Keeps what libvirtd has found out about QEMU, which takes it a second; it checks by itself if that still holds. */
export async function keepCapabilities(directory: string): Promise<void> {
  const found = join('qemu', 'capabilities');
  await mkdir(join(capabilitiesCache, found), { recursive: true });
  for (const file of await readdir(join(directory, 'cache', found)).catch(() => [])) {
    const copy = join(capabilitiesCache, found, file);
    await cp(join(directory, 'cache', found, file), `${copy}.${process.pid}`);
    await rename(`${copy}.${process.pid}`, copy);
  }
}
