import type { NodeRed } from '../runtime/red.ts';
import { registerApproval } from './virtflow-approval.ts';

export default function approvals(RED: NodeRed): void {
  registerApproval(RED);
}
