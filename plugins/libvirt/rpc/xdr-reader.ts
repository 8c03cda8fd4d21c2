import { RpcError } from './errors.ts';
import { MAX_STRING_BYTES } from './protocol.ts';

const TWO_32 = 2 ** 32;

/**
 * Reads XDR (RFC 4506) from a window of a buffer, without copying and never beyond the window.
 *
 * A hyper is read as the nearest `number`: every one in this protocol is a quantity (bytes, KiB, nanoseconds, counts),
 * none is an identity. It is exact to 2^53 and off by less than one part in 10^15 above; the unlimited mark 2^64-1 is
 * read as 2^64 and written back as 2^64-1.
 * @throws RpcError PROTOCOL_VIOLATION from every method when the window ends too early
 */
export class XdrReader {
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = new DataView(this.bytes.buffer, 0, 0);
  /** The same bytes as machine words, to compare them; only offsets that are multiples of four have one. */
  words: Int32Array = new Int32Array(0);
  offset = 0;
  end = 0;

  /** Looks at another buffer from here on. */
  attach(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  }

  /** Sets the window, in bytes from the start of the buffer. */
  window(start: number, end: number): void {
    this.offset = start;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  /** Moves on by `count` bytes and returns where they start. */
  take(count: number): number {
    const at = this.offset;
    if (count > this.end - at) throw truncated();
    this.offset = at + count;
    return at;
  }

  i32(): number {
    return this.view.getInt32(this.take(4));
  }

  u32(): number {
    return this.view.getUint32(this.take(4));
  }

  i64(): number {
    const at = this.take(8);
    return this.view.getInt32(at) * TWO_32 + this.view.getUint32(at + 4);
  }

  u64(): number {
    const at = this.take(8);
    return this.view.getUint32(at) * TWO_32 + this.view.getUint32(at + 4);
  }

  f64(): number {
    return this.view.getFloat64(this.take(8));
  }

  bool(): boolean {
    return this.u32() !== 0;
  }

  /** UTF-8; what is not valid in it becomes U+FFFD. */
  string(): string {
    const length = this.u32();
    if (length > MAX_STRING_BYTES) throw violation(`a string of ${length} bytes`);
    const at = this.take(padded(length));
    return this.bytes.toString('utf8', at, at + length);
  }

  /** Variable-length opaque, copied: the buffer underneath is used again for the next frame. */
  opaque(): Buffer {
    const length = this.u32();
    const at = this.take(padded(length));
    return Buffer.from(this.bytes.subarray(at, at + length));
  }

  /** Characters of four bytes each, as XDR writes `char text<>`; libvirt counts a NUL at the end. */
  wideString(length = this.count()): string {
    const at = this.take(length * 4);
    let text = '';
    for (let i = 0; i < length; i += 1) text += String.fromCharCode(this.view.getUint8(at + i * 4 + 3));
    const nul = text.indexOf('\0');
    return nul < 0 ? text : text.slice(0, nul);
  }

  /** Sixteen raw bytes as 8-4-4-4-12. */
  uuid(): string {
    const at = this.take(16);
    const hex = this.bytes.toString('hex', at, at + 16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** Length of an array; refused when so many elements (of at least four bytes) cannot be there. */
  count(): number {
    const count = this.u32();
    if (count * 4 > this.remaining) throw violation(`an array of ${count} elements in ${this.remaining} bytes`);
    return count;
  }
}

/** XDR fills up to a multiple of four bytes. */
export function padded(length: number): number {
  return length + (-length & 3);
}

function truncated(): RpcError {
  return violation('a message that ends too early');
}

function violation(what: string): RpcError {
  return new RpcError('PROTOCOL_VIOLATION', `The peer sent ${what}.`);
}
