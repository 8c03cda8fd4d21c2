import type { NodeRed } from '../runtime/red.ts';
import { addScheduleRoutes } from './routes.ts';
import { registerSchedule } from './virtflow-schedule.ts';
import { registerWindowEvents } from './virtflow-window-events.ts';
import { registerWithinWindow } from './virtflow-within-window.ts';

export default function calendar(RED: NodeRed): void {
  registerSchedule(RED);
  registerWindowEvents(RED);
  registerWithinWindow(RED);
  addScheduleRoutes(RED);
}
