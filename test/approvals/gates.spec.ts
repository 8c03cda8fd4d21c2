import assert from 'node:assert/strict';
import { termsOf } from '../../lib/approvals/policy.ts';
import { isError } from '../access/fixtures.ts';
import { type ApprovalHouse, aHouse, as, closeHouses, flow } from './house.ts';

const terms = termsOf('gate', {});

describe('a message held at a gate', () => {
  afterEach(closeHouses);

  const hold = ({ room }: ApprovalHouse, message: unknown, node = 'gate-1') =>
    room.gates.hold({ node, nodeName: 'Gate', origin: flow, terms, message });

  it('is on disk until it has gone on, over restarts', async () => {
    const house = aHouse();
    const { id } = hold(house, { payload: { n: 1 } });
    const next = house.crash();
    assert.deepEqual(
      next.room.gates.of('gate-1').map((one) => one.id),
      [id],
    );
    assert.deepEqual(next.room.gates.message(id), { payload: { n: 1 } });
    await next.answer(id, 'anna');
    assert.deepEqual(
      next.room.gates.of('gate-1').map(({ state }) => state),
      ['granted'],
      'answered, not yet gone on',
    );
    next.room.gates.done(id);
    assert.deepEqual(next.room.gates.of('gate-1'), []);
    assert.equal(next.room.approvals.get(id).state, 'granted');
  });

  it('may be answered only by who may answer everywhere, for it belongs to no object', async () => {
    const house = aHouse();
    house.user('here', as('operator', { scope: { connection: 'lab' } }));
    const { id } = hold(house, {});
    await assert.rejects(house.answer(id, 'here'), isError('APPROVAL_NOT_YOURS'));
    await assert.rejects(house.answer(id, 'flow'), isError('APPROVAL_NOT_YOURS'), 'a flow does not approve itself');
  });

  it('is refused when it is too large or cannot be kept', () => {
    const house = aHouse();
    assert.throws(() => hold(house, { payload: 'x'.repeat(262_144) }), isError('APPROVAL_MESSAGE_TOO_LARGE'));
    const loop: Record<string, unknown> = {};
    loop.loop = loop;
    assert.throws(() => hold(house, loop), isError('MESSAGE_INVALID'));
    assert.throws(() => hold(house, { big: 1n }), isError('MESSAGE_INVALID'));
    assert.deepEqual(house.room.approvals.list(), []);
  });

  it('is withdrawn with its node', () => {
    const house = aHouse();
    const { id } = hold(house, {});
    const other = hold(house, {}, 'gate-2');
    house.room.gates.drop('gate-1');
    assert.equal(house.room.approvals.get(id).state, 'withdrawn');
    assert.equal(house.room.gates.message(id), undefined);
    assert.equal(house.room.approvals.get(other.id).state, 'pending');
  });

  it('is not kept when nobody was asked, for the process died before', () => {
    const house = aHouse();
    house.safe.put('approval-message', 'orphan', '{}');
    assert.equal(house.crash().room.gates.message('orphan'), undefined);
  });

  it('is refused when too many wait already', function () {
    this.timeout(30_000);
    const house = aHouse();
    for (let count = 0; count < 1_000; count += 1) hold(house, { count });
    assert.throws(() => hold(house, {}), isError('APPROVALS_TOO_MANY'));
    hold(house, {}, 'gate-2');
  });
});
