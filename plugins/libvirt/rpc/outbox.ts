import type { Encoder } from './encoder.ts';
import { MessageType, Status } from './protocol.ts';
import type { Transport } from './transport.ts';
import { checkFrameSize, XdrWriter } from './xdr-writer.ts';

export interface OutgoingHeader {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

/** Gathers the frames of one tick into one buffer and one write. */
export class Outbox {
  readonly #transport: Transport;
  readonly #writer = new XdrWriter();
  readonly #starts: number[] = [];
  #scheduled = false;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Sends a call. @throws RpcError ARGUMENT_INVALID when `args` do not fit; nothing is sent then */
  call(program: number, procedure: number, serial: number, encode: Encoder, args: unknown): void {
    this.send({ program, procedure, type: MessageType.call, serial, status: Status.ok }, encode, args);
  }

  /** Sends a frame. @throws RpcError ARGUMENT_INVALID when `content` does not fit; nothing is sent then */
  send(header: OutgoingHeader, encode?: Encoder, content?: unknown): void {
    const writer = this.#writer;
    const start = writer.length;
    try {
      writeHeader(writer, header);
      encode?.(writer, content);
      checkFrameSize(start, writer.length);
    } catch (error) {
      writer.length = start;
      throw error;
    }
    writer.patchU32(start, writer.length - start);
    this.#starts.push(start);
    this.#schedule();
  }

  /** Writes what was gathered without waiting for the end of the tick. */
  readonly flush = (): void => {
    this.#scheduled = false;
    const writer = this.#writer;
    if (writer.length === 0) return;
    const reusable = this.#transport.frameForWrite ? this.#writeEach() : this.#write(0, writer.length);
    this.#starts.length = 0;
    if (reusable) writer.length = 0;
    else writer.renew();
  };

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.flush);
  }

  #writeEach(): boolean {
    const starts = this.#starts;
    const written = starts.map((start, i) => this.#write(start, starts[i + 1] ?? this.#writer.length));
    return written.every(Boolean);
  }

  #write(start: number, end: number): boolean {
    return this.#transport.write(this.#writer.bytes.subarray(start, end));
  }
}

function writeHeader(writer: XdrWriter, header: OutgoingHeader): void {
  writer.u32(0); // the length, once it is known
  writer.u32(header.program);
  writer.u32(1); // every program is at version 1
  writer.i32(header.procedure);
  writer.u32(header.type);
  writer.u32(header.serial);
  writer.u32(header.status);
}
