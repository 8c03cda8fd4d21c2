import assert from 'node:assert/strict';
import { retryDelayMs } from '../../../plugins/libvirt/back-off.ts';

describe('waiting before the next try', () => {
  it('starts at half a second, doubles, and ends at 30 s', () => {
    const middle = () => 0.5;
    const delays = [0, 1, 2, 3, 6, 7, 8, 1000].map((failures) => retryDelayMs(failures, middle));
    assert.deepEqual(delays, [500, 500, 1000, 2000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('varies by a fifth', () => {
    assert.equal(
      retryDelayMs(1, () => 0),
      400,
    );
    assert.equal(
      retryDelayMs(1, () => 1),
      600,
    );
  });
});
