import { channelDescriptions } from './alerts/channel-nodes.ts';
import { acknowledgeDescription } from './alerts/virtflow-acknowledge-alert.ts';
import { alertsDescription } from './alerts/virtflow-alerts.ts';
import { escalateDescription } from './alerts/virtflow-escalate.ts';
import { notifyDescription } from './alerts/virtflow-notify.ts';
import { silenceDescription } from './alerts/virtflow-silence-alerts.ts';
import { approvalDescription } from './approvals/virtflow-approval.ts';
import { scheduleDescription } from './calendar/virtflow-schedule.ts';
import { windowEventsDescription } from './calendar/virtflow-window-events.ts';
import { withinWindowDescription } from './calendar/virtflow-within-window.ts';
import { connectionDescription } from './connection/virtflow-connection.ts';
import { describeAction } from './forms/action-description.ts';
import type { NodeSet } from './forms/node-description.ts';
import { homeAssistantDescription } from './home-assistant/virtflow-home-assistant.ts';
import { vmEventsDescription } from './inventory/virtflow-vm-events.ts';
import { vmQueryDescription } from './inventory/virtflow-vm-query.ts';
import { influxDescription } from './metrics/virtflow-influx.ts';
import { influxdbDescription } from './metrics/virtflow-influxdb.ts';
import { metricQueryDescription } from './metrics/virtflow-metric-query.ts';
import { metricSummaryDescription } from './metrics/virtflow-metric-summary.ts';
import { metricsDescription } from './metrics/virtflow-metrics.ts';
import { actionDescription } from './operations/virtflow-action.ts';
import { batchDescription } from './operations/virtflow-batch.ts';
import { episodeDescription } from './operations/virtflow-episode.ts';
import { groupDescription } from './operations/virtflow-group.ts';
import { operationEventsDescription } from './operations/virtflow-operation-events.ts';
import { undoDescription } from './operations/virtflow-undo.ts';
import { ruleNodes } from './rules/kinds.ts';
import { anyRule } from './rules/virtflow-rule.ts';
import { type ActionKind, actionKinds, actionsOf } from './runtime/action-node.ts';

/** Every node there is, by the set that Node-RED loads it with. */
export const nodeSets: readonly NodeSet[] = [
  { folder: 'connection', nodes: [connectionDescription] },
  ...actionKinds.map(actionSet),
  { folder: 'inventory', nodes: [vmQueryDescription, vmEventsDescription] },
  {
    folder: 'operations',
    nodes: [
      actionDescription,
      batchDescription,
      groupDescription,
      undoDescription,
      episodeDescription,
      operationEventsDescription,
    ],
  },
  { folder: 'approvals', nodes: [approvalDescription] },
  {
    folder: 'metrics',
    nodes: [
      influxdbDescription,
      metricsDescription,
      metricQueryDescription,
      metricSummaryDescription,
      influxDescription,
    ],
  },
  { folder: 'rules', nodes: [...ruleNodes, anyRule].map(({ description }) => description) },
  {
    folder: 'alerts',
    nodes: [
      alertsDescription,
      acknowledgeDescription,
      silenceDescription,
      escalateDescription,
      notifyDescription,
      ...channelDescriptions,
    ],
  },
  { folder: 'home-assistant', nodes: [homeAssistantDescription] },
  { folder: 'calendar', nodes: [scheduleDescription, windowEventsDescription, withinWindowDescription] },
];

function actionSet(kind: ActionKind): NodeSet {
  return { folder: `${kind}-actions`, nodes: actionsOf(kind).map(describeAction) };
}
