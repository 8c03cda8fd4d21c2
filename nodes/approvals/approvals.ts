import { currentPlatform, isPlatformRunning } from '../../lib/platform.ts';
import type { NodeRed } from '../runtime/red.ts';
import { registerApproval } from './virtflow-approval.ts';

export default function approvals(RED: NodeRed): void {
  registerApproval(RED);
  tellEditors(RED);
}

/** Editors look again when something happens; what it is, each is told as far as it is for them. */
function tellEditors(RED: NodeRed): void {
  if (!isPlatformRunning()) return;
  const { events } = currentPlatform().approvals.approvals;
  events.subscribe(({ approval }) =>
    RED.comms.publish('virtflow/approvals', { at: approval.endedAt ?? approval.requestedAt }),
  );
}
