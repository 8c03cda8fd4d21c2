import type { ObjectRef } from '../model/reference.ts';
import type { Severity } from '../rules/levels.ts';
import type { AlertBase } from './alert.ts';
import type { AlertSnapshot } from './event.ts';

/** How an alert stood when it was told. */
export interface AlertNote {
  readonly id: string;
  readonly rule: string;
  readonly ruleName: string;
  readonly name: string;
  readonly object: ObjectRef | null;
  readonly connection: string;
  readonly state: AlertBase;
  readonly severity: Severity;
  readonly since: number;
  readonly endedAt: number | null;
  readonly value: number | null;
  readonly says: string;
  readonly acknowledgedBy: string | null;
  readonly affected: readonly string[];
}

export type NotificationKind = 'alert' | 'repeat' | 'escalation' | 'storm' | 'test' | 'flow';

/** One message to one contact, on disk until it was delivered or given up. */
export interface Notification {
  readonly id: string;
  readonly kind: NotificationKind;
  readonly contact: string;
  readonly route: string | null;
  readonly group: string | null;
  readonly at: number;
  /** What goes on. */
  readonly firing: readonly AlertNote[];
  /** What is over, of what this contact was told. */
  readonly ended: readonly AlertNote[];
  /** What else is wrong because of it, and is told nowhere else. */
  readonly content: readonly AlertNote[];
  /** The node of a flow that sends it. */
  readonly sender: string | null;
  /** What a flow has to say; without a title or a page of its own, the contact's template makes them. */
  readonly title: string | null;
  readonly text: string | null;
  readonly html: string | null;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly attempts: number;
  readonly nextAt: number;
  readonly giveUpAt: number;
  readonly endedAt: number | null;
  /** What the channel answered, or what went wrong last. */
  readonly says: string;
}

const givenUpAfterMs = 24 * 3_600_000;

export function noteOf(alert: AlertSnapshot): AlertNote {
  const { id, rule, ruleName, name, object, connection, state, severity, since, endedAt, value } = alert;
  return {
    id,
    rule,
    ruleName,
    name,
    object,
    connection,
    state,
    severity,
    since,
    endedAt,
    value,
    says: alert.why.says,
    acknowledgedBy: alert.acknowledged?.by ?? null,
    affected: alert.affected.map((one) => one.name),
  };
}

export function newNotification(
  about: Pick<Notification, 'id' | 'kind' | 'contact' | 'at'> & Partial<Notification>,
): Notification {
  return {
    route: null,
    group: null,
    firing: [],
    ended: [],
    content: [],
    sender: null,
    title: null,
    text: null,
    html: null,
    state: 'waiting',
    attempts: 0,
    nextAt: about.at,
    giveUpAt: about.at + givenUpAfterMs,
    endedAt: null,
    says: '',
    ...about,
  };
}
