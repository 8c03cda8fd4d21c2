import type { Severity } from '../rules/levels.ts';
import type { QuietHours } from './settings.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether it is the time of day at which nobody is told of alerts of a severity. Over midnight the day is that of the beginning. */
export function isQuiet(
  { from, to, timeZone, days, except = [] }: QuietHours,
  severity: Severity,
  at: number,
): boolean {
  if (except.includes(severity)) return false;
  const { day, time } = localTime(timeZone, at);
  const isOn = (weekday: string) => days === undefined || days.some((one) => one === weekday);
  if (from < to) return isOn(day) && from <= time && time < to;
  if (from <= time) return isOn(day);
  return time < to && isOn(localTime(timeZone, at - 86_400_000).day);
}

function localTime(timeZone: string, at: number): { day: string; time: string } {
  const known = formats.get(timeZone);
  const format =
    known ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return { day: (parts.get('weekday') ?? '').toLowerCase(), time: `${parts.get('hour')}:${parts.get('minute')}` };
}
