import ICAL from 'ical.js';
import { VirtflowError } from '../model/errors.ts';
import { calendarInstant } from './schedule.ts';
import { merged, type Span, type Times } from './span.ts';

const dayMs = 86_400_000;
/** A rule that names the 29th of February is due every eight years at worst. */
const lookAheadMs = [400 * dayMs, 3_300 * dayMs] as const;
/** A calendar that comes by the second for years is a mistake. */
const mostOccurrences = 50_000;

/** One entry, and how far its occurrences were reckoned. */
interface Entry {
  readonly event: ICAL.Event;
  readonly iterator: ICAL.RecurExpansion;
  isDone: boolean;
  count: number;
}

/**
 * The times of a calendar as RFC 5545 has it: VEVENT with RRULE, RDATE, EXDATE, RECURRENCE-ID and VTIMEZONE. Entries that
 * are cancelled, or marked as taking no time (TRANSP:TRANSPARENT), are left out.
 * @param zone of days, and of times that have none
 * @throws ICAL_INVALID
 */
export function icalTimes(text: string, zone: string): Times {
  const entries = entriesOf(text);
  const spans: Span[] = [];
  let known = Number.NEGATIVE_INFINITY;
  let inOrder: readonly Span[] = [];
  const upTo = (until: number): readonly Span[] => {
    if (until <= known) return inOrder;
    for (const entry of entries) expand(entry, until, zone, spans);
    known = until;
    inOrder = merged(spans);
    return inOrder;
  };
  const next = (after: number): Span | undefined => {
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

function entriesOf(text: string): Entry[] {
  const events = parsed(text)
    .getAllSubcomponents('vevent')
    .filter(isTaken)
    .map((component) => new ICAL.Event(component, { strictExceptions: true }));
  const whole = events.filter((event) => !event.isRecurrenceException());
  if (whole.length === 0) throw invalid('it has no entry (VEVENT) that takes time');
  for (const exception of events.filter((event) => event.isRecurrenceException())) {
    whole.find(({ uid }) => uid === exception.uid)?.relateException(exception);
  }
  return whole.map((event) => ({ event, iterator: event.iterator(), isDone: false, count: 0 }));
}

function parsed(text: string): ICAL.Component {
  try {
    const component = new ICAL.Component(ICAL.parse(text));
    if (component.name !== 'vcalendar') throw new Error('it does not begin with BEGIN:VCALENDAR');
    return component;
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function isTaken(component: ICAL.Component): boolean {
  if (component.getFirstProperty('dtstart') === null) throw invalid('an entry has no DTSTART');
  const says = (name: string) => String(component.getFirstPropertyValue(name) ?? '').toUpperCase();
  return says('status') !== 'CANCELLED' && says('transp') !== 'TRANSPARENT';
}

function expand(entry: Entry, until: number, zone: string, spans: Span[]): void {
  while (!entry.isDone) {
    const at: ICAL.Time | undefined = entry.iterator.next();
    entry.count += 1;
    if (!at) {
      entry.isDone = true;
      return;
    }
    if (entry.count > mostOccurrences) throw invalid(`"${entry.event.summary}" comes too often`);
    const { startDate, endDate } = entry.event.getOccurrenceDetails(at);
    const from = instant(startDate, zone);
    const lastsMs = endDate.subtractDate(startDate).toSeconds() * 1000;
    const ends = instant(endDate, zone);
    // Where clocks are put forward in between, both may be one moment.
    if (lastsMs > 0) spans.push({ from, until: ends > from ? ends : from + lastsMs });
    if (from >= until) return;
  }
}

/** A time of a zone that the calendar itself defines is reckoned by that; others by the zone of that name. */
function instant(time: ICAL.Time, zone: string): number {
  const isDefined = time.zone !== null && time.zone !== ICAL.Timezone.localTimezone;
  if (isDefined && !time.isDate) return time.toUnixTime() * 1000;
  const clock = time.isDate ? `${time.toString()}T00:00:00` : time.toString().replace(/Z$/, '');
  const named = time.isDate ? '' : namedZone(time);
  try {
    return calendarInstant(clock, named === '' || named === 'floating' ? zone : named);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
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
