import type { ErrorCode } from '../../lib/model/catalogue.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { LibvirtError, RpcError } from './rpc/index.ts';

/** Where an error was met; it fills the catalogue's sentences. */
export interface ErrorSite {
  readonly connection: string;
  /** The address of the daemon, for people. */
  readonly address: string;
  /** The object that the call was about. */
  readonly kind?: string;
  readonly name?: string;
  readonly host?: string;
}

/** libvirt's error numbers (virErrorNumber, include/libvirt/virterror.h) by what they mean to a user. */
const meanings: readonly (readonly [ErrorCode, readonly number[]])[] = [
  // NO_DOMAIN, NO_NETWORK, NO_STORAGE_POOL, NO_STORAGE_VOL, NO_NODE_DEVICE, NO_INTERFACE, NO_NWFILTER, NO_SECRET,
  // NO_DOMAIN_SNAPSHOT, DEVICE_MISSING, NO_NWFILTER_BINDING, NO_DOMAIN_CHECKPOINT, NO_DOMAIN_BACKUP, NO_NETWORK_PORT
  ['OBJECT_UNKNOWN', [42, 43, 49, 50, 53, 57, 62, 66, 72, 99, 101, 103, 104, 107]],
  // OS_TYPE, NO_KERNEL, NO_ROOT, NO_SOURCE, NO_TARGET, NO_NAME, NO_OS, NO_DEVICE, XML_ERROR, DOM_EXIST, XML_DETAIL,
  // INVALID_MAC, CONFIG_UNSUPPORTED, XML_INVALID_SCHEMA
  ['DEFINITION_INVALID', [16, 17, 18, 19, 20, 21, 22, 23, 27, 28, 35, 44, 67, 92]],
  // NO_SUPPORT, NO_CONNECT, ARGUMENT_UNSUPPORTED, OPERATION_UNSUPPORTED, CPU_INCOMPATIBLE
  ['HYPERVISOR_UNSUPPORTED', [3, 5, 74, 84, 91]],
  // OPERATION_DENIED, AUTH_FAILED, AUTH_CANCELLED, ACCESS_DENIED, AUTH_UNAVAILABLE
  ['HYPERVISOR_DENIED', [29, 45, 79, 88, 94]],
  // OPERATION_TIMEOUT (the domain's state change lock), BLOCK_COPY_ACTIVE, RESOURCE_BUSY
  ['HYPERVISOR_BUSY', [68, 83, 87]],
  // AGENT_UNRESPONSIVE, AGENT_UNSYNCED
  ['AGENT_UNAVAILABLE', [86, 97]],
  // NO_MEMORY
  ['RESOURCES_EXHAUSTED', [2]],
];

const codes = new Map(meanings.flatMap(([code, numbers]) => numbers.map((number) => [number, code] as const)));

/** Numbers that say little by themselves; QEMU's words then tell that the host is full. */
const exhausted: readonly (readonly [RegExp, string])[] = [
  [/cannot allocate memory|out of memory|cannot set up guest memory|unable to allocate memory/i, 'memory'],
  [/no space left on device|disk quota exceeded/i, 'disk space'],
];

/** A domain without an agent's channel answers OPERATION_INVALID or ARGUMENT_UNSUPPORTED. */
const agentMissing = /guest agent is not (configured|connected|available)/i;

/** Turns what the RPC client threw into an error of the catalogue; libvirt's own words and number stay in `details`. */
export function toDriverError(thrown: unknown, site: ErrorSite): unknown {
  if (thrown instanceof LibvirtError) return fromLibvirt(thrown, site);
  if (thrown instanceof RpcError) return fromRpc(thrown, site);
  return thrown;
}

function fromLibvirt(error: LibvirtError, site: ErrorSite): VirtflowError {
  const quotes = quotesDocument(error);
  const facts = {
    reason: withoutStop(quotes ? firstLine(error.message) : error.message),
    hypervisorCode: error.code,
    hypervisorDomain: error.domain,
    parameters: quotes ? [] : [error.str1, error.str2, error.str3].filter((text) => text !== null),
    call: error.procedure,
    connection: site.connection,
    host: site.host ?? site.address,
    name: site.name ?? '?',
  };
  const resource = exhausted.find(([words]) => words.test(error.message))?.[1];
  if (resource !== undefined) return new VirtflowError('RESOURCES_EXHAUSTED', { ...facts, resource }, { cause: error });
  const code = meaningOf(error);
  return new VirtflowError(code, { ...facts, ...specifics(code, error, site) }, { cause: error });
}

/** Beneath what is wrong with an XML document libvirt shows the line, and a password may stand in it. */
function quotesDocument({ message }: LibvirtError): boolean {
  return /^\([\w ]+\):\d+: [^\n]*\n/.test(message);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function meaningOf({ code, message }: LibvirtError): ErrorCode {
  if (agentMissing.test(message)) return 'AGENT_UNAVAILABLE';
  if (/^unsupported flags /.test(message)) return 'HYPERVISOR_UNSUPPORTED'; // INVALID_ARG
  return codes.get(code) ?? 'HYPERVISOR_FAILED';
}

function specifics(code: ErrorCode, error: LibvirtError, site: ErrorSite): Record<string, unknown> {
  if (code === 'RESOURCES_EXHAUSTED') return { resource: 'memory' };
  if (code !== 'OBJECT_UNKNOWN') return {};
  return {
    kind: site.kind ?? 'object',
    target: site.name ?? '?',
    hint: `libvirt says: ${withoutStop(error.message)}.`,
  };
}

/** As `toDriverError`, for what went wrong while the hypervisor was opened: there it is the connection that failed. */
export function toConnectError(thrown: unknown, site: ErrorSite): unknown {
  const error = toDriverError(thrown, site);
  if (!(thrown instanceof LibvirtError && error instanceof VirtflowError)) return error;
  const code = error.code === 'HYPERVISOR_DENIED' ? 'CONNECTION_DENIED' : 'CONNECTION_REFUSED';
  return new VirtflowError(code, { ...error.details, address: site.address }, { cause: thrown });
}

/** A text of somebody else's, to be put into a sentence. */
export function withoutStop(text: string): string {
  return text.trim().replace(/\.$/, '');
}

function fromRpc(error: RpcError, site: ErrorSite): VirtflowError {
  const systemCode = systemCodeOf(error.cause);
  const code = systemCode === 'EACCES' || systemCode === 'EPERM' ? 'CONNECTION_DENIED' : rpcCodes[error.code];
  const details = { connection: site.connection, address: site.address, reason: reasonOf(error, systemCode) };
  return new VirtflowError(code, details, { cause: error });
}

function reasonOf({ message }: RpcError, systemCode: string): string {
  // The address stands in the catalogue's sentence already.
  const reason = /^(?:The connection to .+? is gone|Cannot connect to .+?): (.+)$/s.exec(message)?.[1] ?? message;
  return systemReasons[systemCode] ?? withoutStop(reason);
}

function systemCodeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the other side cut it off',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTFOUND: 'its name is not known',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it does not answer',
};

const rpcCodes: Readonly<Record<RpcError['code'], ErrorCode>> = {
  CONNECT_FAILED: 'CONNECTION_REFUSED',
  AUTH_REQUIRED: 'CONNECTION_DENIED',
  CONNECTION_LOST: 'CONNECTION_LOST',
  PROTOCOL_VIOLATION: 'PROTOCOL_VIOLATION',
  ARGUMENT_INVALID: 'INTERNAL',
  NOT_CALLABLE: 'INTERNAL',
  TIMEOUT: 'HYPERVISOR_BUSY',
};
