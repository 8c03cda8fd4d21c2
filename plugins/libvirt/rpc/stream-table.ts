import type { Header } from './frame.ts';
import type { Outbox } from './outbox.ts';
import type { Procedure } from './procedure.ts';
import { RpcStream, type StreamLink } from './stream.ts';
import type { Transport } from './transport.ts';
import type { XdrReader } from './xdr-reader.ts';

/** The streams of one connection, by the serial of the call that opened them. */
export class StreamTable implements StreamLink {
  readonly outbox: Outbox;
  readonly #transport: Transport;
  readonly #onForgotten: () => void;
  readonly #streams = new Map<number, RpcStream>();
  #drained = Promise.withResolvers<void>();
  #pauses = 0;

  constructor(outbox: Outbox, transport: Transport, onForgotten: () => void) {
    this.outbox = outbox;
    this.#transport = transport;
    this.#onForgotten = onForgotten;
  }

  get empty(): boolean {
    return this.#streams.size === 0;
  }

  /** A reader is slower than the daemon, so nothing is read at all. */
  get paused(): boolean {
    return this.#pauses > 0;
  }

  /** The stream of a call that the daemon has answered; it may have begun to send before. */
  answered(procedure: Procedure, serial: number): RpcStream {
    return this.#streams.get(serial) ?? this.#open(procedure, serial);
  }

  /**
   * Takes a stream's packet; those of a stream that was given up are dropped. The daemon reads files in a thread of its
   * own, whose first data may overtake the answer to the call.
   * @param unanswered what the call of this serial is for, while the daemon has not answered it
   */
  packet(header: Readonly<Header>, payload: XdrReader, unanswered: Procedure | undefined): void {
    const stream = this.#streams.get(header.serial) ?? (unanswered && this.#open(unanswered, header.serial));
    stream?.packet(header, payload);
  }

  /** The transport takes more again. */
  transportDrained(): void {
    this.#drained.resolve();
    this.#drained = Promise.withResolvers();
  }

  failAll(error: unknown): void {
    for (const stream of [...this.#streams.values()]) stream.lost(error);
    this.transportDrained();
  }

  pause(): void {
    this.#pauses += 1;
    this.#transport.pause();
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses === 0) this.#transport.resume();
  }

  drained(): Promise<void> | undefined {
    return this.#transport.saturated ? this.#drained.promise : undefined;
  }

  forget(serial: number): void {
    if (this.#streams.delete(serial)) this.#onForgotten();
  }

  #open(procedure: Procedure, serial: number): RpcStream {
    const stream = new RpcStream(this, procedure, serial);
    this.#streams.set(serial, stream);
    return stream;
  }
}
