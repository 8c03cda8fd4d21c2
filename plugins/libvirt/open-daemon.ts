import { type HostOptions, LibvirtHost, RpcError } from './rpc/index.ts';
import type { LibvirtUri } from './uri.ts';

const openTimeoutMs = 30_000;

/**
 * Opens the hypervisor on the first of its addresses that answers.
 * @throws RpcError, LibvirtError; the signal's reason
 */
export async function openDaemon(
  { addresses, hypervisor }: LibvirtUri,
  options: Pick<HostOptions, 'onClosed'>,
  signal: AbortSignal,
): Promise<LibvirtHost> {
  const deadline = AbortSignal.timeout(openTimeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  let failure: unknown;
  for (const address of addresses) {
    try {
      return await LibvirtHost.open({ address, uri: hypervisor, onWarning: warn, ...options }, either);
    } catch (error) {
      if (deadline.aborted && !signal.aborted) throw new RpcError('CONNECT_FAILED', 'It does not answer.');
      if (!(error instanceof RpcError && error.code === 'CONNECT_FAILED')) throw error;
      // A socket that is there and refuses says more than one that is not there.
      if (failure === undefined || !isAbsent(error)) failure = error;
    }
  }
  throw failure;
}

function isAbsent(error: RpcError): boolean {
  return error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'ENOENT';
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error), { code: 'VIRTFLOW_LIBVIRT' });
}
