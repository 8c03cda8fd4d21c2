import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { AuditLog } from '../access/audit/audit-log.ts';
import { type Clock, systemClock } from '../calendar/clock.ts';
import type { Connections } from '../connections/connections.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import { Feed, type Unsubscribe } from '../model/feed.ts';
import type { Log } from '../model/log.ts';
import { formatRef, type ObjectRef } from '../model/reference.ts';
import type { RuleEngine } from '../rules/engine.ts';
import type { Reveal } from '../secrets/reference.ts';
import { SettingsFile } from '../store/settings-file.ts';
import { type AlertRecord, type AlertTransition, isOngoing } from './alert.ts';
import { connectionTransition, transitionsOf } from './built-in.ts';
import { Contacts } from './contacts.ts';
import { Courier } from './courier.ts';
import { Dispatches, type DispatchParts } from './dispatches.ts';
import { subjectKey } from './draft.ts';
import type { AlertSnapshot } from './event.ts';
import { EventLog } from './event-log.ts';
import { matches } from './matching.ts';
import { type Notification, newNotification } from './notification.ts';
import { ownNotifiers } from './notifiers/all.ts';
import type { NotifierRegistry } from './notifiers/notifier.ts';
import { type RecordStore, Records } from './records.ts';
import { Selections } from './selections.ts';
import { type Contact, noSettings, parseSettings, type Settings, selectorsOf } from './settings.ts';
import type { Silence } from './silence.ts';
import { Silences } from './silences.ts';
import { type AlertsEvent, routesOf, step } from './step.ts';
import { type Inhibitors, inhibitorOf, inhibitorsIn, type Suppression, suppressionOf } from './suppression.ts';
import { type NamedNode, Topology } from './topology.ts';
import type { AskMute, Mute, World } from './world.ts';

export interface AlertRoomParts {
  readonly store: RecordStore;
  readonly dataDirectory: string;
  readonly inventory: Inventory;
  readonly connections: Pick<Connections, 'events' | 'states'>;
  readonly rules: Pick<RuleEngine, 'addSink'>;
  readonly audit: Pick<AuditLog, 'append' | 'change'>;
  readonly reveal: Reveal;
  readonly safe: DispatchParts['safe'];
  readonly log: Log;
  readonly clock?: Clock;
  readonly notifiers?: NotifierRegistry;
}

/** What happened to an alert, or to a notification of some. */
export interface AlertChange {
  readonly alert: AlertRecord;
}

const tickMs = 1_000;
const dayMs = 86_400_000;

/** Alerts while they last: who is told of which, when, and why. What is decided is decided in `step`. */
export class AlertRoom {
  readonly settings: SettingsFile<Settings>;
  readonly changes = new Feed<AlertChange>();
  readonly journal: EventLog;
  readonly silences: Silences;
  readonly contacts: Contacts;
  readonly dispatches: Dispatches;
  readonly notifiers: NotifierRegistry;
  readonly courier: Courier;
  readonly #parts: AlertRoomParts;
  readonly #clock: Clock;
  readonly #records: Records;
  readonly #topology: Topology;
  readonly #selections: Selections;
  readonly #muted = new Map<string, Mute>();
  #askMute: AskMute = async () => undefined;
  #subscriptions: Unsubscribe[] = [];
  #cancel: (() => void) | undefined;
  /** What is taken in when it is known for which objects selectors hold. */
  #taking: Promise<void> | undefined;
  #prunedAt: number | undefined;
  #stood: { readonly at: number; readonly world: World; readonly inhibitors: Inhibitors } | undefined;

  /** @throws STORE_* */
  constructor(parts: AlertRoomParts) {
    const { store, dataDirectory, inventory, reveal, safe, log, clock = systemClock, audit } = parts;
    this.#parts = parts;
    this.notifiers = parts.notifiers ?? ownNotifiers();
    this.#clock = clock;
    this.#records = new Records(store);
    this.#topology = new Topology(inventory, () => clock.now());
    this.#selections = new Selections(inventory);
    this.settings = new SettingsFile({
      path: join(dataDirectory, 'alerts.json'),
      parse: (value) => parseSettings(value, this.notifiers),
      absent: noSettings,
      unusable: noSettings,
      states: store.states,
      log,
    });
    this.settings.changes.subscribe(({ before, now }) => {
      audit.append('alert.settings-changed', 'file', { path: this.settings.path, before, now });
    });
    this.journal = new EventLog(store);
    this.silences = new Silences(this.#records, audit, clock);
    this.silences.changes.subscribe(() => {
      this.#stood = undefined;
      // Whoever looks at once finds the alerts as the silence leaves them.
      this.tick().catch((thrown: unknown) => this.#complain(thrown));
    });
    this.contacts = new Contacts(() => this.settings.current, this.notifiers);
    this.courier = new Courier({
      records: this.#records,
      notifiers: this.notifiers,
      contacts: this.contacts,
      link: () => this.settings.current.link,
      reveal,
      clock,
      log,
      tried: (notification, alerts) => {
        this.#tell(alerts);
        this.dispatches.changes.publish(notification);
      },
    });
    this.dispatches = new Dispatches({ ...this, records: this.#records, safe, clock });
  }

  /** Windows that keep quiet are asked from now on. */
  honour(ask: AskMute): void {
    this.#askMute = ask;
  }

  /** Takes up what the last process left: what was not delivered goes out, and nothing is told anew. */
  start(): void {
    const { rules, connections } = this.#parts;
    this.settings.start();
    this.#topology.start();
    this.#subscriptions = [
      rules.addSink({
        name: 'alerts',
        take: (alerts) => this.takeAll(alerts),
        withdraw: (rule) => this.withdraw(rule),
      }),
      connections.events.subscribe((event) => {
        for (const transition of transitionsOf(event)) this.#own(transition);
      }),
      connections.states.subscribe((fact) => {
        const transition = connectionTransition(fact, this.#clock.now());
        if (transition) this.#own(transition);
      }),
    ];
    this.#wait();
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#subscriptions = [];
    this.#cancel?.();
    this.#cancel = undefined;
    this.#topology.stop();
    this.settings.stop();
    await this.courier.stop();
  }

  /** Takes a transition in; it is on disk when this is over. One that came before changes nothing. @throws STORE_* */
  take(transition: AlertTransition): Promise<void> | void {
    return this.takeAll([transition]);
  }

  /** The same of several that come together: a storm of them is written as one. @throws STORE_* */
  takeAll(transitions: readonly AlertTransition[]): Promise<void> | void {
    const selectors = this.#selectors();
    const objects = objectsOf(transitions);
    const commit = () => {
      for (const turn of inTurns(transitions)) this.#commit({ type: 'transitions', transitions: turn });
    };
    if (!this.#taking && (selectors.length === 0 || objects.length === 0)) return commit();
    // One after the other: an end must not overtake its beginning.
    const before = this.#taking?.catch(() => undefined);
    const taking = (before ?? Promise.resolve()).then(() => this.#selections.learn(selectors, objects)).then(commit);
    this.#taking = taking;
    return taking.finally(() => {
      if (this.#taking === taking) this.#taking = undefined;
    });
  }

  /** Does what has become due; `start` sees to it that this is called. */
  async tick(): Promise<void> {
    const objects = objectsOf(this.ongoing());
    await this.#selections.learn(this.#selectors(), objects);
    await this.#learnMutes(objects);
    this.#commit({ type: 'tick' });
    this.courier.run();
    this.#prune();
  }

  /** Newest first. */
  list(): readonly AlertRecord[] {
    return newestFirst(this.#records.alerts.values());
  }

  /** Newest first. */
  ongoing(): readonly AlertRecord[] {
    return newestFirst(this.#records.alerts.values().filter(isOngoing));
  }

  /** @throws ALERT_UNKNOWN */
  get(id: string): AlertRecord {
    const alert = this.#records.alerts.get(id);
    if (alert) return alert;
    throw new VirtflowError('ALERT_UNKNOWN', { alert: id });
  }

  /** Why nobody is told of an alert now; undefined when they are. */
  suppression(alert: AlertSnapshot): Suppression | undefined {
    if (!isOngoing(alert)) return undefined;
    const { world, inhibitors } = this.#standing();
    const [route] = routesOf(alert, world).routes;
    return suppressionOf(alert, inhibitors, this.#clock.now(), world, route);
  }

  /** What an alert's object depends on, by name. */
  above(alert: AlertRecord): readonly NamedNode[] {
    return alert.above.map((node) => this.#topology.named(node));
  }

  /** The alert at the root of the incident that an alert is a part of: itself, unless an outage above it explains it. */
  incident(alert: AlertSnapshot): string {
    const { world, inhibitors } = this.#standing();
    return (isOngoing(alert) && inhibitorOf(alert, inhibitors, world)?.id) || alert.id;
  }

  /** Which routes an alert takes, and why it does not take others. */
  routes(alert: AlertRecord): { readonly taken: readonly string[]; readonly passed: readonly string[] } {
    const { routes, reasons } = routesOf(alert, this.#standing().world);
    return {
      taken: routes.map(({ name, contacts }) => `${name} (${contacts.join(', ') || 'nobody'})`),
      passed: reasons,
    };
  }

  /** Of an alert, or all, newest first. */
  notifications(alert?: string): readonly Notification[] {
    const all = [...this.#records.notifications.values()].toReversed();
    if (alert === undefined) return all;
    return all.filter(({ firing, ended, content }) => [...firing, ...ended, ...content].some(({ id }) => id === alert));
  }

  /** Says that somebody has taken it up: it is neither escalated nor repeated. @throws ALERT_UNKNOWN, ALERT_OVER, STORE_* */
  acknowledge(id: string, by: string, comment = ''): AlertRecord {
    const alert = this.get(id);
    if (!isOngoing(alert)) throw new VirtflowError('ALERT_OVER', { alert: id, state: alert.state });
    this.#audited({ type: 'acknowledge', alert: id, by, comment }, 'alert.acknowledged', by, { alert: id, comment });
    return this.get(id);
  }

  /** @throws ALERT_UNKNOWN, STORE_* */
  unacknowledge(id: string, by: string): AlertRecord {
    this.get(id);
    this.#audited({ type: 'unacknowledge', alert: id, by }, 'alert.unacknowledged', by, { alert: id });
    return this.get(id);
  }

  /** Which ongoing alerts a silence keeps quiet. */
  async silencedBy({ matcher }: Pick<Silence, 'matcher'>): Promise<readonly AlertRecord[]> {
    const ongoing = this.ongoing();
    const { selector } = matcher;
    if (selector !== undefined) await this.#selections.learn([selector], objectsOf(ongoing));
    return ongoing.filter((alert) => matches(matcher, alert, this.#selections));
  }

  /** A rule was taken away: its alerts are over, and nobody is told. @throws STORE_* */
  withdraw(rule: string): void {
    this.#commit({ type: 'withdraw', rule });
  }

  /** Really sends a message, and answers what the channel said. @throws CONTACT_UNKNOWN, NOTIFICATION_FAILED, SECRET_* */
  async test(contact: string, by: string, signal: AbortSignal): Promise<string> {
    return this.#test(this.contacts.get(contact), by, signal);
  }

  /** The same by a channel whose settings are not kept yet. @throws CONTACT_INVALID, NOTIFICATION_FAILED, SECRET_* */
  async testChannel(contact: Contact, by: string, signal: AbortSignal): Promise<string> {
    this.contacts.check(contact);
    return this.#test(contact, by, signal);
  }

  #test(contact: Contact, by: string, signal: AbortSignal): Promise<string> {
    const { name } = contact;
    this.#parts.audit.append('alert.contact-tested', by, { contact: name });
    const at = this.#clock.now();
    return this.courier.send(newNotification({ id: randomUUID(), kind: 'test', contact: name, at }), contact, signal);
  }

  #own(transition: AlertTransition): void {
    const taking = async () => this.take(transition);
    taking().catch((thrown: unknown) => this.#complain(thrown));
  }

  #audited(event: AlertsEvent, what: string, by: string, about: Record<string, unknown>): void {
    this.#commit(event, () => this.#parts.audit.append(what, by, about));
  }

  /** What a step comes to is on disk as one, with the events that it makes, before anybody hears of it. */
  #commit(event: AlertsEvent, also: () => void = () => {}): void {
    const now = this.#clock.now();
    const changes = step(this.#records, event, now, this.#world());
    const events = this.journal.eventsOf(changes.alerts, (id) => this.#records.alerts.get(id), now);
    this.#stood = undefined;
    this.#records.commit(changes, () => {
      this.journal.write(events);
      also();
    });
    this.#tell(changes.alerts);
    this.journal.take(events);
  }

  #tell(alerts: readonly AlertRecord[]): void {
    for (const alert of alerts) this.changes.publish({ alert });
  }

  /** Asked for by each of many alerts that are looked at: found out anew when something has changed, and each second. */
  #standing(): { readonly world: World; readonly inhibitors: Inhibitors } {
    const at = this.#clock.now();
    if (this.#stood && at - this.#stood.at < tickMs) return this.#stood;
    const world = this.#world();
    this.#stood = { at, world, inhibitors: inhibitorsIn(this.#records.alerts.values(), world) };
    return this.#stood;
  }

  #world(): World {
    const now = this.#clock.now();
    return {
      settings: this.settings.current,
      silences: this.silences.active(now),
      muted: (object) => (object ? this.#muted.get(formatRef(object)) : undefined),
      place: (subject) => this.#topology.place(subject),
      below: (node) => this.#topology.below(node),
      selected: (selector, object) => this.#selections.selected(selector, object),
    };
  }

  async #learnMutes(objects: readonly ObjectRef[]): Promise<void> {
    const found = new Map<string, Mute>();
    for (const ref of objects) {
      const object = this.#parts.inventory.get(ref);
      const mute = object && (await this.#askMute(object, this.#clock.now()));
      if (mute) found.set(formatRef(ref), mute);
    }
    this.#muted.clear();
    for (const [key, mute] of found) this.#muted.set(key, mute);
  }

  #selectors(): readonly string[] {
    const now = this.#clock.now();
    const silences = this.silences.list().filter(({ until }) => until > now);
    return [
      ...new Set([...selectorsOf(this.settings.current), ...silences.flatMap(({ matcher }) => matcher.selector ?? [])]),
    ];
  }

  #wait(): void {
    this.#cancel = this.#clock.after(tickMs, () => {
      this.tick()
        .catch((thrown: unknown) => this.#complain(thrown))
        .finally(() => {
          if (this.#cancel) this.#wait();
        });
    });
  }

  #prune(): void {
    const now = this.#clock.now();
    if (this.#prunedAt !== undefined && now - this.#prunedAt < dayMs) return;
    this.#prunedAt = now;
    this.#records.prune(now);
    this.#selections.keep(this.#selectors(), objectsOf(this.#records.alerts.values()));
  }

  #complain(thrown: unknown): void {
    const { message, code } = toVirtflowError(thrown);
    this.#parts.log.error(`Alerts: ${message} [${code}]`);
  }
}

/** What each object tells under a rule in its order, with that of others, and no object twice. */
function inTurns(transitions: readonly AlertTransition[]): readonly (readonly AlertTransition[])[] {
  const turns: AlertTransition[][] = [];
  const told = new Map<string, number>();
  for (const transition of transitions) {
    const key = subjectKey(transition);
    const turn = told.get(key) ?? 0;
    told.set(key, turn + 1);
    turns[turn] ??= [];
    turns[turn].push(transition);
  }
  return turns;
}

function objectsOf(all: Iterable<Pick<AlertTransition, 'object'>>): readonly ObjectRef[] {
  return [...all].flatMap(({ object }) => object ?? []);
}

function newestFirst(alerts: Iterable<AlertRecord>): readonly AlertRecord[] {
  return [...alerts].sort((a, b) => b.since - a.since || (a.id < b.id ? 1 : -1));
}
