import type { ErrorTexts } from './error-texts.ts';

/** Schedules and windows. */
export const calendar = {
  SCHEDULE_INVALID: {
    message: 'The schedule cannot be used: {reason}.',
    advice: 'Choose another time, or correct the cron expression (minute hour day month weekday).',
  },
  SCHEDULE_UNKNOWN: {
    message: 'There is no schedule "{schedule}" that runs.',
    advice:
      'Name one by the id of its node, or by a name that only one has; GET /schedules lists them. Deploy its flow first.',
  },
  SCHEDULE_HELD: {
    message: '"{schedule}" is not started: {reason}.',
    advice: 'Start it afterwards, or have the window overridden in an emergency.',
  },
  SCHEDULE_RUNNING: {
    message: '"{schedule}" is not started: its last run still goes on.',
    advice: 'Wait for its end, or let its runs overlap: the schedule says what to do then.',
  },
  WINDOWS_INVALID: {
    message: 'The windows of the calendar cannot be used: {reason}.',
    advice: 'Correct them; the windows from before stay in force. docs/calendar.md shows each kind.',
  },
  WINDOW_UNKNOWN: {
    message: 'The calendar has no window "{window}".',
    advice: 'GET /calendar/windows lists them.',
  },
  ICAL_INVALID: {
    message: 'The iCalendar cannot be used: {reason}.',
    advice: 'Give a calendar as RFC 5545 has it, from BEGIN:VCALENDAR on, with entries that have a DTSTART.',
  },
  WINDOW_BLACKOUT: {
    message: '{action} of {target} is not done: the blackout "{window}" lasts until {until} ({reason}).',
    advice: 'Repeat it afterwards, or have the window overridden in an emergency.',
  },
  WINDOW_OUTSIDE: {
    message: '{action} of {target} is only done in the maintenance window "{window}", which opens {until} ({reason}).',
    advice: 'Repeat it then, or have the window overridden in an emergency.',
  },
} as const satisfies ErrorTexts;
