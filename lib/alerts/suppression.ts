import { type AlertRecord, isOngoing } from './alert.ts';
import type { AlertSnapshot } from './event.ts';
import { matches } from './matching.ts';
import { isQuiet } from './quiet-hours.ts';
import type { Route } from './settings.ts';
import { isActive, type Silence } from './silence.ts';
import type { World } from './world.ts';

/** Why nobody is told of an alert now. */
export interface Suppression {
  readonly by: 'silence' | 'inhibition' | 'maintenance' | 'quiet-hours';
  /** The silence, the alert, the window. */
  readonly id: string;
  readonly says: string;
}

/** What inhibits others, by its place. */
export type Inhibitors = ReadonlyMap<string, readonly AlertRecord[]>;

export function inhibitorsIn(alerts: Iterable<AlertRecord>, world: World): Inhibitors {
  const found = new Map<string, AlertRecord[]>();
  for (const alert of alerts) {
    if (!isOngoing(alert)) continue;
    const isSource = alert.isOutage || world.settings.inhibit.some(({ source }) => matches(source, alert, world));
    if (isSource) found.set(alert.node, [...(found.get(alert.node) ?? []), alert]);
  }
  return found;
}

/** The outage that an alert is a part of: the farthest up of those that it depends on. */
export function inhibitorOf(alert: AlertSnapshot, inhibitors: Inhibitors, world: World): AlertRecord | undefined {
  for (const node of alert.above.toReversed()) {
    const found = inhibitors.get(node)?.find((source) => inhibits(source, alert, world));
    if (found) return found;
  }
  if (alert.isOutage) return undefined;
  return inhibitors.get(alert.node)?.find((source) => source.id !== alert.id && inhibits(source, alert, world));
}

function inhibits(source: AlertRecord, target: AlertSnapshot, world: World): boolean {
  if (source.isOutage) return true;
  return world.settings.inhibit.some(
    (one) => matches(one.source, source, world) && matches(one.target, target, world) && source.node !== target.node,
  );
}

/** The first reason for which nobody is told of an alert, on any route or on one. */
export function suppressionOf(
  alert: AlertSnapshot,
  inhibitors: Inhibitors,
  now: number,
  world: World,
  route?: Route,
): Suppression | undefined {
  return (
    silenced(alert, now, world) ??
    muted(alert, world) ??
    inhibited(alert, inhibitors, world) ??
    quiet(alert, now, route)
  );
}

/** The first that counts now. */
export function silenceOf(alert: AlertSnapshot, now: number, world: World): Silence | undefined {
  return world.silences.find((one) => isActive(one, now) && matches(one.matcher, alert, world));
}

function silenced(alert: AlertSnapshot, now: number, world: World): Suppression | undefined {
  const found = silenceOf(alert, now, world);
  if (!found) return undefined;
  const comment = found.comment === '' ? '' : `: ${found.comment}`;
  return { by: 'silence', id: found.id, says: `silenced by ${found.by} until ${timeText(found.until)}${comment}` };
}

function muted(alert: AlertSnapshot, world: World): Suppression | undefined {
  const mute = world.muted(alert.object);
  return (
    mute && { by: 'maintenance', id: mute.name, says: `in maintenance until ${timeText(mute.until)}: ${mute.name}` }
  );
}

function inhibited(alert: AlertSnapshot, inhibitors: Inhibitors, world: World): Suppression | undefined {
  const source = inhibitorOf(alert, inhibitors, world);
  return (
    source && { by: 'inhibition', id: source.id, says: `part of the incident "${source.ruleName}" of ${source.name}` }
  );
}

function quiet(alert: AlertSnapshot, now: number, route: Route | undefined): Suppression | undefined {
  const hours = route?.quietHours.find((one) => isQuiet(one, alert.severity, now));
  if (!hours) return undefined;
  return {
    by: 'quiet-hours',
    id: `${hours.from}-${hours.to}`,
    says: `quiet hours until ${hours.to} (${hours.timeZone})`,
  };
}

function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
