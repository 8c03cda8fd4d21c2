import assert from 'node:assert/strict';
import { FrameReader } from '../../../../plugins/libvirt/rpc/frame.ts';
import { CONTINUE, frame, KEEPALIVE, MESSAGE, REPLY, STREAM, text, words } from './wire.ts';

function collector() {
  const frames: { procedure: number; serial: number; type: number; status: number; payload: string }[] = [];
  const reader = new FrameReader(({ procedure, serial, type, status }, payload) => {
    const at = payload.take(payload.remaining);
    frames.push({ procedure, serial, type, status, payload: payload.bytes.toString('hex', at, payload.end) });
  });
  return { reader, frames };
}

function feed(reader: FrameReader, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    const copied = bytes.copy(reader.space(), 0, at);
    reader.received(copied);
    at += copied;
  }
}

const STREAMED = Buffer.concat([
  frame({ procedure: 16, type: REPLY, serial: 1 }, words(1, 2, 3)),
  frame({ program: KEEPALIVE, procedure: 1, type: MESSAGE }),
  frame({ procedure: 209, type: STREAM, serial: 2, status: CONTINUE }, Buffer.from('odd')),
  frame({ procedure: 14, type: REPLY, serial: 3 }, text('<domain/>')),
]);

function expected() {
  const { reader, frames } = collector();
  feed(reader, STREAMED);
  return frames;
}

describe('frames', () => {
  it('are cut where their length says', () => {
    assert.deepEqual(
      expected().map(({ procedure, serial, payload }) => [procedure, serial, payload.length / 2]),
      [
        [16, 1, 12],
        [1, 0, 0],
        [209, 2, 3],
        [14, 3, 16],
      ],
    );
  });

  it('are the same when the bytes arrive split anywhere', () => {
    for (let cut = 1; cut < STREAMED.length; cut += 1) {
      const { reader, frames } = collector();
      feed(reader, STREAMED.subarray(0, cut));
      feed(reader, STREAMED.subarray(cut));
      assert.deepEqual(frames, expected(), `split at ${cut}`);
    }
  });

  it('are the same when the bytes arrive one by one', () => {
    const { reader, frames } = collector();
    for (const byte of STREAMED) feed(reader, Buffer.from([byte]));
    assert.deepEqual(frames, expected());
  });

  it('may be larger than the buffer, and small ones follow', () => {
    const { reader, frames } = collector();
    const large = frame({ procedure: 344, type: REPLY, serial: 1 }, Buffer.alloc(3_000_001, 7));
    feed(reader, Buffer.concat([STREAMED, large, STREAMED]));
    assert.equal(frames.length, 9);
    assert.equal(frames[4]?.payload, Buffer.alloc(3_000_001, 7).toString('hex'));
    assert.deepEqual(frames.slice(5), expected());
  });

  it('are refused when their length cannot be, as soon as it is read', () => {
    for (const length of [0, 27, 33_554_437, 0xffff_ffff]) {
      const { reader } = collector();
      assert.throws(() => feed(reader, words(length)), { code: 'PROTOCOL_VIOLATION' });
    }
  });

  it('are refused when their header is not of this protocol, before their payload is there', () => {
    const good = { procedure: 16, type: REPLY, serial: 1 };
    const bad = [
      { ...good, program: 0x06900690 },
      { ...good, version: 2 },
      { ...good, type: 9 },
      { ...good, type: 0 },
      { ...good, status: 3 },
    ];
    for (const head of bad) {
      const { reader } = collector();
      const header = frame(head, Buffer.alloc(1000)).subarray(0, 28);
      assert.throws(() => feed(reader, header), { code: 'PROTOCOL_VIOLATION' }, JSON.stringify(head));
    }
  });

  it('are refused when another service answers', () => {
    const { reader } = collector();
    assert.throws(() => feed(reader, Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')), /libvirt's protocol/);
  });

  it('are handed on no more once it was told to stop, even of the same read', () => {
    let seen = 0;
    const reader = new FrameReader(() => {
      seen += 1;
      reader.stop();
    });
    feed(reader, STREAMED);
    assert.equal(seen, 1);
  });
});
