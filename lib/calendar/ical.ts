import ICAL from 'ical.js';
import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import { watchRules } from './ical-rules.ts';
import { calendarInstant } from './schedule.ts';
import { merged, type Span, type Times } from './span.ts';

const dayMs = 86_400_000;
/** A rule that names the 29th of February is due every eight years at worst. */
const lookAheadMs = [400 * dayMs, 3_300 * dayMs] as const;
/** What is looked for beyond what is known is looked for so much further, so that it is seldom. */
const stepMs = 30 * dayMs;
/** A calendar that comes by the second for years is a mistake. So many take a second or two. */
const mostSteps = 50_000;

/** One entry, and how far its occurrences were reckoned. */
interface Entry {
  readonly event: ICAL.Event;
  readonly iterator: ICAL.RecurExpansion;
  /** When the last one begins that is known. */
  knownTo: number;
  isDone: boolean;
}

/**
 * The times of a calendar as RFC 5545 has it: VEVENT with RRULE, RDATE, EXDATE, RECURRENCE-ID and VTIMEZONE. Entries that
 * are cancelled, or marked as taking no time (TRANSP:TRANSPARENT), are left out.
 * @param zone of days, and of times that have none
 * @throws ICAL_INVALID
 */
export function icalTimes(text: string, zone: string): Times {
  let left = mostSteps;
  const spend = (steps: number) => {
    left -= steps;
    if (left < 0) throw invalid('its entries come too often, or on days that there are not');
  };
  const entries = understood(() => entriesOf(text, spend));
  const spans: Span[] = [];
  let known = Number.NEGATIVE_INFINITY;
  let inOrder: readonly Span[] = [];
  let problem: VirtflowError | undefined;
  const reckon = (until: number) => {
    left = mostSteps;
    for (const entry of entries) expand(entry, until, zone, spans);
    known = entries.every(({ isDone }) => isDone) ? Infinity : until;
    inOrder = merged(spans);
  };
  const upTo = (until: number): readonly Span[] => {
    if (problem) throw problem;
    if (until <= known) return inOrder;
    try {
      understood(() => reckon(Math.max(until, known + stepMs)));
    } catch (thrown) {
      problem = toVirtflowError(thrown);
      throw problem;
    }
    return inOrder;
  };
  const next = (after: number): Span | undefined => {
    const first = inOrder.find(({ from }) => from > after);
    if (first && first.until < known) return first;
    for (const ahead of lookAheadMs) {
      const found = upTo(after + ahead).find(({ from }) => from > after);
      if (found) return found;
    }
    return undefined;
  };
  // A calendar that cannot be reckoned is found out when it is taken in.
  next(Date.now());
  return { at: (moment) => upTo(moment + dayMs).find((one) => one.from <= moment && moment < one.until), next };
}

function entriesOf(text: string, spend: (steps: number) => void): Entry[] {
  const calendar = parsed(text);
  watchRules(calendar, spend);
  const events = calendar
    .getAllSubcomponents('vevent')
    .filter(isTaken)
    .map((component) => new ICAL.Event(component, { strictExceptions: true }));
  const whole = events.filter((event) => !event.isRecurrenceException());
  if (whole.length === 0) throw invalid('it has no entry (VEVENT) that takes time');
  for (const exception of events.filter((event) => event.isRecurrenceException())) {
    whole.find(({ uid }) => uid === exception.uid)?.relateException(exception);
  }
  return whole.map((event) => ({
    event,
    iterator: event.iterator(),
    knownTo: Number.NEGATIVE_INFINITY,
    isDone: false,
  }));
}

/** What the library says of a calendar it cannot read, in our words. @throws ICAL_INVALID */
function understood<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof VirtflowError) throw error;
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function parsed(text: string): ICAL.Component {
  const component = new ICAL.Component(ICAL.parse(text));
  if (component.name !== 'vcalendar') throw invalid('it does not begin with BEGIN:VCALENDAR');
  return component;
}

function isTaken(component: ICAL.Component): boolean {
  if (component.getFirstProperty('dtstart') === null) throw invalid('an entry has no DTSTART');
  const says = (name: string) => String(component.getFirstPropertyValue(name) ?? '').toUpperCase();
  return says('status') !== 'CANCELLED' && says('transp') !== 'TRANSPARENT';
}

function expand(entry: Entry, until: number, zone: string, spans: Span[]): void {
  while (!entry.isDone && entry.knownTo < until) {
    const at: ICAL.Time | undefined = entry.iterator.next();
    if (!at) {
      entry.isDone = true;
      return;
    }
    const { startDate, endDate } = entry.event.getOccurrenceDetails(at);
    const from = instant(startDate, zone);
    const lastsMs = endDate.subtractDate(startDate).toSeconds() * 1000;
    const ends = instant(endDate, zone);
    // Where clocks are put forward in between, both may be one moment.
    if (lastsMs > 0) spans.push({ from, until: ends > from ? ends : from + lastsMs });
    entry.knownTo = from;
  }
}

/** A time of a zone that the calendar itself defines is reckoned by that; others by the zone of that name. */
function instant(time: ICAL.Time, zone: string): number {
  const isDefined = time.zone !== null && time.zone !== ICAL.Timezone.localTimezone;
  if (isDefined && !time.isDate) return time.toUnixTime() * 1000;
  const clock = time.isDate ? `${time.toString()}T00:00:00` : time.toString().replace(/Z$/, '');
  const named = time.isDate ? '' : namedZone(time);
  return calendarInstant(clock, named === '' || named === 'floating' ? zone : named);
}

/** The zone that a time names and the calendar does not define; the library's types do not know it. */
function namedZone(time: ICAL.Time): string {
  return 'timezone' in time && typeof time.timezone === 'string' ? time.timezone : '';
}

/** Something that begins and ends, for an iCalendar. */
export interface IcalEntry extends Span {
  readonly uid: string;
  readonly summary: string;
  readonly description: string;
}

/** The same as a calendar that any calendar program reads; times in UTC, so that no time zone has to be agreed on. */
export function icalOf(entries: readonly IcalEntry[], now: number): string {
  const calendar = new ICAL.Component('vcalendar');
  calendar.addPropertyWithValue('prodid', '-//virtflow//calendar//EN');
  calendar.addPropertyWithValue('version', '2.0');
  calendar.addPropertyWithValue('method', 'PUBLISH');
  for (const { uid, summary, description, from, until } of entries) {
    const event = new ICAL.Component('vevent');
    event.addPropertyWithValue('uid', uid);
    event.addPropertyWithValue('dtstamp', utc(now));
    event.addPropertyWithValue('dtstart', utc(from));
    event.addPropertyWithValue('dtend', utc(until));
    event.addPropertyWithValue('summary', summary);
    if (description !== '') event.addPropertyWithValue('description', description);
    calendar.addSubcomponent(event);
  }
  return `${calendar.toString()}\r\n`;
}

function utc(at: number): ICAL.Time {
  return ICAL.Time.fromJSDate(new Date(Math.floor(at / 1000) * 1000), true);
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('ICAL_INVALID', { reason: reason.replace(/\.$/, '') });
}
