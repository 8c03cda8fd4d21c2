import { readError } from './error-answer.ts';
import type { Header } from './frame.ts';
import type { Outbox } from './outbox.ts';
import type { Procedure } from './procedure.ts';
import { MAX_STREAM_BYTES, MessageType, Status } from './protocol.ts';
import type { XdrReader } from './xdr-reader.ts';
import type { XdrWriter } from './xdr-writer.ts';

/** A stretch of zeroes, in bytes, that a sparse stream does not send. */
export interface Hole {
  readonly hole: number;
}

export type StreamChunk = Buffer | Hole;

/** What a stream needs of its connection. */
export interface StreamLink {
  readonly outbox: Outbox;
  /** Stop and start the reading of the whole connection. */
  pause(): void;
  resume(): void;
  /** What to wait for before sending more; nothing when the transport takes more at once. */
  drained(): Promise<void> | undefined;
  /** Takes the stream off the connection. */
  forget(serial: number): void;
}

// Received and not yet asked for, in bytes: reading stops above the one and goes on below the other.
const PAUSE_ABOVE = 4_194_304;
const RESUME_BELOW = 1_048_576;

/**
 * The stream behind a call such as STORAGE_VOL_DOWNLOAD. Iterating over it gives what the daemon sends, and confirms
 * the end; `write` and `finish` send. A failure of either side ends it: what was under way throws LibvirtError or
 * RpcError.
 */
export class RpcStream implements AsyncIterable<StreamChunk> {
  readonly #link: StreamLink;
  readonly #procedure: Procedure;
  readonly #serial: number;
  readonly #received: StreamChunk[] = [];
  #receivedBytes = 0;
  #paused = false;
  #ended = false;
  #finished = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  readonly #unlisten: (() => void)[] = [];

  constructor(link: StreamLink, procedure: Procedure, serial: number) {
    this.#link = link;
    this.#procedure = procedure;
    this.#serial = serial;
  }

  /** Sends bytes or a hole; resolves when more may be sent. */
  async write(chunk: Uint8Array | Hole): Promise<void> {
    if (!(chunk instanceof Uint8Array)) return this.#sendHole(chunk.hole);
    for (let at = 0; at < chunk.length; at += MAX_STREAM_BYTES) {
      this.#send(MessageType.stream, Status.continue, writeRaw, chunk.subarray(at, at + MAX_STREAM_BYTES));
      await this.#link.drained();
    }
  }

  /** Says that all was sent or received, and waits until the daemon agrees. */
  async finish(): Promise<void> {
    if (!this.#finished) this.#send(MessageType.stream, Status.ok);
    while (!this.#finished) await this.#change();
    this.#throwFailure();
  }

  /** Gives up. Aborting what has ended is fine. */
  abort(reason: unknown): void {
    if (this.#finished || this.#failure) return;
    this.#send(MessageType.stream, Status.error);
    this.lost(reason);
  }

  /** Gives up when the signal aborts, until the stream has ended. */
  abortOn(signal: AbortSignal | undefined): void {
    if (!signal || this.#finished) return;
    const aborted = () => this.abort(signal.reason);
    signal.addEventListener('abort', aborted);
    this.#unlisten.push(() => signal.removeEventListener('abort', aborted));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamChunk, void, undefined> {
    try {
      for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) yield chunk;
      await this.finish();
    } finally {
      this.abort(new Error('The reader of the stream left.'));
    }
  }

  /** Takes a packet from the connection. */
  packet(header: Readonly<Header>, payload: XdrReader): void {
    if (header.status === Status.error) this.lost(readError(this.#procedure.name, payload));
    else if (header.status === Status.ok) this.#confirm();
    else if (header.type === MessageType.streamHole) this.#take({ hole: payload.i64() }, 0);
    else if (payload.remaining === 0) this.#ended = true;
    else this.#takeData(payload);
    this.#wakeUp();
  }

  /** Ends the stream with a failure. */
  lost(error: unknown): void {
    this.#failure ??= { error };
    this.#confirm();
    this.#wakeUp();
  }

  #confirm(): void {
    this.#finished = true;
    for (const unlisten of this.#unlisten.splice(0)) unlisten();
    this.#link.forget(this.#serial);
    this.#setPaused(false);
  }

  async #next(): Promise<StreamChunk | undefined> {
    while (this.#received.length === 0 && !this.#ended && !this.#finished) await this.#change();
    const chunk = this.#received.shift();
    if (!chunk) {
      this.#throwFailure();
      return undefined;
    }
    this.#receivedBytes -= Buffer.isBuffer(chunk) ? chunk.length : 0;
    if (this.#receivedBytes < RESUME_BELOW) this.#setPaused(false);
    return chunk;
  }

  #takeData(payload: XdrReader): void {
    const length = payload.remaining;
    const at = payload.take(length);
    this.#take(Buffer.from(payload.bytes.subarray(at, at + length)), length);
    if (this.#receivedBytes > PAUSE_ABOVE) this.#setPaused(true);
  }

  #take(chunk: StreamChunk, bytes: number): void {
    this.#received.push(chunk);
    this.#receivedBytes += bytes;
  }

  #setPaused(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    if (paused) this.#link.pause();
    else this.#link.resume();
  }

  async #sendHole(length: number): Promise<void> {
    this.#send(MessageType.streamHole, Status.continue, writeHole, length);
    await this.#link.drained();
  }

  #send(type: number, status: number, encode?: (writer: XdrWriter, content: unknown) => void, content?: unknown): void {
    this.#throwFailure();
    const { program, number } = this.#procedure;
    this.#link.outbox.send({ program, procedure: number, type, serial: this.#serial, status }, encode, content);
    this.#link.outbox.flush();
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

function writeRaw(writer: XdrWriter, bytes: unknown): void {
  writer.raw(bytes as Uint8Array);
}

function writeHole(writer: XdrWriter, length: unknown): void {
  writer.i64(length as number);
  writer.u32(0);
}
