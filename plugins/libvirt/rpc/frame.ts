import { RpcError } from './errors.ts';
import { HEADER_BYTES, MAX_FRAME_BYTES, MessageType, Program, Status } from './protocol.ts';
import { XdrReader } from './xdr-reader.ts';

/** A frame's header; `length` counts the whole frame in bytes. */
export interface Header {
  length: number;
  program: number;
  procedure: number;
  type: number;
  serial: number;
  status: number;
}

/** Takes one frame; `payload` is its window, and both are valid only until it returns. */
export type FrameHandler = (header: Readonly<Header>, payload: XdrReader) => void;

const FIRST_CAPACITY = 262_144;
const PROGRAMS: ReadonlySet<number> = new Set(Object.values(Program));
const TYPES: ReadonlySet<number> = new Set([
  MessageType.reply,
  MessageType.message,
  MessageType.stream,
  MessageType.streamHole,
]);

/**
 * Cuts the bytes of a connection into frames. The transport puts them straight into `space()`, so a frame is decoded
 * where the kernel wrote it. The buffer grows to the largest frame and stays so: the next bulk reply is as large.
 */
export class FrameReader {
  readonly #handle: FrameHandler;
  readonly #reader = new XdrReader();
  readonly #header: Header = { length: 0, program: 0, procedure: 0, type: 0, serial: 0, status: 0 };
  #buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
  #start = 0;
  #filled = 0;
  #stopped = false;

  constructor(handle: FrameHandler) {
    this.#handle = handle;
    this.#reader.attach(this.#buffer);
  }

  /** Where the next bytes belong; never empty. */
  space(): Buffer {
    return this.#buffer.subarray(this.#filled);
  }

  /**
   * Hands on every frame that `count` more bytes complete.
   * @throws RpcError PROTOCOL_VIOLATION when what arrived cannot be a frame of this protocol
   */
  received(count: number): void {
    this.#filled += count;
    let needed = this.#readHeader();
    while (!this.#stopped && needed <= this.#filled - this.#start) {
      const end = this.#start + needed;
      this.#reader.window(this.#start + HEADER_BYTES, end);
      this.#start = end;
      this.#handle(this.#header, this.#reader);
      needed = this.#readHeader();
    }
    this.#makeRoom(needed);
  }

  /** Hands nothing on from here. */
  stop(): void {
    this.#stopped = true;
  }

  // Returns how many bytes the frame at #start has, or a header's worth as long as that cannot be known.
  #readHeader(): number {
    const at = this.#start;
    const present = this.#filled - at;
    const { view } = this.#reader;
    if (present >= 4) checkLength(view.getUint32(at));
    if (present < HEADER_BYTES) return HEADER_BYTES;
    const header = this.#header;
    header.length = view.getUint32(at);
    header.program = view.getUint32(at + 4);
    header.procedure = view.getInt32(at + 12);
    header.type = view.getUint32(at + 16);
    header.serial = view.getUint32(at + 20);
    header.status = view.getUint32(at + 24);
    checkHeader(header, view.getUint32(at + 8));
    return header.length;
  }

  #makeRoom(needed: number): void {
    if (this.#start === this.#filled) {
      this.#start = 0;
      this.#filled = 0;
    }
    if (this.#start + needed <= this.#buffer.length) return;
    const larger = needed > this.#buffer.length ? Buffer.allocUnsafeSlow(powerOfTwo(needed)) : this.#buffer;
    this.#buffer.copy(larger, 0, this.#start, this.#filled);
    this.#filled -= this.#start;
    this.#start = 0;
    this.#buffer = larger;
    this.#reader.attach(larger);
  }
}

function checkLength(length: number): void {
  if (length < HEADER_BYTES || length > MAX_FRAME_BYTES) throw garbage(`a frame of ${length} bytes`);
}

function checkHeader(header: Readonly<Header>, version: number): void {
  const { program, type, status } = header;
  if (!PROGRAMS.has(program)) throw garbage(`a frame of program 0x${program.toString(16)}`);
  if (version !== 1) throw garbage(`a frame of version ${version}`);
  if (!TYPES.has(type)) throw garbage(`a frame of type ${type}`);
  if (status > Status.continue) throw garbage(`a frame of status ${status}`);
}

function garbage(what: string): RpcError {
  return new RpcError('PROTOCOL_VIOLATION', `The peer does not speak libvirt's protocol: it sent ${what}.`);
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}
