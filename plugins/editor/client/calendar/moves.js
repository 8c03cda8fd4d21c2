import { words } from '../words.js';

const dayMs = 86_400_000;

/**
 * The date and the time of day that clocks of a zone show.
 * @param {string} zone
 * @param {number} at
 */
export function clockIn(zone, at) {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const date = `${parts.year?.padStart(4, '0')}-${parts.month}-${parts.day}`;
  return {
    date,
    time: `${parts.hour}:${parts.minute}`,
    day: Number(parts.day),
    weekday: new Date(`${date}T00:00Z`).getUTCDay(),
  };
}

/** @param {string} local @param {number} ms */
function later(local, ms) {
  return new Date(Date.parse(`${local}Z`) + ms).toISOString().slice(0, local.length);
}

/**
 * What is due at one moment, due at another instead: by its own clock, and so that its other times stay as they are
 * where they can. Or why that cannot be.
 * @template {CalendarDue} D
 * @param {D} due
 * @param {string} zone
 * @param {number} from
 * @param {number} to
 * @returns {Moved<D>}
 */
export function movedDue(due, zone, from, to) {
  const [before, after] = [clockIn(zone, from), clockIn(zone, to)];
  const isOtherDay = before.date !== after.date;
  switch (due.type) {
    case 'once':
      return { value: { ...due, at: `${after.date}T${after.time}` } };
    case 'daily':
      return isOtherDay ? { reason: words('calendar.fixed.daily') } : { value: { ...due, time: after.time } };
    case 'weekly':
      return movedWeekly(due, before.weekday, after);
    case 'monthly':
      return movedMonthly(due, isOtherDay, before.day, after);
    case 'cron':
      return movedCron(due, isOtherDay, after.time);
    default:
      return { reason: words('calendar.fixed.ical') };
  }
}

/**
 * @template {CalendarDue} D
 * @param {D} due
 * @param {number} weekday
 * @param {{ weekday: number, time: string }} after
 * @returns {Moved<D>}
 */
function movedWeekly(due, weekday, after) {
  const others = (due.weekdays ?? []).filter((one) => one !== weekday);
  if (weekday !== after.weekday && others.includes(after.weekday)) return { reason: words('calendar.fixed.weekday') };
  const isLone = others.length === 0;
  if (!isLone && after.time !== due.time?.slice(0, 5) && weekday !== after.weekday) {
    return { reason: words('calendar.fixed.times') };
  }
  return { value: { ...due, weekdays: [...others, after.weekday].sort(), time: after.time } };
}

/**
 * @template {CalendarDue} D
 * @param {D} due
 * @param {boolean} isOtherDay
 * @param {number} day
 * @param {{ day: number, time: string }} after
 * @returns {Moved<D>}
 */
function movedMonthly(due, isOtherDay, day, after) {
  const days = due.days ?? [];
  if (!isOtherDay) return { value: { ...due, time: after.time } };
  if (!days.includes(day)) return { reason: words('calendar.fixed.last') };
  const others = days.filter((one) => one !== day);
  if (others.includes(after.day)) return { reason: words('calendar.fixed.monthday') };
  if (others.length > 0 && after.time !== due.time?.slice(0, 5)) return { reason: words('calendar.fixed.times') };
  return { value: { ...due, days: [...others, after.day], time: after.time } };
}

/**
 * @template {CalendarDue} D
 * @param {D} due
 * @param {boolean} isOtherDay
 * @param {string} time
 * @returns {Moved<D>}
 */
function movedCron(due, isOtherDay, time) {
  const parts = (due.expression ?? '').trim().split(/\s+/);
  const [minute, hour] = parts.length === 6 ? [1, 2] : [0, 1];
  const isFixed = [minute, hour].every((part) => /^\d+$/.test(parts[part] ?? ''));
  if (!isFixed) return { reason: words('calendar.fixed.cron') };
  if (isOtherDay) return { reason: words('calendar.fixed.cronDays') };
  const [newHour, newMinute] = time.split(':').map(Number);
  return { value: { ...due, expression: parts.with(hour, String(newHour)).with(minute, String(newMinute)).join(' ') } };
}

/**
 * The same for a window: one that is open once keeps its length.
 * @param {CalendarWhen} when
 * @param {number} from
 * @param {number} to
 * @returns {Moved<CalendarWhen>}
 */
export function movedWhen(when, from, to) {
  const zone = when.zone ?? 'UTC';
  if (when.type !== 'once') return movedDue(when, zone, from, to);
  const { date, time } = clockIn(zone, to);
  const begin = `${date}T${time}`;
  const lasts = Date.parse(`${when.until}Z`) - Date.parse(`${when.from}Z`);
  return { value: { ...when, from: begin, until: later(begin, lasts) } };
}

/**
 * When the node of a schedule is due, as its form has it.
 * @param {Record<string, unknown>} config
 * @returns {CalendarDue}
 */
export function dueOf({ repeat, at, time, weekdays, days, cron }) {
  const type = String(repeat ?? 'daily');
  return {
    type,
    at: String(at ?? ''),
    time: String(time ?? ''),
    weekdays: Array.isArray(weekdays) ? weekdays.map(Number) : [],
    days: String(days ?? '')
      .split(',')
      .map((day) => (day.trim() === 'last' ? 'last' : Number(day))),
    expression: String(cron ?? ''),
  };
}

/**
 * The properties of a schedule's node for that.
 * @param {CalendarDue} due
 * @returns {Record<string, unknown>}
 */
export function configOf({ type, at, time, weekdays = [], days = [], expression }) {
  switch (type) {
    case 'once':
      return { at };
    case 'weekly':
      return { time, weekdays: weekdays.map(String) };
    case 'monthly':
      return { time, days: days.join(', ') };
    case 'cron':
      return { cron: expression };
    default:
      return { time };
  }
}

/** The midnight before a moment, by the clock of the browser. @param {number} at */
export function midnightOf(at) {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** So many days later at the same time of day. @param {number} at @param {number} days */
export function daysLater(at, days) {
  const date = new Date(at);
  return date.setDate(date.getDate() + days);
}

/** How many days lie between two midnights. @param {number} from @param {number} to */
export function daysBetween(from, to) {
  return Math.round((midnightOf(to) - midnightOf(from)) / dayMs);
}
