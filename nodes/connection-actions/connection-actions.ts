import { registerActions } from '../runtime/action-node.ts';
import type { NodeRed } from '../runtime/red.ts';

export default function connectionActions(RED: NodeRed): void {
  registerActions(RED, 'connection');
}
