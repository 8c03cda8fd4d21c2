import type { NodeRed } from '../runtime/red.ts';
import { addScheduleRoutes } from './routes.ts';
import { registerSchedule } from './virtflow-schedule.ts';

export default function calendar(RED: NodeRed): void {
  registerSchedule(RED);
  addScheduleRoutes(RED);
}
