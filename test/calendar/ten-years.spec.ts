import assert from 'node:assert/strict';
import type { Plan } from '../../lib/calendar/plan.ts';
import type { Schedule } from '../../lib/calendar/schedule.ts';
import { Scheduler } from '../../lib/calendar/scheduler.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { seeded } from '../seeded.ts';
import { DrivenClock } from './driven-clock.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const begin = Date.UTC(2026, 0, 1, 12);
const end = Date.UTC(2036, 0, 1, 12);
/** Clocks change at 2, at midnight, by half an hour, and for a month of the lunar calendar. */
const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'Africa/Casablanca'];
/** Times of day that some of them skip or repeat, and one that none does. */
const times = ['00:15', '01:45', '02:30', '03:15', '17:20'];

/** The clock of a zone, told by Intl alone: what the scheduler is held against knows nothing of its calculator. */
class ZoneClock {
  readonly #format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    const numeric = 'numeric' as const;
    const parts = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric };
    this.#format = new Intl.DateTimeFormat('en', { timeZone, hourCycle: 'h23', ...parts });
  }

  /** What it shows at a moment, as if that were UTC. */
  shows(at: number): number {
    const parts = Object.fromEntries(this.#format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  }

  /** All moments at which it shows that. */
  instants(local: number): number[] {
    const offsets = [local - dayMs, local + dayMs].map((at) => this.shows(at) - at);
    const found = [...new Set(offsets.map((offset) => local - offset))];
    return found.filter((at) => this.shows(at) === local).toSorted((a, b) => a - b);
  }

  /** The first moment at which it shows that; where it skips it, the first after the gap. */
  fixed(local: number): number {
    const [first] = this.instants(local);
    if (first !== undefined) return first;
    let [before, after] = [local - dayMs, local + dayMs];
    while (after - before > 1000) {
      const middle = before + Math.floor((after - before) / 2000) * 1000;
      if (this.shows(middle) < local) before = middle;
      else after = middle;
    }
    return after;
  }
}

interface Kind {
  readonly name: string;
  readonly schedule: Schedule;
  readonly jitterSeconds?: number;
  /** When it should be due, by a model of its own. */
  readonly expected: (clock: ZoneClock) => number[];
}

function* days(): Generator<Date> {
  for (let day = begin - 2 * dayMs; day < end + 2 * dayMs; day += dayMs) {
    yield new Date(Math.floor(day / dayMs) * dayMs);
  }
}

function at(day: Date, time: string): number {
  return day.getTime() + Date.parse(`1970-01-01T${time}Z`);
}

function fixedOn(isDue: (day: Date) => boolean, ...ofDay: readonly string[]) {
  return (clock: ZoneClock) =>
    [...days()].filter(isDue).flatMap((day) => ofDay.map((time) => clock.fixed(at(day, time))));
}

const isLast = (day: Date) => new Date(day.getTime() + dayMs).getUTCDate() === 1;
const ofMonth = (day: Date) => day.getUTCDate() >= 29 || isLast(day);

function kindsOf(zone: string): readonly Kind[] {
  const daily = ['00:15', '02:30'].map((time) => ({
    name: `daily ${time}`,
    schedule: { type: 'daily', time, zone } as const,
    expected: fixedOn(() => true, time),
  }));
  const weekly: Schedule = { type: 'weekly', time: '02:30', weekdays: [0, 3], zone };
  const monthly: Schedule = { type: 'monthly', time: '00:15', days: [29, 30, 31, 'last'], zone };
  const listed: Schedule = { type: 'cron', expression: '30 2,14 * * 0', zone };
  const stepped: Schedule = { type: 'cron', expression: '30 2-23/12 * * *', zone };
  return [
    ...daily,
    { name: 'weekly', schedule: weekly, expected: fixedOn((day) => [0, 3].includes(day.getUTCDay()), '02:30') },
    { name: 'monthly', schedule: monthly, expected: fixedOn(ofMonth, '00:15') },
    { name: 'cron', schedule: listed, expected: fixedOn((day) => day.getUTCDay() === 0, '02:30', '14:30') },
    {
      name: 'spread',
      schedule: weekly,
      jitterSeconds: 3_000,
      expected: fixedOn((day) => [0, 3].includes(day.getUTCDay()), '02:30'),
    },
    {
      name: 'cron by the clock',
      schedule: stepped,
      expected: (clock) =>
        [...days()].flatMap((day) => ['02:30', '14:30'].flatMap((time) => clock.instants(at(day, time)))),
    },
    ...onceOf(zone),
  ];
}

/** One date each year at each of the times, among them those at which clocks change. */
function onceOf(zone: string): readonly Kind[] {
  const clock = new ZoneClock(zone);
  const changes = [...days()].filter((day) => {
    const noon = day.getTime() + 12 * hourMs;
    return clock.shows(noon) - noon !== clock.shows(noon - dayMs) - (noon - dayMs);
  });
  return changes.flatMap((day) =>
    times.map((time) => ({
      name: `once ${day.toISOString().slice(0, 10)} ${time}`,
      schedule: { type: 'once', at: `${day.toISOString().slice(0, 10)}T${time}`, zone } as const,
      expected: (own: ZoneClock) => [own.fixed(at(day, time))],
    })),
  );
}

/** What became of each schedule in ten years in which the process was stopped now and then, for up to three days. */
function tenYears(kinds: readonly Kind[], expected: readonly number[], random: () => number): Map<string, number[]> {
  const store = openSqliteStore(':memory:');
  const clock = new DrivenClock(begin);
  const started = new Map<string, number[]>(kinds.map(({ name }) => [name, []]));
  const boot = () => {
    const scheduler = new Scheduler(store.slots, store.states, { clock });
    scheduler.start();
    for (const { name, schedule, jitterSeconds = 0 } of kinds) {
      const plan: Plan = {
        id: name,
        schedule,
        jitterSeconds,
        misfire: { policy: 'all', limit: 1_000 },
        overlap: 'parallel',
      };
      scheduler.add(plan, ({ slot, at: now }) => {
        assert.ok(now >= slot, `${name} was started before its time`);
        started.get(name)?.push(slot);
      });
    }
    return scheduler;
  };
  let scheduler = boot();
  for (const moment of [...expected, end]) {
    if (random() < 0.003) {
      scheduler.stop();
      clock.leap(random() * 3 * dayMs);
      scheduler = boot();
    }
    const late = moment + Math.floor(random() * 20_000) - clock.now();
    if (late > 0) clock.leap(late);
  }
  clock.leap(2 * hourMs);
  scheduler.stop();
  store.close();
  return started;
}

describe('ten years of schedules', function () {
  this.timeout(600_000);

  for (const [index, zone] of zones.entries()) {
    it(`in ${zone} start each slot once, whatever clocks are put to and whenever the process stops`, () => {
      const clock = new ZoneClock(zone);
      const kinds = kindsOf(zone);
      const within = (all: readonly number[]) =>
        [...new Set(all)].filter((slot) => slot > begin && slot <= end).toSorted((a, b) => a - b);
      const expected = new Map(kinds.map((kind) => [kind.name, within(kind.expected(clock))]));
      const moments = within([...expected.values()].flat());
      const started = tenYears(kinds, moments, seeded(index + 1));
      for (const { name } of kinds) {
        const slots = (started.get(name) ?? []).filter((slot) => slot <= end);
        const written = (all: readonly number[] = []) => all.map((slot) => new Date(slot).toISOString());
        assert.deepEqual(written(slots.toSorted((a, b) => a - b)), written(expected.get(name)), name);
      }
    });
  }
});
