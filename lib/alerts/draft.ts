import type { AlertRecord } from './alert.ts';
import type { Group } from './group.ts';
import type { Notification } from './notification.ts';
import { type Inhibitors, inhibitorsIn } from './suppression.ts';
import type { World } from './world.ts';

/** How much a contact was sent lately. */
export interface Meter {
  readonly contact: string;
  readonly times: readonly number[];
  /** Since when it is sent no more, because it was sent too much. */
  readonly stormAt: number | null;
}

/** Everything that the core decides on. */
export interface AlertsState {
  readonly alerts: ReadonlyMap<string, AlertRecord>;
  /** The latest alert of an object under a rule, by `subjectKey`. */
  readonly latest: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly meters: ReadonlyMap<string, Meter>;
}

/** What one step came to: to be put on disk as one, and then to count. */
export interface Changes {
  readonly alerts: readonly AlertRecord[];
  readonly groups: readonly Group[];
  readonly groupsGone: readonly string[];
  readonly meters: readonly Meter[];
  readonly notifications: readonly Notification[];
}

export function subjectKey({ rule, key }: Pick<AlertRecord, 'rule' | 'key'>): string {
  return `${rule}\n${key}`;
}

/** A state and what a step changes of it. The state itself stays as it is. */
export class Draft {
  readonly #base: AlertsState;
  readonly #world: World;
  readonly #alerts = new Map<string, AlertRecord>();
  readonly #groups = new Map<string, Group | undefined>();
  readonly #meters = new Map<string, Meter>();
  readonly #notifications: Notification[] = [];
  #inhibitors: Inhibitors | undefined;

  constructor(base: AlertsState, world: World) {
    this.#base = base;
    this.#world = world;
  }

  alert(id: string): AlertRecord | undefined {
    return this.#alerts.get(id) ?? this.#base.alerts.get(id);
  }

  latest(subject: Pick<AlertRecord, 'rule' | 'key'>): AlertRecord | undefined {
    const id = this.#base.latest.get(subjectKey(subject));
    return id === undefined ? undefined : this.alert(id);
  }

  *alerts(): Generator<AlertRecord> {
    for (const [id, alert] of this.#base.alerts) yield this.#alerts.get(id) ?? alert;
    for (const [id, alert] of this.#alerts) if (!this.#base.alerts.has(id)) yield alert;
  }

  get inhibitors(): Inhibitors {
    this.#inhibitors ??= inhibitorsIn(this.alerts(), this.#world);
    return this.#inhibitors;
  }

  put(alert: AlertRecord): void {
    this.#alerts.set(alert.id, alert);
    this.#inhibitors = undefined;
  }

  /** Of what an alert went through, without a change of what it inhibits. */
  note(alert: AlertRecord): void {
    this.#alerts.set(alert.id, alert);
  }

  group(key: string): Group | undefined {
    return this.#groups.has(key) ? this.#groups.get(key) : this.#base.groups.get(key);
  }

  *groups(): Generator<Group> {
    for (const key of new Set([...this.#base.groups.keys(), ...this.#groups.keys()])) {
      const group = this.group(key);
      if (group) yield group;
    }
  }

  putGroup(group: Group): void {
    this.#groups.set(group.key, group);
  }

  dropGroup(key: string): void {
    this.#groups.set(key, undefined);
  }

  meter(contact: string): Meter {
    return this.#meters.get(contact) ?? this.#base.meters.get(contact) ?? { contact, times: [], stormAt: null };
  }

  putMeter(meter: Meter): void {
    this.#meters.set(meter.contact, meter);
  }

  notify(notification: Notification): void {
    this.#notifications.push(notification);
  }

  changes(): Changes {
    const groups = [...this.#groups];
    return {
      alerts: [...this.#alerts.values()],
      groups: groups.flatMap(([, group]) => group ?? []),
      groupsGone: groups.flatMap(([key, group]) => (group ? [] : [key])),
      meters: [...this.#meters.values()],
      notifications: this.#notifications,
    };
  }
}
