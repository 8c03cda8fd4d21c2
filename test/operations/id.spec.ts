import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { operationId } from '../../lib/operations/id.ts';

describe('ids of operations', () => {
  afterEach(() => mock.timers.reset());

  it('are UUIDs of version 7', () => {
    assert.match(operationId(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('hold the time', () => {
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2040, 0, 1) });
    const ms = Number.parseInt(operationId().replace('-', '').slice(0, 12), 16);
    assert.equal(ms, Date.UTC(2040, 0, 1));
  });

  it('sort in the order they were made, even many in one millisecond and when the clock goes back', () => {
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2041, 0, 1) });
    const ids = Array.from({ length: 10_000 }, operationId);
    mock.timers.setTime(Date.UTC(2039, 0, 1));
    ids.push(operationId());
    assert.deepEqual(ids, [...ids].sort());
    assert.equal(new Set(ids).size, ids.length);
  });
});
