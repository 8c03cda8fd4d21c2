import type { Severity } from '../rules/levels.ts';
import type { AlertBase, AlertRecord } from './alert.ts';
import type { Route } from './settings.ts';

/** What a contact was told of an alert. */
export interface ToldOf {
  /** When first. */
  readonly at: number;
  readonly state: AlertBase;
  readonly severity: Severity;
  /** The contact came later than the alert: it is neither told of it before it repeats, nor of its end. */
  readonly isSilent?: boolean;
}

/** How a contact counts as told that came later. */
export function silently(told: ToldOf): ToldOf {
  return { ...told, isSilent: true };
}

/** Alerts of one route that are told together. */
export interface Group {
  readonly key: string;
  readonly route: string;
  readonly by: Readonly<Record<string, string>>;
  readonly members: readonly string[];
  /** When it is looked at next. */
  readonly nextAt: number;
  readonly flushedAt: number | null;
  /** Those of the route when it was looked at last. */
  readonly contacts?: readonly string[];
  /** By contact, by alert. */
  readonly told: Readonly<Record<string, Readonly<Record<string, ToldOf>>>>;
  readonly sentAt: Readonly<Record<string, number>>;
  /** Why whom was not told, by alert; so that it is noted once. */
  readonly held: Readonly<Record<string, string>>;
}

export function labelsOf({ groupBy }: Route, alert: AlertRecord): Readonly<Record<string, string>> {
  const values = {
    topology: topOf(alert),
    rule: alert.rule,
    object: alert.node,
    severity: alert.severity,
    connection: alert.connection,
    kind: alert.object?.kind ?? '',
  };
  return Object.fromEntries(groupBy.map((label) => [label, values[label]]));
}

/** A VM belongs to its host, a part of the house to itself. */
function topOf({ object, node, above }: AlertRecord): string {
  return object?.kind === 'vm' ? (above.find((one) => one.includes('/host/')) ?? node) : node;
}

export function groupKey(route: Route, by: Readonly<Record<string, string>>): string {
  return JSON.stringify([route.name, by]);
}
