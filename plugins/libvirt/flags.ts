import { LibvirtCode, LibvirtError } from './rpc/index.ts';

/**
 * Makes a call with all of these flags, or with those that the hypervisor knows: it names the others in its refusal,
 * before any effect.
 */
export async function withKnownFlags<T>(flags: number, call: (flags: number) => Promise<T>): Promise<T> {
  try {
    return await call(flags);
  } catch (error) {
    const unknown = unknownFlags(error) & flags;
    if (unknown === 0) throw error;
    return withKnownFlags(flags & ~unknown, call);
  }
}

function unknownFlags(error: unknown): number {
  if (!(error instanceof LibvirtError) || error.code !== LibvirtCode.INVALID_ARG) return 0;
  const found = /unsupported flags \(0x([\da-f]+)\)/.exec(error.message);
  return found?.[1] === undefined ? 0 : Number.parseInt(found[1], 16);
}
