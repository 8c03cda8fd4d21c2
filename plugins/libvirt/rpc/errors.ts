/** libvirt's error codes that callers tell apart (virErrorNumber). */
export const LibvirtCode = {
  NO_SUPPORT: 3,
  INVALID_ARG: 8,
  OPERATION_FAILED: 9,
  SYSTEM: 38,
  RPC: 39,
  NO_DOMAIN: 42,
  NO_NETWORK: 43,
  AUTH_FAILED: 45,
  NO_STORAGE_POOL: 49,
  NO_STORAGE_VOL: 50,
  OPERATION_INVALID: 55,
  NO_SECRET: 66,
  OPERATION_TIMEOUT: 68,
  NO_DOMAIN_SNAPSHOT: 72,
  ARGUMENT_UNSUPPORTED: 74,
  OPERATION_ABORTED: 78,
  AUTH_CANCELLED: 79,
  NO_DOMAIN_METADATA: 80,
  OPERATION_UNSUPPORTED: 84,
  AGENT_UNRESPONSIVE: 86,
  RESOURCE_BUSY: 87,
  ACCESS_DENIED: 88,
  AGENT_UNSYNCED: 97,
  DEVICE_MISSING: 99,
  NO_DOMAIN_BACKUP: 104,
  CHECKPOINT_INCONSISTENT: 109,
} as const;

/** virErrorDomain of the RPC layer itself. */
const DOMAIN_RPC = 7;

/** The fields of libvirt's virError as they travel. */
export interface ErrorAnswer {
  readonly code: number;
  readonly domain: number;
  readonly message: string | null;
  readonly level: number;
  readonly str1: string | null;
  readonly str2: string | null;
  readonly str3: string | null;
  readonly int1: number;
  readonly int2: number;
}

/** What the hypervisor answered instead of a reply: libvirt's virError, whole. */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError';
  readonly procedure: string;
  /** virErrorNumber; an unknown procedure is told as NO_SUPPORT. */
  readonly code: number;
  /** virErrorDomain: the part of libvirt that raised it. */
  readonly domain: number;
  /** 1 warning, 2 error. */
  readonly level: number;
  readonly str1: string | null;
  readonly str2: string | null;
  readonly str3: string | null;
  readonly int1: number;
  readonly int2: number;

  constructor(procedure: string, answer: ErrorAnswer) {
    super(answer.message ?? `libvirt error ${answer.code}`);
    this.procedure = procedure;
    this.code = isUnknownProcedure(answer) ? LibvirtCode.NO_SUPPORT : answer.code;
    this.domain = answer.domain;
    this.level = answer.level;
    this.str1 = answer.str1;
    this.str2 = answer.str2;
    this.str3 = answer.str3;
    this.int1 = answer.int1;
    this.int2 = answer.int2;
  }
}

// A daemon older than a procedure has no code of its own for it: RPC error "unknown procedure: 444".
function isUnknownProcedure({ code, domain, message }: ErrorAnswer): boolean {
  return code === LibvirtCode.RPC && domain === DOMAIN_RPC && /unknown procedure/i.test(message ?? '');
}

export type RpcErrorCode =
  /** The address cannot be reached. */
  | 'CONNECT_FAILED'
  /** The daemon wants an authentication that we cannot give; the message names it. */
  | 'AUTH_REQUIRED'
  /** The connection is gone, or went while the call was under way: whether it took effect is not known. */
  | 'CONNECTION_LOST'
  /** The peer sent something that is not libvirt's protocol, or a reply that does not fit its procedure. */
  | 'PROTOCOL_VIOLATION'
  /** The arguments do not fit the procedure; nothing was sent. */
  | 'ARGUMENT_INVALID'
  /** The procedure cannot be called over this client; nothing was sent. */
  | 'NOT_CALLABLE'
  /** No answer within `timeoutMs`; the call may still take effect. */
  | 'TIMEOUT';

/** An error of this side of the wire. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: RpcErrorCode;

  constructor(code: RpcErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
