import assert from 'node:assert/strict';
import { conflictsOf, type PlannedSchedule } from '../../lib/calendar/conflicts.ts';
import { compile, type Schedule } from '../../lib/calendar/schedule.ts';
import { parseCalendar, timed } from '../../lib/calendar/window.ts';

const from = Date.parse('2026-06-01T00:00Z');
const until = from + 14 * 86_400_000;
const daily = (time: string): Schedule => ({ type: 'daily', time, zone: 'UTC' });

function planned(id: string, time: string, more: Partial<PlannedSchedule> = {}): PlannedSchedule {
  return { id, name: id, timetable: compile(daily(time)), objects: ['lab/vm/1'], ...more };
}

function windows(kind: 'blackout' | 'maintenance', duration: string) {
  const when = { type: 'daily', time: '02:00', duration, zone: 'UTC' };
  const file = parseCalendar({ version: 1, windows: [{ id: 'w', kind, reason: 'test', when }] });
  return file.windows.map((window) => timed(window, () => ''));
}

describe('conflicts', () => {
  const nothing = { schedules: [], windows: [], usual: [], from, until };

  it('are two schedules that work on one object within five minutes', () => {
    const schedules = [
      planned('a', '02:00'),
      planned('b', '02:04'),
      planned('c', '02:10'),
      planned('d', '02:02', { objects: [] }),
    ];
    const found = conflictsOf({ ...nothing, schedules });
    assert.deepEqual(
      found.map(({ kind, schedules: two, count, at }) => [kind, two.join(), count, at - from]),
      [['clash', 'a,b', 14, 2 * 3_600_000]],
    );
  });

  it('are a schedule that a window always holds, and not one that it holds now and then', () => {
    const [window] = windows('blackout', '1h');
    const held = (at: number) => {
      const span = window?.times.at(at);
      return span && { says: 'frozen', until: span.until };
    };
    const schedules = [planned('a', '02:30', { held }), planned('b', '04:00', { held })];
    const found = conflictsOf({ ...nothing, schedules });
    assert.deepEqual(
      found.map(({ kind, schedules: one, count }) => [kind, one.join(), count]),
      [['always-held', 'a', 14]],
    );
  });

  it('are actions that take longer than their maintenance window is open', () => {
    const usual = [
      { action: 'vm.migrate', ms: 40 * 60_000, isOf: () => true },
      { action: 'vm.start', ms: 5_000, isOf: () => true },
    ];
    const short = conflictsOf({ ...nothing, windows: windows('maintenance', '30m'), usual });
    assert.deepEqual(
      short.map(({ kind, says, facts }) => [kind, says, facts]),
      [
        [
          'too-short',
          'vm.migrate takes 40 min as a rule, and "w" is open for 30 min.',
          { action: 'vm.migrate', name: 'w', takes: 40, open: 30 },
        ],
      ],
    );
    assert.deepEqual(conflictsOf({ ...nothing, windows: windows('maintenance', '1h'), usual }), []);
  });
});
