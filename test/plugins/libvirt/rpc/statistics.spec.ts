import assert from 'node:assert/strict';
import type { Statistics } from '../../../../plugins/libvirt/rpc/statistics.ts';
import { StatisticsDecoder } from '../../../../plugins/libvirt/rpc/statistics-decoder.ts';
import { XdrReader } from '../../../../plugins/libvirt/rpc/xdr-reader.ts';
import { domain, hyper, parameter, text, words } from './wire.ts';

type Row = { readonly name: string; readonly id: number; readonly values: readonly Buffer[] };

const number = (key: string, value: number) => parameter(key, 4, hyper(BigInt(value)));
const uuidOf = (name: string) => `00000000-0000-0000-0000-${Buffer.from(name).toString('hex').padStart(12, '0')}`;

function reply(rows: readonly Row[]): Buffer {
  const records = rows.map(({ name, id, values }) =>
    Buffer.concat([domain({ name, uuid: uuidOf(name), id }), words(values.length), ...values]),
  );
  return Buffer.concat([words(rows.length), ...records]);
}

/** Decodes from somewhere in a larger buffer, as the frames of a connection stand. */
function decode(decoder: StatisticsDecoder, payload: Buffer, at = 28): Statistics {
  const bytes = Buffer.from(new Uint8Array(Buffer.concat([Buffer.alloc(at), payload, Buffer.alloc(8, 0xee)])).buffer);
  const reader = new XdrReader();
  reader.attach(bytes);
  reader.window(at, at + payload.length);
  const statistics = decoder.decode(reader);
  assert.equal(reader.remaining, 0);
  return statistics;
}

const objects = (statistics: Statistics) => [...statistics].map((record) => record.toObject());

const row = (name: string, state: number, values: readonly Buffer[] = []): Row => ({
  name,
  id: 1,
  values: [number('state.state', state), number('balloon.current', state * 2), ...values],
});

describe('statistics', () => {
  it('read every type of value', () => {
    const half = Buffer.alloc(8);
    half.writeDoubleBE(0.25);
    const values = [
      parameter('i', 1, words(-1)),
      parameter('u', 2, words(4_000_000_000)),
      parameter('l', 3, hyper(-5n)),
      parameter('ul', 4, hyper(2n ** 52n)),
      parameter('d', 5, half),
      parameter('yes', 6, words(1)),
      parameter('no', 6, words(0)),
      parameter('s', 7, text('vda')),
      parameter('s2', 7, text('')),
    ];
    const statistics = decode(new StatisticsDecoder(), reply([{ name: 'a', id: 3, values }]));
    const expected = { i: -1, u: 4_000_000_000, l: -5, ul: 2 ** 52, d: 0.25, yes: true, no: false, s: 'vda', s2: '' };
    assert.deepEqual(objects(statistics), [expected]);
    assert.deepEqual(statistics.domains, [{ name: 'a', uuid: uuidOf('a'), id: 3 }]);
    const record = statistics.record(0);
    assert.equal(record?.number('ul'), 2 ** 52);
    assert.equal(record?.text('s'), 'vda');
    assert.equal(record?.number('s'), undefined);
    assert.equal(record?.get('unheard'), undefined);
    assert.equal(statistics.record(1), undefined);
  });

  it('share one layout between domains with the same keys, also from one reply to the next', () => {
    const decoder = new StatisticsDecoder();
    const first = decode(decoder, reply([row('a', 1), row('b', 2)]));
    const second = decode(decoder, reply([row('a', 3), row('b', 4)]));
    assert.equal(new Set([...first.layouts, ...second.layouts]).size, 1);
    assert.deepEqual(first.layouts[0]?.keys, ['state.state', 'balloon.current']);
    assert.equal(first.domains[1], second.domains[1]);
    assert.deepEqual([...second.values], [3, 6, 4, 8]);
    assert.deepEqual([...first.values], [1, 2, 2, 4], 'an earlier answer keeps its values');
  });

  it('are right when keys come, go, change their type or their order', () => {
    const decoder = new StatisticsDecoder();
    const disk = (n: number) => number(`block.${n}.rd.bytes`, n);
    const rounds: readonly (readonly Row[])[] = [
      [row('a', 1, [disk(0)]), row('b', 2)],
      [row('a', 1), row('b', 2, [disk(0), disk(1)])],
      [row('a', 1, [disk(1), disk(0)]), row('b', 2, [parameter('block.0.rd.bytes', 7, text('text'))])],
      [row('b', 2, [disk(0)]), row('a', 1, [disk(0)]), row('c', 3)],
      [],
      [row('c', 3, [disk(0)])],
    ];
    for (const rows of rounds) {
      const learnt = decode(decoder, reply(rows));
      const fresh = decode(new StatisticsDecoder(), reply(rows));
      assert.deepEqual(objects(learnt), objects(fresh));
      assert.deepEqual(learnt.domains, fresh.domains);
    }
  });

  it('notice that a domain was started anew or renamed', () => {
    const decoder = new StatisticsDecoder();
    decode(decoder, reply([row('a', 1)]));
    const [restarted] = decode(decoder, reply([{ ...row('a', 1), id: 9 }])).domains;
    assert.deepEqual(restarted, { name: 'a', uuid: uuidOf('a'), id: 9 });
  });

  it('are the same wherever in the buffer the reply stands', () => {
    const decoder = new StatisticsDecoder();
    const payload = reply([row('a', 1, [number('vcpu.0.time', 5)]), row('b', 2)]);
    const expected = objects(decode(new StatisticsDecoder(), payload));
    for (let at = 28; at < 36; at += 1) assert.deepEqual(objects(decode(decoder, payload, at)), expected);
  });

  it('that end too early are refused, and the next are right again', () => {
    const decoder = new StatisticsDecoder();
    const payload = reply([row('a', 1), row('b', 2)]);
    decode(decoder, payload);
    for (let length = 0; length < payload.length; length += 1) {
      assert.throws(() => decode(decoder, payload.subarray(0, length)), { code: 'PROTOCOL_VIOLATION' });
    }
    assert.deepEqual(objects(decode(decoder, payload)), objects(decode(new StatisticsDecoder(), payload)));
  });

  it('of an unknown type are refused', () => {
    const payload = reply([{ name: 'a', id: 1, values: [parameter('x', 8, words(0))] }]);
    assert.throws(() => decode(new StatisticsDecoder(), payload), { code: 'PROTOCOL_VIOLATION' });
  });
});
