import assert from 'node:assert/strict';
import { XdrReader } from '../../../../plugins/libvirt/rpc/xdr-reader.ts';
import { XdrWriter } from '../../../../plugins/libvirt/rpc/xdr-writer.ts';
import { hyper, text, words } from './wire.ts';

function reader(...parts: readonly Buffer[]): XdrReader {
  const bytes = Buffer.from(new Uint8Array(Buffer.concat(parts)).buffer);
  const made = new XdrReader();
  made.attach(bytes);
  made.window(0, bytes.length);
  return made;
}

function written(write: (writer: XdrWriter) => void): Buffer {
  const writer = new XdrWriter(8);
  write(writer);
  return writer.bytes.subarray(0, writer.length);
}

describe('XDR', () => {
  it('reads what RFC 4506 writes', () => {
    const made = reader(words(-5, 4_294_967_295, 1), hyper(-2n), hyper(2n ** 53n), text('häuser'));
    assert.equal(made.i32(), -5);
    assert.equal(made.u32(), 4_294_967_295);
    assert.equal(made.bool(), true);
    assert.equal(made.i64(), -2);
    assert.equal(made.u64(), 2 ** 53);
    assert.equal(made.string(), 'häuser');
    assert.equal(made.remaining, 0);
  });

  it('writes what it reads', () => {
    assert.deepEqual(
      written((writer) => writer.string('häuser')),
      text('häuser'),
    );
    assert.deepEqual(
      written((writer) => writer.opaque(Buffer.from([1, 2, 3, 4, 5]))),
      Buffer.from([0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0]),
    );
    for (const value of [0n, 1n, 2n ** 32n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 64n - 1n]) {
      assert.deepEqual(
        written((writer) => writer.u64(value)),
        hyper(value),
      );
    }
    for (const value of [0, -1, 1, -(2 ** 40) - 7, 2 ** 52 + 1]) {
      assert.deepEqual(
        written((writer) => writer.i64(value)),
        hyper(BigInt(value)),
      );
    }
  });

  it('brings the unlimited mark 2^64-1 through a number and back', () => {
    const unlimited = reader(hyper(2n ** 64n - 1n)).u64();
    assert.deepEqual(
      written((writer) => writer.u64(unlimited)),
      hyper(2n ** 64n - 1n),
    );
  });

  it('is off by less than one part in 10^15 above 2^53', () => {
    const value = 1_795_231_227_239_398_123n;
    const read = reader(hyper(value)).u64();
    assert.ok(Math.abs(Number(BigInt(read) - value)) / Number(value) < 1e-15);
  });

  it('marks bytes that are not UTF-8 and reads on', () => {
    const made = reader(text(Buffer.from([0x61, 0xff, 0xfe, 0x62])), words(9));
    assert.equal(made.string(), 'a\ufffd\ufffdb');
    assert.equal(made.u32(), 9);
  });

  it('reads characters of four bytes up to their NUL', () => {
    assert.equal(reader(words(4, 0x61, 0x62, 0, 0x63)).wideString(), 'ab');
    assert.equal(reader(words(0x61, ...Array(31).fill(0))).wideString(32), 'a');
  });

  it('never reads beyond its window', () => {
    const made = reader(words(1, 2, 3, 4));
    made.window(4, 8);
    assert.equal(made.u32(), 2);
    const reads = ['u32', 'u64', 'f64', 'string', 'opaque', 'uuid', 'count'] as const;
    for (const read of reads) assert.throws(() => made[read](), { code: 'PROTOCOL_VIOLATION' });
  });

  it('refuses lengths that cannot be there before it makes room for them', () => {
    assert.throws(() => reader(words(4_294_967_295)).string(), { code: 'PROTOCOL_VIOLATION' });
    assert.throws(() => reader(words(4_294_967_295)).opaque(), { code: 'PROTOCOL_VIOLATION' });
    assert.throws(() => reader(words(1_000_000, 1)).count(), { code: 'PROTOCOL_VIOLATION' });
  });

  it('pads with zeroes, whatever stood in the buffer before', () => {
    const writer = new XdrWriter(8);
    writer.raw(Buffer.alloc(64, 0xee));
    writer.length = 0;
    writer.string('a');
    assert.deepEqual(writer.bytes.subarray(0, writer.length), text('a'));
  });
});
