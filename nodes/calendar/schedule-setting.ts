import type { Misfire } from '../../lib/calendar/due.ts';
import { parseSchedule, type Schedule } from '../../lib/calendar/schedule.ts';
import type { ConfigOf } from '../runtime/config.ts';
import type { scheduleFields } from './schedule-fields.ts';

type Config = ConfigOf<typeof scheduleFields>;

/** The schedule that a form describes; without a time zone it is that of the server. @throws SCHEDULE_INVALID */
export function scheduleOf(config: Config): Schedule {
  const zone = config.zone.trim() || Intl.DateTimeFormat().resolvedOptions().timeZone;
  return parseSchedule({ ...dueOf(config), zone });
}

function dueOf(config: Config): object {
  const { time } = config;
  switch (config.repeat) {
    case 'cron':
      return { type: 'cron', expression: config.cron };
    case 'once':
      return { type: 'once', at: config.at };
    case 'weekly':
      return { type: 'weekly', time, weekdays: config.weekdays.map(Number) };
    case 'monthly':
      return { type: 'monthly', time, days: config.days.split(',').map(dayOf) };
    default:
      return { type: 'daily', time };
  }
}

function dayOf(text: string): number | 'last' {
  return text.trim() === 'last' ? 'last' : Number(text);
}

export function misfireOf({ misfire, misfireLimit }: Config): Misfire {
  if (misfire === 'all') return { policy: 'all', limit: misfireLimit };
  return { policy: misfire === 'once' ? 'once' : 'skip' };
}
