import { type Static, Type } from 'typebox';
import { durationForm, durationMs } from '../governor/duration.ts';
import { icalTimes } from './ical.ts';
import { neverCloses, repeated } from './repeated.ts';
import { compile, instantOf, localTime, scheduleForms, zoneName } from './schedule.ts';
import { listed, type Times } from './span.ts';

const duration = Type.String({ title: 'Lasts', pattern: durationForm, description: 'For example 30m, 4h, 2d.' });
const closed = { additionalProperties: false };
const { cron, daily, weekly, monthly } = scheduleForms;
const longestMs = 31 * 86_400_000;

const forms = {
  once: Type.Object({ type: Type.Literal('once'), from: localTime, until: localTime, zone: zoneName }, closed),
  daily: Type.Object({ ...daily.properties, duration }, closed),
  weekly: Type.Object({ ...weekly.properties, duration }, closed),
  monthly: Type.Object({ ...monthly.properties, duration }, closed),
  cron: Type.Object({ ...cron.properties, duration }, closed),
  ical: Type.Object(
    {
      type: Type.Literal('ical'),
      text: Type.Optional(Type.String({ title: 'iCalendar (RFC 5545)', minLength: 1, maxLength: 1_000_000 })),
      file: Type.Optional(
        Type.String({
          title: 'A file in the data directory',
          pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\\.ics$',
          description: 'It is read again when it changes.',
        }),
      ),
      zone: Type.Optional(zoneName),
    },
    { ...closed, description: 'zone: of days and times that the calendar gives without one; UTC unless told.' },
  ),
} as const;

export const WhenSchema = Type.Union([forms.once, forms.daily, forms.weekly, forms.monthly, forms.cron, forms.ical]);

/** When a window is open: once, again and again, or as a calendar of somebody else says. */
export type When = Static<(typeof forms)[keyof typeof forms]>;

/** Reads a calendar file of the data directory. @throws when it cannot be read */
export type ReadFile = (name: string) => string;

/** @throws SCHEDULE_INVALID, ICAL_INVALID */
export function timesOf(when: When, readFile: ReadFile, now: number): Times {
  if (when.type === 'once') return once(when);
  if (when.type === 'ical') return icalTimes(icalText(when, readFile), when.zone ?? 'UTC');
  const { duration: text, ...schedule } = when;
  const lastsMs = durationMs(text);
  if (lastsMs > longestMs) throw new Error(`${text} is longer than 31 days`);
  const timetable = compile(schedule);
  if (neverCloses(timetable, lastsMs, now)) throw new Error(`with ${text} it would never end`);
  return repeated(timetable, lastsMs);
}

function once({ from, until, zone }: Extract<When, { type: 'once' }>): Times {
  const span = { from: instantOf(from, zone), until: instantOf(until, zone) };
  if (span.until <= span.from) throw new Error('it ends before it begins');
  return listed([span]);
}

function icalText({ text, file }: Extract<When, { type: 'ical' }>, readFile: ReadFile): string {
  if ((text === undefined) === (file === undefined)) throw new Error('"when" needs either "text" or "file"');
  return text ?? readFile(file ?? '');
}
