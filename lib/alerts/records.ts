import type { Store } from '../store/store.ts';
import { type AlertRecord, isOngoing } from './alert.ts';
import { type AlertsState, type Changes, type Meter, subjectKey } from './draft.ts';
import type { Group } from './group.ts';
import { type Notification, newNotification } from './notification.ts';
import { isSilence, type Silence } from './silence.ts';

const rooms = {
  alerts: 'alert',
  groups: 'alert-group',
  meters: 'alert-meter',
  notifications: 'alert-notification',
  silences: 'alert-silence',
} as const;
const keptMs = 30 * 86_400_000;
const keptAtMost = 5_000;

export type RecordStore = Pick<Store, 'states' | 'transaction'>;

/** All that is known of alerts, on disk and at hand. */
export class Records implements AlertsState {
  readonly alerts = new Map<string, AlertRecord>();
  readonly latest = new Map<string, string>();
  readonly groups = new Map<string, Group>();
  readonly meters = new Map<string, Meter>();
  readonly notifications = new Map<string, Notification>();
  readonly silences = new Map<string, Silence>();
  readonly #store: RecordStore;

  /** @throws STORE_BROKEN */
  constructor(store: RecordStore) {
    this.#store = store;
    const read = <T>(room: string, is: (value: unknown) => value is T) =>
      store.states.list(room).flatMap(({ value }) => (is(value) ? [value] : []));
    for (const alert of read(rooms.alerts, isAlert).sort((a, b) => a.since - b.since))
      this.#takeAlert({ ...alert, silenced: alert.silenced ?? null });
    for (const group of read(rooms.groups, isGroup)) this.groups.set(group.key, group);
    for (const meter of read(rooms.meters, isMeter)) this.meters.set(meter.contact, meter);
    for (const one of read(rooms.notifications, isNotification).sort((a, b) => a.at - b.at))
      this.notifications.set(one.id, newNotification(one));
    for (const silence of read(rooms.silences, isSilence)) this.silences.set(silence.id, silence);
  }

  /** Puts what a step came to on disk, as one, and then it counts. @throws STORE_* and then nothing has changed */
  commit(changes: Changes, also: () => void = () => {}): void {
    const { alerts, groups, groupsGone, meters, notifications } = changes;
    const isNothing = [alerts, groups, groupsGone, meters, notifications].every(({ length }) => length === 0);
    if (!isNothing) this.#write(changes, also);
    for (const alert of alerts) this.#takeAlert(alert);
    for (const group of groups) this.groups.set(group.key, group);
    for (const key of groupsGone) this.groups.delete(key);
    for (const meter of meters) this.meters.set(meter.contact, meter);
    for (const notification of notifications) this.notifications.set(notification.id, notification);
  }

  /** A notification that is under way or was, and what it says of it in the history of its alerts. */
  putNotification(notification: Notification, alerts: readonly AlertRecord[] = [], also?: () => void): void {
    this.commit({ alerts, groups: [], groupsGone: [], meters: [], notifications: [notification] }, also);
  }

  /** Part of a transaction of the caller's; it counts with `takeSilence`. */
  writeSilence(silence: Silence): void {
    this.#store.states.put(rooms.silences, silence.id, silence);
  }

  takeSilence(silence: Silence): void {
    this.silences.set(silence.id, silence);
  }

  /** Forgets what is over for long, and of the rest what is too much. @throws STORE_* */
  prune(now: number): void {
    const over = [...this.alerts.values()].filter((alert) => !isOngoing(alert) && !this.#isOwed(alert.id));
    const old = over
      .toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))
      .filter(({ endedAt }, index) => index >= keptAtMost || (endedAt ?? 0) < now - keptMs);
    const sent = [...this.notifications.values()].filter(({ state }) => state !== 'waiting').toReversed();
    const oldSent = sent.filter(({ at }, index) => index >= keptAtMost || at < now - keptMs);
    const silences = [...this.silences.values()].filter(({ until }) => until < now - keptMs);
    this.#store.transaction(() => {
      for (const { id } of old) this.#store.states.delete(rooms.alerts, id);
      for (const { id } of oldSent) this.#store.states.delete(rooms.notifications, id);
      for (const { id } of silences) this.#store.states.delete(rooms.silences, id);
    });
    for (const alert of old) this.#forget(alert);
    for (const { id } of oldSent) this.notifications.delete(id);
    for (const { id } of silences) this.silences.delete(id);
  }

  #write({ alerts, groups, groupsGone, meters, notifications }: Changes, also: () => void): void {
    const { states } = this.#store;
    this.#store.transaction(() => {
      for (const alert of alerts) states.put(rooms.alerts, alert.id, alert);
      for (const group of groups) states.put(rooms.groups, group.key, group);
      for (const key of groupsGone) states.delete(rooms.groups, key);
      for (const meter of meters) states.put(rooms.meters, meter.contact, meter);
      for (const notification of notifications) states.put(rooms.notifications, notification.id, notification);
      also();
    });
  }

  #takeAlert(alert: AlertRecord): void {
    this.alerts.set(alert.id, alert);
    const key = subjectKey(alert);
    const known = this.alerts.get(this.latest.get(key) ?? '');
    if (!known || known.since <= alert.since) this.latest.set(key, alert.id);
  }

  #forget(alert: AlertRecord): void {
    this.alerts.delete(alert.id);
    const key = subjectKey(alert);
    if (this.latest.get(key) === alert.id) this.latest.delete(key);
  }

  #isOwed(id: string): boolean {
    return [...this.groups.values()].some(({ members }) => members.includes(id));
  }
}

// Only `commit` writes there, so that a look at a few fields tells one from what an older version left.
function has(value: unknown, ...names: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && names.every((name) => name in value);
}

function isAlert(value: unknown): value is AlertRecord {
  return has(value, 'id', 'rule', 'key', 'state', 'since', 'starts', 'above', 'history');
}

function isGroup(value: unknown): value is Group {
  return has(value, 'key', 'route', 'members', 'nextAt', 'told', 'sentAt', 'held');
}

function isMeter(value: unknown): value is Meter {
  return has(value, 'contact', 'times', 'stormAt');
}

function isNotification(value: unknown): value is Notification {
  return has(value, 'id', 'contact', 'firing', 'ended', 'state', 'attempts', 'nextAt');
}
