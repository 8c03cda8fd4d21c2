import { RpcError } from './errors.ts';
import { MAX_FRAME_BYTES, MAX_STRING_BYTES } from './protocol.ts';
import { padded } from './xdr-reader.ts';

const TWO_32 = 2 ** 32;
const TWO_64 = 2 ** 64;

/**
 * Writes XDR (RFC 4506) into a buffer that grows. It checks sizes, not meanings; a caller that fails half-way sets
 * `length` back to where it began, so that nothing half-written ever leaves.
 */
export class XdrWriter {
  bytes: Buffer;
  #view: DataView;
  length = 0;

  constructor(capacity = 65_536) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.#view = viewOf(this.bytes);
  }

  /** Starts over in a buffer of its own, because the old one is still being sent. */
  renew(): void {
    this.#adopt(Buffer.allocUnsafeSlow(Math.min(this.bytes.length, 65_536)));
    this.length = 0;
  }

  i32(value: number): void {
    const at = this.reserve(4);
    this.#view.setInt32(at, value);
  }

  u32(value: number): void {
    const at = this.reserve(4);
    this.#view.setUint32(at, value);
  }

  u64(value: number | bigint): void {
    this.#hyper(typeof value === 'bigint' ? value : value >= TWO_64 ? (1n << 64n) - 1n : value);
  }

  i64(value: number | bigint): void {
    this.#hyper(value);
  }

  f64(value: number): void {
    const at = this.reserve(8);
    this.#view.setFloat64(at, value);
  }

  string(value: string): void {
    const length = Buffer.byteLength(value);
    if (length > MAX_STRING_BYTES) throw tooLarge(`a string of ${length} bytes`, MAX_STRING_BYTES);
    this.u32(length);
    const at = this.#reservePadded(length);
    this.bytes.write(value, at, length, 'utf8');
  }

  opaque(value: Uint8Array): void {
    this.u32(value.length);
    const at = this.#reservePadded(value.length);
    this.bytes.set(value, at);
  }

  wideString(value: string): void {
    const bytes = Buffer.from(value, 'latin1');
    this.u32(bytes.length);
    for (const byte of bytes) this.u32(byte);
  }

  /** `hex`: 32 hexadecimal digits. */
  uuid(hex: string): void {
    const at = this.reserve(16);
    this.bytes.write(hex, at, 16, 'hex');
  }

  /** Bytes as they are, without length and padding. */
  raw(value: Uint8Array): void {
    const at = this.reserve(value.length);
    this.bytes.set(value, at);
  }

  /** Writes over a word that was written before. */
  patchU32(at: number, value: number): void {
    this.#view.setUint32(at, value);
  }

  /** Makes room for `count` bytes and returns where they start. */
  reserve(count: number): number {
    const at = this.length;
    const needed = at + count;
    if (needed > this.bytes.length) this.#grow(needed);
    this.length = needed;
    return at;
  }

  #reservePadded(length: number): number {
    const whole = padded(length);
    const at = this.reserve(whole);
    this.bytes.fill(0, at + length, at + whole);
    return at;
  }

  #hyper(value: number | bigint): void {
    const at = this.reserve(8);
    if (typeof value === 'bigint') {
      this.#view.setBigUint64(at, BigInt.asUintN(64, value));
    } else {
      this.#view.setInt32(at, Math.floor(value / TWO_32));
      this.#view.setUint32(at + 4, value);
    }
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.#adopt(larger);
  }

  #adopt(bytes: Buffer): void {
    this.bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

/** @throws RpcError ARGUMENT_INVALID when the frame that started at `start` is larger than the daemon takes */
export function checkFrameSize(start: number, end: number): void {
  if (end - start > MAX_FRAME_BYTES) throw tooLarge(`a message of ${end - start} bytes`, MAX_FRAME_BYTES);
}

function tooLarge(what: string, limit: number): RpcError {
  return new RpcError('ARGUMENT_INVALID', `libvirt does not take ${what}; its limit is ${limit}.`);
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
