import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionSettings } from '../../lib/drivers/driver.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Address } from './rpc/index.ts';

/** A connection's URI, read: where to connect, and what to open there. */
export interface LibvirtUri {
  /** Where the daemon may listen: the first that answers is used. */
  readonly addresses: readonly Address[];
  /** The hypervisor's URI without transport, as CONNECT_OPEN wants it: qemu:///system. */
  readonly hypervisor: string;
}

const allowed =
  'Allowed are qemu:///system, qemu:///session, qemu+unix:///system?socket=/path, qemu+tcp://host[:port]/system, and the same with test and /default.';
const defaultTcpPort = 16_509;
/** The daemon for all hypervisors first, then the one for QEMU alone (libvirt's modular daemons). */
const socketNames = ['libvirt-sock', 'virtqemud-sock'];

/**
 * Reads a connection's URI (https://libvirt.org/uri.html) as far as it is supported.
 * @throws CONNECTION_SETTINGS_INVALID
 */
export function parseUri(settings: Pick<ConnectionSettings, 'name' | 'uri'>, env = process.env): LibvirtUri {
  const refuse = (reason: string, hint = allowed) =>
    new VirtflowError('CONNECTION_SETTINGS_INVALID', { connection: settings.name, reason, hint });
  const url = readUrl(settings.uri);
  if (!url) throw refuse(`"${settings.uri}" is not a URI`);
  const [driver = '', transport = url.host === '' ? 'unix' : 'tls'] = url.protocol.slice(0, -1).split('+');
  if (driver !== 'qemu' && driver !== 'test') throw refuse(`the hypervisor "${driver}" is not one of qemu and test`);
  if (!isPath(driver, url.pathname)) throw refuse(`"${driver}" has no "${url.pathname}"`);
  if (url.username !== '' || url.password !== '') throw refuse('it holds a user or a password', 'Leave them out.');
  const surplus = [...url.searchParams.keys()].find((key) => key !== 'socket');
  if (surplus !== undefined) throw refuse(`the parameter "${surplus}" is unknown`, 'The only parameter is socket.');
  const hypervisor = `${driver}://${decodeURIComponent(url.pathname)}`;
  if (transport === 'unix') {
    if (url.host !== '') throw refuse('a unix socket has no host');
    const socket = url.searchParams.get('socket');
    if (socket !== null && !socket.startsWith('/')) throw refuse('socket is not an absolute path');
    const sockets = socket === null ? defaultSockets(url.pathname, env) : [socket];
    return { addresses: sockets.map((path) => ({ transport, path })), hypervisor };
  }
  if (url.searchParams.has('socket')) throw refuse('socket goes with a unix socket only');
  if (transport === 'tcp') {
    if (url.host === '') throw refuse('the host is missing');
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = url.port === '' ? defaultTcpPort : Number(url.port);
    return { addresses: [{ transport, host, port }], hypervisor };
  }
  if (transport === 'tls' || transport === 'ssh') {
    throw refuse(`${transport.toUpperCase()} is not supported yet`, `Use +tcp in a trusted network, or a unix socket.`);
  }
  throw refuse(`the transport "${transport}" is unknown`);
}

function readUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    decodeURIComponent(url.pathname);
    return url;
  } catch {
    return undefined;
  }
}

/** Besides /default, the test driver takes the path of a file that describes its host. */
function isPath(driver: string, path: string): boolean {
  return driver === 'test' ? path.length > 1 : path === '/system' || path === '/session';
}

function defaultSockets(path: string, env: NodeJS.ProcessEnv): string[] {
  const directory = path === '/session' ? join(sessionDirectory(env), 'libvirt') : '/run/libvirt';
  return socketNames.map((name) => join(directory, name));
}

/** As GLib's g_get_user_runtime_dir has it. */
function sessionDirectory(env: NodeJS.ProcessEnv): string {
  return env.XDG_RUNTIME_DIR || env.XDG_CACHE_HOME || join(homedir(), '.cache');
}

/** The address, for people. */
export function shownAddress({ addresses }: LibvirtUri): string {
  const [address] = addresses;
  if (!address) return 'nowhere';
  return address.transport === 'unix' ? address.path : `${address.host}:${address.port}`;
}
