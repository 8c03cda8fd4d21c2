import { nextRuns } from '../../lib/calendar/schedule.ts';
import { adminRoute } from '../runtime/admin-route.ts';
import { readConfig } from '../runtime/config.ts';
import type { NodeRed } from '../runtime/red.ts';
import { scheduleFields } from './schedule-fields.ts';
import { scheduleOf } from './schedule-setting.ts';

const runsShown = 10;

export function addScheduleRoutes(RED: NodeRed): void {
  adminRoute(RED, 'post', 'schedule/next-runs', 'virtflow.read', ({ values }) => {
    const schedule = scheduleOf(readConfig(scheduleFields, values));
    return { zone: schedule.zone, runs: nextRuns(schedule, runsShown) };
  });
}
