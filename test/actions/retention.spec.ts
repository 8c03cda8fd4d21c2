import assert from 'node:assert/strict';
import { kept } from '../../lib/actions/retention.ts';

const none = { keepLast: 1, keepDaily: 0, keepWeekly: 0, keepMonthly: 0 };
const at = (text: string) => ({ text, createdAt: new Date(text).getTime() });
/** Every night at 02:00 from 1 September 2026, a Tuesday, to 30 November. */
const nights = Array.from({ length: 91 }, (_, index) => {
  const night = new Date(2026, 8, 1 + index, 2);
  return { text: `${night.getMonth() + 1}-${night.getDate()}`, createdAt: night.getTime() };
});
const texts = (all: Iterable<{ readonly text: string }>) => [...all].map(({ text }) => text).sort();

describe('what a retention keeps', () => {
  it('is the latest, in whatever order they come', () => {
    const series = [at('2026-11-02T00:00'), at('2026-11-04T00:00'), at('2026-11-03T00:00')];
    assert.deepEqual(texts(kept(series, { ...none, keepLast: 2 })), ['2026-11-03T00:00', '2026-11-04T00:00']);
  });

  it('is of each day its latest', () => {
    const series = [at('2026-11-02T01:00'), at('2026-11-02T23:00'), at('2026-11-03T01:00'), at('2026-11-03T02:00')];
    assert.deepEqual(texts(kept(series, { ...none, keepDaily: 2 })), ['2026-11-02T23:00', '2026-11-03T02:00']);
  });

  it('is of each week its latest, and weeks begin on Monday', () => {
    const weekly = kept(nights, { ...none, keepWeekly: 3 });
    assert.deepEqual(texts(weekly), ['11-22', '11-29', '11-30']);
  });

  it('is of each month its latest', () => {
    assert.deepEqual(texts(kept(nights, { ...none, keepMonthly: 3 })), ['10-31', '11-30', '9-30']);
  });

  it('counts days that have any, not days that passed', () => {
    const series = [at('2026-01-01T00:00'), at('2026-06-01T00:00'), at('2026-11-01T00:00')];
    assert.equal(kept(series, { ...none, keepDaily: 3 }).size, 3);
  });

  it('is all of these together, each once', () => {
    const all = kept(nights, { keepLast: 3, keepDaily: 7, keepWeekly: 4, keepMonthly: 3 });
    assert.deepEqual(
      texts(all),
      ['10-31', '11-15', '11-22', '11-24', '11-25', '11-26', '11-27', '11-28', '11-29', '11-30', '9-30'].sort(),
    );
  });
});
