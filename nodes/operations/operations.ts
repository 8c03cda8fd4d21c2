import type { NodeRed } from '../runtime/red.ts';
import { followTraffic } from '../runtime/traffic.ts';
import { addGovernorRoutes } from './governor-routes.ts';
import { registerRunRoutes } from './run-routes.ts';
import { registerAction } from './virtflow-action.ts';
import { registerBatch } from './virtflow-batch.ts';
import { registerEpisode } from './virtflow-episode.ts';
import { registerGroup } from './virtflow-group.ts';
import { registerOperationEvents } from './virtflow-operation-events.ts';
import { registerUndo } from './virtflow-undo.ts';

export default function operations(RED: NodeRed): void {
  followTraffic(RED);
  addGovernorRoutes(RED);
  registerRunRoutes(RED);
  registerAction(RED);
  registerBatch(RED);
  registerGroup(RED);
  registerUndo(RED);
  registerEpisode(RED);
  registerOperationEvents(RED);
}
