import type { NodeRed } from '../runtime/red.ts';
import { addConnectionRoutes } from './routes.ts';
import { registerConnection } from './virtflow-connection.ts';

export default function connection(RED: NodeRed): void {
  registerConnection(RED);
  addConnectionRoutes(RED);
}
