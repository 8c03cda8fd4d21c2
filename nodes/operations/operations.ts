import type { NodeRed } from '../runtime/red.ts';
import { registerAction } from './virtflow-action.ts';
import { registerOperationEvents } from './virtflow-operation-events.ts';

export default function operations(RED: NodeRed): void {
  registerAction(RED);
  registerOperationEvents(RED);
}
