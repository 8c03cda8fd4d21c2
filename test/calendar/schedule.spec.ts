import assert from 'node:assert/strict';
import { nextRuns, parseSchedule, type Schedule } from '../../lib/calendar/schedule.ts';
import { VirtflowError } from '../../lib/model/errors.ts';

const zone = 'Europe/Berlin';

function runs(schedule: Schedule, after: string, count = 3): string[] {
  return nextRuns(schedule, count, Date.parse(after)).map((at) => new Date(at).toISOString().slice(0, 16));
}

function refusal(value: unknown): string {
  try {
    parseSchedule(value);
  } catch (error) {
    assert.ok(error instanceof VirtflowError);
    assert.equal(error.code, 'SCHEDULE_INVALID');
    return error.message;
  }
  return assert.fail(`${JSON.stringify(value)} was accepted`);
}

describe('a schedule', () => {
  it('is a cron expression, with or without seconds', () => {
    assert.deepEqual(runs({ type: 'cron', expression: '30 2 * * 1-5', zone: 'UTC' }, '2026-01-02T12:00Z', 2), [
      '2026-01-05T02:30',
      '2026-01-06T02:30',
    ]);
    assert.equal(runs({ type: 'cron', expression: '*/10 * * * * *', zone: 'UTC' }, '2026-01-02T12:00Z').length, 3);
  });

  it('is a time of each day, of days of the week or of the month, or one time only', () => {
    assert.deepEqual(runs({ type: 'daily', time: '02:30', zone }, '2026-01-01T00:00Z', 2), [
      '2026-01-01T01:30',
      '2026-01-02T01:30',
    ]);
    assert.deepEqual(runs({ type: 'weekly', time: '08:00', weekdays: [0, 6], zone: 'UTC' }, '2026-01-01T00:00Z'), [
      '2026-01-03T08:00',
      '2026-01-04T08:00',
      '2026-01-10T08:00',
    ]);
    assert.deepEqual(
      runs({ type: 'monthly', time: '00:00', days: [30, 'last'], zone: 'UTC' }, '2026-01-29T12:00Z', 4),
      ['2026-01-30T00:00', '2026-01-31T00:00', '2026-02-28T00:00', '2026-03-30T00:00'],
    );
    assert.deepEqual(runs({ type: 'once', at: '2026-07-01T12:00', zone }, '2026-01-01T00:00Z'), ['2026-07-01T10:00']);
    assert.deepEqual(runs({ type: 'once', at: '2025-07-01T12:00', zone }, '2026-01-01T00:00Z'), []);
  });

  it('in the hour that spring leaves out falls due right after it', () => {
    assert.deepEqual(runs({ type: 'daily', time: '02:30', zone }, '2026-03-28T12:00Z', 2), [
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
    assert.deepEqual(runs({ type: 'once', at: '2026-03-29T02:30', zone }, '2026-03-28T12:00Z'), ['2026-03-29T01:00']);
    assert.deepEqual(runs({ type: 'cron', expression: '30 2,14 * * *', zone }, '2026-03-28T14:00Z', 2), [
      '2026-03-29T01:00',
      '2026-03-29T12:30',
    ]);
    assert.deepEqual(runs({ type: 'cron', expression: '*/30 2 * * *', zone }, '2026-03-28T12:00Z', 1), [
      '2026-03-30T00:00',
    ]);
  });

  it('in the hour that autumn has twice falls due once, unless it follows the clock', () => {
    assert.deepEqual(runs({ type: 'daily', time: '02:30', zone }, '2026-10-24T12:00Z', 2), [
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
    assert.deepEqual(runs({ type: 'once', at: '2026-10-25T02:30', zone }, '2026-03-28T12:00Z'), ['2026-10-25T00:30']);
    assert.deepEqual(runs({ type: 'cron', expression: '0 * * * *', zone }, '2026-10-24T23:30Z', 4), [
      '2026-10-25T00:00',
      '2026-10-25T01:00',
      '2026-10-25T02:00',
      '2026-10-25T03:00',
    ]);
  });

  it('that can never be due is refused when it is saved', () => {
    assert.match(refusal({ type: 'cron', expression: '0 0 31 2 *', zone }), /never due/);
    assert.match(refusal({ type: 'once', at: '2026-02-31T10:00', zone }), /no 2026-02-31/);
  });

  it('with a mistake is refused and says which', () => {
    assert.match(refusal({ type: 'cron', expression: '61 * * * *', zone }), /61|minute/i);
    assert.match(refusal({ type: 'cron', expression: 'whenever', zone }), /cannot be used/);
    assert.match(refusal({ type: 'daily', time: '25:00', zone }), /time/);
    assert.match(refusal({ type: 'weekly', time: '10:00', weekdays: [7], zone }), /weekdays/);
    assert.match(refusal({ type: 'hourly', zone }), /cron, once, daily/);
    for (const value of [null, 3, [], { type: 'constructor' }]) refusal(value);
    for (const bad of ['Europe/Atlantis', '+02:00', '']) refusal({ type: 'daily', time: '10:00', zone: bad });
  });
});
