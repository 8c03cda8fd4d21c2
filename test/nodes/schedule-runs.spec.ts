import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { Runs } from '../../nodes/calendar/runs.ts';

describe('runs of a schedule node', () => {
  it('leave nothing behind when they have ended', async () => {
    const { signal } = new AbortController();
    const runs = new Runs(60_000);
    for (let slot = 0; slot < 3; slot += 1) {
      const ended = runs.ended(slot, `run ${slot}`, signal);
      runs.end(slot);
      await ended;
    }
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });
});
