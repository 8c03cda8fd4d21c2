import assert from 'node:assert/strict';
import { difference, median, ratio } from './figures.ts';

describe('the figures of a benchmark', () => {
  it('take the middle, or what lies between the two in the middle', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([9, 1, 5, 6]), 5.5);
  });

  it('compare round by round, so that a slow round of both does not count', () => {
    const reference = { name: 'C', values: [10, 1000, 10] };
    const { against, aim } = ratio('ours', [8, 800, 9], 'ms', reference, { atMost: 1, below: true });
    assert.deepEqual(against, { kind: 'ratio', to: 'C', value: 0.8 });
    assert.deepEqual(aim, { says: '< 1×', met: true });
  });

  it('miss an aim that says below when they are equal, and meet one that says at most', () => {
    const reference = { name: 'C', values: [10] };
    assert.equal(ratio('ours', [10], 'ms', reference, { atMost: 1, below: true }).aim?.met, false);
    assert.equal(ratio('ours', [10], 'ms', reference, { atMost: 1 }).aim?.met, true);
    assert.equal(difference('ours', [11.5], 'ms', reference, { atMost: 1 }).aim?.met, false);
  });
});
