import assert from 'node:assert/strict';
import { snapshotOf } from '../../lib/runs/snapshot.ts';

describe('the snapshot of a message', () => {
  it('is the message when there is nothing to hide', () => {
    const message = { payload: [1, 'two', { three: null }] };
    assert.deepEqual(snapshotOf(message), { message, altered: [] });
  });

  it('names what is masked, shortened and left out', () => {
    const { message, altered } = snapshotOf({
      password: 'hunter2',
      url: 'http://me:hunter2@host/',
      list: [{ token: 'abc' }],
      long: 'x'.repeat(1_000),
      call: () => 1,
    });
    assert.deepEqual(altered, ['msg.call', 'msg.password', 'msg.url', 'msg.list[0].token', 'msg.long']);
    assert.doesNotMatch(JSON.stringify(message), /hunter2|abc|xxx/);
  });

  it('stays altered when it is sent again and looked at again', () => {
    const first = snapshotOf({ password: 'hunter2', long: 'x'.repeat(1_000) });
    assert.deepEqual(snapshotOf(first.message).altered, first.altered);
  });

  it('takes a message of whatever size, and keeps little of it', () => {
    const { message, altered } = snapshotOf({
      payload: Array.from({ length: 100_000 }, (_, index) => `line ${index}`),
    });
    assert.deepEqual([message, altered], [{}, ['msg.payload']]);
  });
});
