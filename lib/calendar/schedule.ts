import { Cron } from 'croner';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { VirtflowError } from '../model/errors.ts';

export const zoneName = Type.String({ title: 'Time zone', minLength: 1, maxLength: 60 });
/** A date and a time of day, as clocks there show it. */
export const localTime = Type.String({
  pattern: '^\\d{4}-\\d\\d-\\d\\dT([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?$',
});
/** HH:mm or HH:mm:ss */
const Time = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?$' });

/** The ways to say when something is due. */
export const scheduleForms = {
  /** minute hour day month weekday, or with seconds in front; names and L, W, # as croner has them. */
  cron: Type.Object({ type: Type.Literal('cron'), expression: Type.String({ minLength: 1 }), zone: zoneName }),
  once: Type.Object({
    type: Type.Literal('once'),
    at: localTime,
    zone: zoneName,
  }),
  daily: Type.Object({ type: Type.Literal('daily'), time: Time, zone: zoneName }),
  /** Weekdays from 0, Sunday, to 6, Saturday. */
  weekly: Type.Object({
    type: Type.Literal('weekly'),
    time: Time,
    weekdays: Type.Array(Type.Integer({ minimum: 0, maximum: 6 }), { minItems: 1 }),
    zone: zoneName,
  }),
  /** A day that a month does not have is left out in that month; `last` is in each. */
  monthly: Type.Object({
    type: Type.Literal('monthly'),
    time: Time,
    days: Type.Array(Type.Union([Type.Integer({ minimum: 1, maximum: 31 }), Type.Literal('last')]), { minItems: 1 }),
    zone: zoneName,
  }),
};

/**
 * When something is due, in a time zone of the IANA database. Where clocks are put forward, a fixed time in the hour
 * that is missing falls due right after it; where they are put back, a fixed time in the hour that comes twice falls
 * due the first time. Times with a wildcard or a step in seconds, minutes or hours follow the clock: none in the hour
 * that is missing, all in both of the other (the rules of Vixie cron).
 */
export type Schedule = Static<(typeof scheduleForms)[keyof typeof scheduleForms]>;

/** Reads a schedule from a node's configuration or a message. @throws SCHEDULE_INVALID with what is wrong */
export function parseSchedule(value: unknown): Schedule {
  const form = scheduleForms[typeOf(value)];
  if (!Value.Check(form, value)) {
    const [error] = Value.Errors(form, value);
    throw invalid(
      `${error?.instancePath.slice(1).replaceAll('/', '.') || 'it'} ${error?.message ?? 'has the wrong form'}`,
    );
  }
  compile(value);
  return value;
}

/** The next times it is due after a moment; fewer when there are no more. Milliseconds since the epoch. */
export function nextRuns(schedule: Schedule, count: number, after = Date.now()): number[] {
  return compile(schedule).next(count, after);
}

/** When clocks of a time zone show that, by the rules of a schedule. @throws SCHEDULE_INVALID */
export function instantOf(at: string, zone: string): number {
  return firstOf(compile({ type: 'once', at, zone }).next(1, firstMoment), at, zone);
}

/**
 * The same as calendars have it: a time in the hour that is missing is as much after its beginning as the clock would
 * have shown (RFC 5545, 3.3.5). @throws SCHEDULE_INVALID
 */
export function calendarInstant(at: string, zone: string): number {
  checkZone(zone);
  checkDate(at);
  return firstOf(cronOf(at, zone).nextRuns(1, new Date(firstMoment)).map(Number), at, zone);
}

function firstOf([instant]: readonly number[], at: string, zone: string): number {
  if (instant === undefined) throw invalid(`there is no ${at} in ${zone}`);
  return instant;
}

/** Before any time that a date of four digits can name. */
const firstMoment = Date.UTC(0, 0, 1);

/** A schedule that can be asked, by the one calculator that there is. */
export interface Timetable {
  /** The first times after a moment, in order. */
  next(count: number, after: number): number[];
  /** The last times up to and including a moment, in order. */
  last(count: number, until: number): number[];
}

/** @throws SCHEDULE_INVALID */
export function compile(schedule: Schedule): Timetable {
  checkZone(schedule.zone);
  if (schedule.type === 'once') checkDate(schedule.at);
  const cron = cronOf(patternOf(schedule), schedule.zone, schedule.type === 'once' ? '7-part' : '5-or-6-parts');
  const timetable: Timetable = {
    next: forwards(cron),
    last: (count, until) => cron.previousRuns(count, nextSecond(until)).map(Number).reverse(),
  };
  if (schedule.type !== 'once' && timetable.next(1, Date.now()).length === 0) throw invalid('it is never due');
  return timetable;
}

/** Whoever follows a schedule asks for the same slot before it is due and when it is: it is reckoned once. */
function forwards(cron: Cron): Timetable['next'] {
  let from = Infinity;
  let found: readonly number[] = [];
  return (count, after) => {
    const known = after >= from ? found.filter((slot) => slot > after) : [];
    const missing = count - known.length;
    const more = missing > 0 ? cron.nextRuns(missing, new Date(known.at(-1) ?? after)).map(Number) : [];
    from = after;
    found = [...known, ...more].slice(0, count);
    return [...found];
  };
}

/** The calculator counts in whole seconds and looks before the moment that it is given. */
function nextSecond(at: number): Date {
  return new Date(Math.floor(at / 1000) * 1000 + 1000);
}

function cronOf(pattern: string, timezone: string, mode?: '7-part' | '5-or-6-parts'): Cron {
  try {
    return new Cron(pattern, { timezone, paused: true, fixedTimeRule: 'no-wildcard', ...(mode && { mode }) });
  } catch (error) {
    throw invalid(error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error));
  }
}

function patternOf(schedule: Schedule): string {
  switch (schedule.type) {
    case 'cron':
      return schedule.expression.trim();
    case 'once':
      return oncePattern(schedule.at);
    case 'daily':
      return `${clockPart(schedule.time)} * * *`;
    case 'weekly':
      return `${clockPart(schedule.time)} * * ${schedule.weekdays.join()}`;
    case 'monthly':
      return `${clockPart(schedule.time)} ${schedule.days.map((day) => (day === 'last' ? 'L' : day)).join()} * *`;
  }
}

/** A date is a pattern as well, for then it goes by the same rules. */
function oncePattern(at: string): string {
  const [year, month, day] = at.slice(0, 10).split('-').map(Number);
  return `${clockPart(at.slice(11))} ${day} ${month} * ${year}`;
}

function clockPart(time: string): string {
  const [hour, minute, second] = time.split(':').map(Number);
  return `${second ?? 0} ${minute} ${hour}`;
}

/** Those that were found to be some; to ask takes as long as to reckon. */
const knownZones = new Set<string>();

function checkZone(zone: string): void {
  if (knownZones.has(zone)) return;
  try {
    // An offset is no time zone: it does not know summer time.
    if (/^[+-]/.test(zone)) throw new RangeError();
    new Intl.DateTimeFormat('en', { timeZone: zone });
    knownZones.add(zone);
  } catch {
    throw invalid(`"${zone}" is not a time zone; one is named like Europe/Berlin or UTC`);
  }
}

function checkDate(at: string): void {
  const date = at.slice(0, 10);
  const parsed = new Date(`${date}T00:00:00Z`);
  const exists = !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date);
  if (!exists) throw invalid(`there is no ${date}`);
}

function typeOf(value: unknown): keyof typeof scheduleForms {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (isType(type)) return type;
  throw invalid(`its type is one of ${Object.keys(scheduleForms).join(', ')}`);
}

function isType(type: unknown): type is keyof typeof scheduleForms {
  return typeof type === 'string' && Object.hasOwn(scheduleForms, type);
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('SCHEDULE_INVALID', { reason });
}
