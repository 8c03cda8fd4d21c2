import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { RpcError } from './errors.ts';

/** Where a daemon listens. */
export type Address =
  | { readonly transport: 'unix'; readonly path: string }
  | { readonly transport: 'tcp'; readonly host: string; readonly port: number };

/** A duplex of bytes, whatever carries it. */
export interface Transport {
  /**
   * Each frame must leave in a write of its own. So it is with TLS: libvirtd waits on the socket while a second frame
   * of the same record lies decrypted in its TLS library, unseen until the next packet.
   */
  readonly frameForWrite: boolean;
  /** It holds more unsent bytes than it likes; `drained` will be told. */
  readonly saturated: boolean;
  /** Sends. Returns whether `bytes` may be overwritten already. */
  write(bytes: Buffer): boolean;
  /** Stops reading, and with it the peer's sending, until `resume`. */
  pause(): void;
  resume(): void;
  /** Closes at once, whatever the peer does; `closed` will be told. Closing twice is fine. */
  close(): void;
}

/** Whom a transport tells. */
export interface Receiver {
  /** Where the next bytes are to be put. */
  space(): Buffer;
  /** `count` bytes were put there. */
  received(count: number): void;
  drained(): void;
  /** Told once; nothing comes after it. */
  closed(error: Error | undefined): void;
}

/**
 * Connects. From the moment it resolves the receiver is told everything, also what arrives in the same tick.
 * @throws RpcError CONNECT_FAILED, or the signal's reason
 */
export async function connectTransport(address: Address, receiver: Receiver, signal?: AbortSignal): Promise<Transport> {
  signal?.throwIfAborted();
  const socket = connect({
    ...socketOptions(address),
    onread: {
      // Asked before every read: the kernel writes where the frame under way continues.
      buffer: () => receiver.space(),
      callback: (count) => {
        receiver.received(count);
        return true;
      },
    },
  });
  await connected(socket, address, signal);
  return new SocketTransport(socket, receiver);
}

/** An address as people write it, for messages. */
export function describeAddress(address: Address): string {
  return address.transport === 'unix' ? address.path : `${address.host}:${address.port}`;
}

function socketOptions(address: Address): NetConnectOpts {
  return address.transport === 'unix'
    ? { path: address.path }
    : { host: address.host, port: address.port, noDelay: true, autoSelectFamily: true };
}

function connected(socket: Socket, address: Address, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = () => finish(signal?.reason);
    const failed = (cause: Error) => finish(unreachable(address, cause));
    const finish = (reason?: unknown) => {
      socket.off('error', failed).off('connect', finish);
      signal?.removeEventListener('abort', aborted);
      if (reason === undefined) return resolve();
      socket.on('error', () => {}).destroy();
      reject(reason);
    };
    socket.once('error', failed).once('connect', finish);
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

function unreachable(address: Address, cause: Error): RpcError {
  return new RpcError('CONNECT_FAILED', `Cannot connect to ${describeAddress(address)}: ${cause.message}.`, { cause });
}

class SocketTransport implements Transport {
  readonly frameForWrite = false;
  readonly #socket: Socket;

  constructor(socket: Socket, receiver: Receiver) {
    this.#socket = socket;
    let failure: Error | undefined;
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('end', () => socket.destroy());
    socket.on('drain', () => receiver.drained());
    socket.on('close', () => receiver.closed(failure));
  }

  get saturated(): boolean {
    return this.#socket.writableNeedDrain;
  }

  write(bytes: Buffer): boolean {
    this.#socket.write(bytes);
    return this.#socket.writableLength === 0;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }
}
