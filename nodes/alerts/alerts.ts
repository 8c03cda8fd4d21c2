import type { NodeRed } from '../runtime/red.ts';
import { registerChannels } from './channel-nodes.ts';
import { addAlertRoutes } from './routes.ts';
import { registerAcknowledge } from './virtflow-acknowledge-alert.ts';
import { registerAlerts } from './virtflow-alerts.ts';
import { registerEscalate } from './virtflow-escalate.ts';
import { registerNotify } from './virtflow-notify.ts';
import { registerSilence } from './virtflow-silence-alerts.ts';

export default function alerts(RED: NodeRed): void {
  addAlertRoutes(RED);
  registerAlerts(RED);
  registerAcknowledge(RED);
  registerSilence(RED);
  registerEscalate(RED);
  registerNotify(RED);
  registerChannels(RED);
}
