import type { AlertRecord, AlertTransition } from '../../lib/alerts/alert.ts';
import { type AlertsState, type Changes, type Meter, subjectKey } from '../../lib/alerts/draft.ts';
import { eventTypesOf } from '../../lib/alerts/event.ts';
import type { Group } from '../../lib/alerts/group.ts';
import type { Notification } from '../../lib/alerts/notification.ts';
import { NotifierRegistry } from '../../lib/alerts/notifiers/notifier.ts';
import { parseSettings, type Settings } from '../../lib/alerts/settings.ts';
import type { Silence } from '../../lib/alerts/silence.ts';
import { type AlertsEvent, step } from '../../lib/alerts/step.ts';
import { inhibitorOf, inhibitorsIn } from '../../lib/alerts/suppression.ts';
import type { World } from '../../lib/alerts/world.ts';
import { told } from './told.ts';

const second = 1_000;
export const hosts = ['h1', 'h2'];
export const vms = ['a', 'b', 'c', 'd', 'e', 'f'];
const hostOf = (vm: string) => hosts[vms.indexOf(vm) % hosts.length] ?? 'h1';

/** What was told at a step, with the alerts as they were when it was decided. */
export interface Told {
  readonly notification: Notification;
  readonly before: ReadonlyMap<string, AlertRecord>;
  readonly world: World;
}

/** The pure step alone, with its state in memory and a world in the test's hand: VMs a to f on the hosts h1 and h2. */
export class PureHouse implements AlertsState {
  readonly alerts = new Map<string, AlertRecord>();
  readonly latest = new Map<string, string>();
  readonly groups = new Map<string, Group>();
  readonly meters = new Map<string, Meter>();
  readonly told: Told[] = [];
  readonly events: string[] = [];
  silences: Silence[] = [];
  now = Date.parse('2026-03-02T10:00:00Z');
  #settings: Settings;

  constructor(settings: object) {
    this.#settings = parseSettings(settings, anything);
  }

  configure(settings: object): void {
    this.#settings = parseSettings(settings, anything);
  }

  get ongoing(): readonly AlertRecord[] {
    return [...this.alerts.values()].filter(({ endedAt }) => endedAt === null);
  }

  tell(status: AlertTransition['status'], name: string): void {
    const isHost = hosts.includes(name);
    const object = { connection: 'lab', kind: isHost ? 'host' : 'vm', id: name } as const;
    const about = { at: this.now, status, key: name, object, tags: { connection: 'lab' }, isOutage: isHost };
    const transition = told('firing', name, { ...about, rule: isHost ? 'down' : 'cpu' });
    this.do({ type: 'transitions', transitions: [transition] });
  }

  /** Lets time go by, with a look as often as asked. */
  pass(ms: number, everyMs = 10 * second): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += everyMs;
      this.do({ type: 'tick' });
    }
  }

  silence(name: string, ms: number): void {
    const id = `s${this.silences.length}`;
    const about = { comment: '', by: 'anna', createdAt: this.now, endedBy: null };
    this.silences.push({ id, matcher: { object: name }, startsAt: this.now, until: this.now + ms, ...about });
  }

  do(event: AlertsEvent): void {
    const world = this.#world();
    const changes = step(this, event, this.now, world);
    for (const alert of changes.alerts) this.events.push(...eventTypesOf(this.alerts.get(alert.id), alert));
    const before = new Map([...this.alerts, ...changes.alerts.map((alert) => [alert.id, alert] as const)]);
    for (const notification of changes.notifications) this.told.push({ notification, before, world });
    this.#take(changes);
  }

  #take({ alerts, groups, groupsGone, meters }: Changes): void {
    for (const alert of alerts) {
      this.alerts.set(alert.id, alert);
      this.latest.set(subjectKey(alert), alert.id);
    }
    for (const group of groups) this.groups.set(group.key, group);
    for (const key of groupsGone) this.groups.delete(key);
    for (const meter of meters) this.meters.set(meter.contact, meter);
  }

  #world(): World {
    const place = (id: string) => `lab/${hosts.includes(id) ? 'host' : 'vm'}/${id}`;
    return {
      settings: this.#settings,
      silences: this.silences,
      muted: () => undefined,
      place: ({ key }) => ({ node: place(key), above: hosts.includes(key) ? [] : [place(hostOf(key))] }),
      below: () => [],
      selected: () => false,
    };
  }
}

/** Whether an alert is explained by an outage, as it was when something was told. */
export function isExplained({ before, world }: Told, id: string): boolean {
  const alert = before.get(id);
  return alert !== undefined && inhibitorOf(alert, inhibitorsIn(before.values(), world), world) !== undefined;
}

/** Any contact will do. */
const anything = new (class extends NotifierRegistry {
  override problemOf(): undefined {
    return undefined;
  }
})();
