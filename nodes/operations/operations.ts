import type { NodeRed } from '../runtime/red.ts';
import { followTraffic } from '../runtime/traffic.ts';
import { registerAction } from './virtflow-action.ts';
import { registerOperationEvents } from './virtflow-operation-events.ts';

export default function operations(RED: NodeRed): void {
  followTraffic(RED);
  registerAction(RED);
  registerOperationEvents(RED);
}
