import type { AnyAction, Role } from '../actions/action.ts';

/** What somebody may or may not do: an action's id or a standing permission, and the built-in role that it takes. */
export interface Permission {
  readonly id: string;
  readonly role: Role;
}

/** What is asked for beside the actions. */
export const standingPermissions = {
  /** See what exists, on all connections. */
  readInventory: { id: 'inventory.read', role: 'viewer' },
  readFlows: { id: 'flows.read', role: 'viewer' },
  /** Answer for what runs: cancel it. */
  operate: { id: 'operations.operate', role: 'operator' },
  /** Approve or deny what others ask for; a policy may ask for a higher role. */
  answerApprovals: { id: 'approvals.answer', role: 'operator' },
  /** Throw the kill switch: whoever works here may stop everything. */
  kill: { id: 'governor.kill', role: 'operator' },
  /** Change the rules of the governor, and release the kill switch. */
  govern: { id: 'governor.write', role: 'administrator' },
  /** Change maintenance and blackout windows. */
  writeCalendar: { id: 'calendar.write', role: 'administrator' },
  /** Have schedules run now, enable and disable them. */
  operateSchedules: { id: 'schedules.operate', role: 'operator' },
  /** Change the rules of rules.json. */
  writeRules: { id: 'rules.write', role: 'administrator' },
  /** In an emergency: have a window count for nothing, for a time and with a reason. */
  overrideWindows: { id: 'windows.override', role: 'administrator' },
  /** Remove figures from the metric store. */
  writeMetrics: { id: 'metrics.write', role: 'administrator' },
  /** Draw and deploy flows. A flow can do whatever its identity may, and run code: this is all or nothing. */
  writeFlows: { id: 'flows.write', role: 'administrator' },
} as const satisfies Record<string, Permission>;

export function permissionOf({ id, role }: AnyAction): Permission {
  return { id, role };
}
