import type { Sight } from '../access/sight.ts';
import { type AlertRecord, type HistoryEntry, isOngoing } from '../alerts/alert.ts';
import type { AlertRoom } from '../alerts/alert-room.ts';
import { type AlertSnapshot, snapshotOf } from '../alerts/event.ts';
import type { Suppression } from '../alerts/suppression.ts';
import type { NamedNode } from '../alerts/topology.ts';

/** An alert as it stands: whether people hear of it, and the incident that it is a part of. */
export interface AlertView extends Omit<AlertSnapshot, 'above'> {
  readonly ongoing: boolean;
  /** Why nobody is told of it now. */
  readonly suppressed: Partial<Suppression> | null;
  /** The alert at the root of the incident: itself, unless an outage above it explains it. */
  readonly incident: string;
}

/** With all that it was decided on. */
export interface AlertDetail extends AlertView {
  /** What its object depends on. */
  readonly above: readonly NamedNode[];
  readonly history: readonly HistoryEntry[];
  /** The routes that it takes with their contacts, and why it does not take the others. */
  readonly routes: { readonly taken: readonly string[]; readonly passed: readonly string[] };
}

type Asked = Pick<AlertRoom, 'suppression' | 'incident' | 'routes' | 'above'>;

/** What it says of whom was told may name what else is wrong. */
const aboutOthers: ReadonlySet<string> = new Set(['told', 'not-told', 'delivered', 'undelivered']);

/** Neighbours in the topology are named to those who may see everything. */
export async function alertView(alert: AlertRecord, sight: Sight, alerts: Asked): Promise<AlertView> {
  const all = await sight.everything();
  const { above: _, affected, ...about } = snapshotOf(alert);
  const suppressed = alerts.suppression(alert);
  return {
    ...about,
    affected: all ? affected : [],
    ongoing: isOngoing(alert),
    suppressed: all ? (suppressed ?? null) : suppressed ? { by: suppressed.by } : null,
    incident: all ? alerts.incident(alert) : alert.id,
  };
}

export async function alertDetail(alert: AlertRecord, sight: Sight, alerts: Asked): Promise<AlertDetail> {
  const all = await sight.everything();
  return {
    ...(await alertView(alert, sight, alerts)),
    above: all ? alerts.above(alert) : [],
    history: all ? alert.history : alert.history.filter(({ what }) => !aboutOthers.has(what)),
    routes: all ? alerts.routes(alert) : { taken: [], passed: [] },
  };
}
