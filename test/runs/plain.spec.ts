import assert from 'node:assert/strict';
import vm from 'node:vm';
import { fromPlain, toPlain } from '../../lib/runs/plain.ts';

const roomy = 100_000;

/** Over JSON and back, as the disk does. */
function overDisk(value: unknown): unknown {
  return fromPlain(JSON.parse(JSON.stringify(toPlain(value, roomy).value)));
}

describe('a message made plain', () => {
  it('comes back as it was: texts, numbers, lists, bytes, times and odd names', () => {
    const message = {
      payload: { text: 'ä\u0000', number: -1.5, none: null, yes: true, list: [1, [2], {}] },
      bytes: Buffer.from([0, 255]),
      at: new Date(5),
      $virtflow: 'bytes',
      deep: { $virtflow: 'date', ms: 1 },
    };
    assert.deepEqual(overDisk(message), message);
  });

  it('keeps a property named __proto__ as one, and nothing inherits it', () => {
    const message = JSON.parse('{"__proto__":{"evil":1}}');
    const back = overDisk(message) as Record<string, unknown>;
    assert.equal(JSON.stringify(back), '{"__proto__":{"evil":1}}');
    assert.equal(back.evil, undefined);
  });

  it('takes objects of another context, as Function nodes make them', () => {
    assert.deepEqual(toPlain(vm.runInNewContext('({ payload: { a: [1] } })'), roomy).left, []);
  });

  it('leaves out and names what is no plain data', () => {
    class Socket {}
    const round: Record<string, unknown> = { inside: 1 };
    round.itself = round;
    const { value, left } = toPlain(
      {
        ok: 1,
        req: new Socket(),
        call: () => 1,
        big: 1n,
        infinite: Infinity,
        round,
        list: [1, () => 1],
        gone: undefined,
      },
      roomy,
    );
    assert.deepEqual(left, ['msg.req', 'msg.call', 'msg.big', 'msg.infinite', 'msg.round.itself', 'msg.list[1]']);
    assert.deepEqual(value, { ok: 1, round: { inside: 1 }, list: [1, null] });
  });

  it('leaves out what there is no room for, and keeps what comes after it', () => {
    const { value, left } = toPlain({ small: 'a', large: 'x'.repeat(500), bytes: Buffer.alloc(500), last: 1 }, 200);
    assert.deepEqual(left, ['msg.large', 'msg.bytes']);
    assert.deepEqual(value, { small: 'a', last: 1 });
  });

  it('leaves out a list that would be cut short, and looks no further at it', () => {
    const list = Array.from({ length: 1_000_000 }, (_, index) => index);
    const { value, left } = toPlain({ list, inner: { lists: [[1], list] }, last: 1 }, 10_000);
    assert.deepEqual(left, ['msg.list', 'msg.inner.lists']);
    assert.deepEqual(value, { inner: {}, last: 1 });
  });

  it('shares an object that stands in two places without ado', () => {
    const shared = { a: 1 };
    assert.deepEqual(toPlain({ one: shared, two: shared }, roomy), { value: { one: shared, two: shared }, left: [] });
  });
});
