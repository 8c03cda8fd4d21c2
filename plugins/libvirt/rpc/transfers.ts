import type { LibvirtHost } from './host.ts';
import type { CallOptions } from './pending-call.ts';
import type { Arguments } from './procedure.ts';
import type { Hole, StreamChunk } from './stream.ts';

const SPARSE = 1;

export type VolumeHandle = Arguments<'STORAGE_VOL_DOWNLOAD'>['vol'];

export interface TransferOptions extends CallOptions {
  /** Where in the volume to begin, in bytes. */
  readonly offset?: number | undefined;
  /** How many bytes; to the volume's end when left out. */
  readonly length?: number | undefined;
  /** Pass stretches of zeroes as holes, without their bytes. */
  readonly sparse?: boolean | undefined;
}

/** What a screen shows, in the hypervisor's format: `image/png`, `image/x-portable-pixmap`. */
export interface Screenshot {
  readonly mime: string;
  readonly data: Buffer;
}

/** Takes a picture of a running domain's screen. @throws LibvirtError, RpcError */
export async function screenshot(
  host: LibvirtHost,
  dom: Arguments<'DOMAIN_SCREENSHOT'>['dom'],
  screen = 0,
  options: CallOptions = {},
): Promise<Screenshot> {
  const { reply, stream } = await host.openStream('DOMAIN_SCREENSHOT', { dom, screen }, options);
  const parts: Buffer[] = [];
  for await (const chunk of stream) {
    if (Buffer.isBuffer(chunk)) parts.push(chunk);
  }
  return { mime: reply.mime ?? 'application/octet-stream', data: Buffer.concat(parts) };
}

/**
 * Reads a volume. The daemon sends no faster than the reader takes; a reader that leaves early ends the transfer.
 * @throws LibvirtError, RpcError, the signal's reason
 */
export async function* downloadVolume(
  host: LibvirtHost,
  vol: VolumeHandle,
  options: TransferOptions = {},
): AsyncGenerator<StreamChunk, void, undefined> {
  const { stream } = await host.openStream('STORAGE_VOL_DOWNLOAD', { vol, ...range(options) }, options);
  yield* stream;
}

/**
 * Writes to a volume, no faster than the daemon takes; resolves when the daemon has it all.
 * @throws LibvirtError, RpcError, what the gate throws, the signal's reason, what `source` throws
 */
export async function uploadVolume(
  host: LibvirtHost,
  vol: VolumeHandle,
  source: AsyncIterable<Uint8Array | Hole> | Iterable<Uint8Array | Hole>,
  options: TransferOptions = {},
): Promise<void> {
  const { stream } = await host.openStream('STORAGE_VOL_UPLOAD', { vol, ...range(options) }, options);
  try {
    for await (const chunk of source) await stream.write(chunk);
    await stream.finish();
  } catch (error) {
    stream.abort(error);
    throw error;
  }
}

// libvirt takes length 0 for "to the end".
function range({ offset = 0, length = 0, sparse = false }: TransferOptions) {
  return { offset, length, flags: sparse ? SPARSE : 0 };
}
