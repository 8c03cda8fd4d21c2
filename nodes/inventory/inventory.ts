import type { NodeRed } from '../runtime/red.ts';
import { publishRevisions } from './revision.ts';
import { addInventoryRoutes } from './routes.ts';
import { registerVmEvents } from './virtflow-vm-events.ts';
import { registerVmQuery } from './virtflow-vm-query.ts';

export default function inventory(RED: NodeRed): void {
  registerVmQuery(RED);
  registerVmEvents(RED);
  addInventoryRoutes(RED);
  publishRevisions(RED);
}
