import assert from 'node:assert/strict';
import { parseOperationsSettings } from '../../lib/operations/settings.ts';
import { isError } from '../access/fixtures.ts';

describe('the settings of operations', () => {
  it('are what people chose, and nothing else', () => {
    assert.deepEqual(parseOperationsSettings(undefined), {});
    const chosen = { parallelPerConnection: 8, queuedAtMostSeconds: 60, historyDays: 30 };
    assert.deepEqual(parseOperationsSettings(chosen), {
      parallelPerConnection: 8,
      queuedAtMostMs: 60_000,
      historyDays: 30,
    });
  });

  for (const [what, value] of Object.entries({
    'no object': [],
    'a name that is not known': { parallel: 4 },
    'a number that is too small': { historyDays: 0 },
    'what is no whole number': { parallelPerConnection: 1.5 },
    'a text': { queuedAtMostSeconds: '600' },
  })) {
    it(`refuse ${what}`, () => assert.throws(() => parseOperationsSettings(value), isError('OPTION_INVALID')));
  }
});
