import { registerActions } from '../runtime/action-node.ts';
import type { NodeRed } from '../runtime/red.ts';

export default function vmActions(RED: NodeRed): void {
  registerActions(RED, 'vm');
}
