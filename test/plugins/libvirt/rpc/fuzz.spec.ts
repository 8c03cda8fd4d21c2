import assert from 'node:assert/strict';
import type { Decoder } from '../../../../plugins/libvirt/rpc/decoder.ts';
import { readError } from '../../../../plugins/libvirt/rpc/error-answer.ts';
import { RpcError } from '../../../../plugins/libvirt/rpc/errors.ts';
import { FrameReader } from '../../../../plugins/libvirt/rpc/frame.ts';
import { message, messageNames, procedure, procedureNames } from '../../../../plugins/libvirt/rpc/procedure.ts';
import { StatisticsDecoder } from '../../../../plugins/libvirt/rpc/statistics-decoder.ts';
import { CONTINUE, domain, error, frame, hyper, MESSAGE, parameter, REPLY, STREAM, text, words } from './wire.ts';

const FRAMES = 100_000;
const SEED = 20_008_086;

/** Numbers from 0 to below `end`, the same ones in every run (mulberry32). */
function random(seed: number): (end: number) => number {
  let state = seed;
  return (end) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * end);
  };
}

const record = Buffer.concat([domain(), words(2), parameter('state.state', 1, words(1)), parameter('x', 7, text('y'))]);
const SEEDS: readonly Buffer[] = [
  frame({ procedure: 16, type: REPLY, serial: 1 }, words(1), hyper(1n), hyper(2n), words(2), hyper(3n)),
  frame({ procedure: 273, type: REPLY, serial: 2 }, words(2), domain(), domain(), words(2)),
  frame({ procedure: 344, type: REPLY, serial: 3 }, words(2), record, record),
  frame({ procedure: 14, type: REPLY, serial: 4 }, text('<domain/>')),
  frame({ procedure: 23, type: REPLY, serial: 5, status: 1 }, error(42, 'Domain not found')),
  frame({ procedure: 318, type: MESSAGE }, words(1), domain(), words(2, 0)),
  frame({ procedure: 209, type: STREAM, serial: 6, status: CONTINUE }, Buffer.from('data')),
];

describe('a hundred thousand broken frames', () => {
  const next = random(SEED);
  const decoders: readonly Decoder[] = [
    ...procedureNames().map((name) => procedure(name).decode),
    ...messageNames().map((name) => message(name).decode),
    new StatisticsDecoder().decode,
    (reader) => readError('FUZZ', reader),
  ];

  const mutated = (from: number): Buffer => {
    const bytes = Buffer.from(SEEDS[next(SEEDS.length)] as Buffer);
    for (let changes = 1 + next(4); changes > 0; changes -= 1) {
      const at = from + next(bytes.length - from);
      bytes[at] = next(4) === 0 ? 0xff : next(256);
    }
    return bytes;
  };

  it('crash nothing, hang nothing, and give no error but a protocol violation', () => {
    let [read, refused, garbage] = [0, 0, 0];
    const decodeAny = (reader: Parameters<Decoder>[0]): void => {
      try {
        (decoders[next(decoders.length)] as Decoder)(reader);
        read += 1;
      } catch (thrown) {
        assert.ok(thrown instanceof RpcError && thrown.code === 'PROTOCOL_VIOLATION', String(thrown));
        refused += 1;
      }
    };
    const reader = () => new FrameReader((_header, payload) => decodeAny(payload));
    const sound = reader();
    for (let i = 0; i < FRAMES; i += 1) {
      // A broken header may announce megabytes that never come: such a frame gets a connection of its own.
      const headerBroken = next(10) === 0;
      const frames = headerBroken ? reader() : sound;
      const bytes = mutated(headerBroken ? 0 : 28);
      try {
        for (let at = 0; at < bytes.length; ) {
          const copied = bytes.copy(frames.space(), 0, at);
          frames.received(copied);
          at += copied;
        }
      } catch (thrown) {
        assert.ok(headerBroken && thrown instanceof RpcError && thrown.code === 'PROTOCOL_VIOLATION', String(thrown));
        garbage += 1;
      }
    }
    assert.ok(
      read > 10_000 && refused > 10_000 && garbage > 1000,
      `${read} read, ${refused} refused, ${garbage} garbage`,
    );
  });
});
