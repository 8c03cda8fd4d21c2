import type { Access } from '../../access/access.ts';
import type { ActionRegistry } from '../../actions/registry.ts';
import type { AlertRoom } from '../../alerts/alert-room.ts';
import type { ApprovalRoom } from '../../approvals/approval-room.ts';
import type { Agenda } from '../../calendar/agenda.ts';
import type { Calendar } from '../../calendar/calendar.ts';
import type { ScheduleDesk } from '../../calendar/schedule-desk.ts';
import type { Connections } from '../../connections/connections.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import type { Feed } from '../../model/feed.ts';
import type { Log } from '../../model/log.ts';
import type { Operations } from '../../operations/operations.ts';
import type { Alert } from '../../rules/engine.ts';
import type { RuleRoom } from '../../rules/rule-room.ts';
import type { States } from '../../store/store.ts';
import type { DashboardRooms } from './resources/dashboards.ts';

/** What REST needs of the house. */
export interface RestRooms {
  readonly log: Log;
  readonly access: Access;
  readonly actions: ActionRegistry;
  readonly inventory: Inventory;
  readonly connections: Connections;
  readonly operations: Operations;
  readonly approvals: ApprovalRoom;
  readonly alerts: AlertRoom;
  readonly calendar: Calendar;
  readonly agenda: Agenda;
  readonly schedules: ScheduleDesk;
  readonly rules: { readonly alerts: Feed<Alert> };
  readonly ruleRoom: RuleRoom;
  readonly metrics: Metrics;
  readonly states: States;
  readonly dashboards: DashboardRooms['dashboards'];
}
