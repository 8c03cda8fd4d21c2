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
import { Courier } from './courier.ts';
import { type Matcher, matches } from './matching.ts';
import { type Notification, newNotification } from './notification.ts';
import { ownNotifiers } from './notifiers/all.ts';
import type { NotifierRegistry } from './notifiers/notifier.ts';
import { type RecordStore, Records } from './records.ts';
import { Selections } from './selections.ts';
import { checkMatcher, noSettings, parseSettings, type Settings, selectorsOf } from './settings.ts';
import { isActive, type Silence } from './silence.ts';
import { type AlertsEvent, routesOf, step } from './step.ts';
import { inhibitorsIn, type Suppression, suppressionOf } from './suppression.ts';
import { Topology } from './topology.ts';
import type { AskMute, Mute, World } from './world.ts';

export interface AlertRoomParts {
  readonly store: RecordStore;
  readonly dataDirectory: string;
  readonly inventory: Inventory;
  readonly connections: Pick<Connections, 'events' | 'states'>;
  readonly rules: Pick<RuleEngine, 'addSink'>;
  readonly audit: Pick<AuditLog, 'append' | 'change'>;
  readonly reveal: Reveal;
  readonly log: Log;
  readonly clock?: Clock;
  readonly notifiers?: NotifierRegistry;
}

export interface AskedSilence {
  readonly matcher: Matcher;
  /** Milliseconds since the epoch. */
  readonly startsAt?: number;
  readonly until: number;
  readonly comment?: string;
}

/** What happened to an alert, or to a notification of some. */
export interface AlertChange {
  readonly alert: AlertRecord;
}

const tickMs = 1_000;
const dayMs = 86_400_000;
const longestSilenceMs = 366 * dayMs;

/** Alerts while they last: who is told of which, when, and why. What is decided is decided in `step`. */
export class AlertRoom {
  readonly settings: SettingsFile<Settings>;
  readonly changes = new Feed<AlertChange>();
  readonly silenced = new Feed<Silence>();
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
  #prunedAt: number | undefined;

  /** @throws STORE_* */
  constructor(parts: AlertRoomParts) {
    const { store, dataDirectory, inventory, reveal, log, clock = systemClock, audit } = parts;
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
    this.courier = new Courier({
      records: this.#records,
      notifiers: this.notifiers,
      settings: () => this.settings.current,
      reveal,
      clock,
      log,
      ended: (_, alerts) => this.#tell(alerts),
    });
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
        take: (alert) => this.take(alert),
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
    const selectors = this.#selectors();
    if (selectors.length === 0 || !transition.object) return this.#step({ type: 'transition', transition });
    const { object } = transition;
    return this.#selections.learn(selectors, [object]).then(() => this.#step({ type: 'transition', transition }));
  }

  /** Does what has become due; `start` sees to it that this is called. */
  async tick(): Promise<void> {
    const objects = this.ongoing().flatMap(({ object }) => object ?? []);
    await this.#selections.learn(this.#selectors(), objects);
    await this.#learnMutes(objects);
    this.#step({ type: 'tick' });
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
  suppression(alert: AlertRecord): Suppression | undefined {
    if (!isOngoing(alert)) return undefined;
    const world = this.#world();
    const [route] = routesOf(alert, world).routes;
    return suppressionOf(alert, inhibitorsIn(this.#records.alerts.values(), world), this.#clock.now(), world, route);
  }

  /** Which routes an alert takes, and why it does not take others. */
  routes(alert: AlertRecord): { readonly taken: readonly string[]; readonly passed: readonly string[] } {
    const { routes, reasons } = routesOf(alert, this.#world());
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

  /** Newest first. */
  silences(): readonly Silence[] {
    return [...this.#records.silences.values()].sort((a, b) => b.createdAt - a.createdAt);
  }

  /** @throws SILENCE_UNKNOWN */
  silence(id: string): Silence {
    const silence = this.#records.silences.get(id);
    if (silence) return silence;
    throw new VirtflowError('SILENCE_UNKNOWN', { silence: id });
  }

  /** @throws SILENCE_INVALID, ALERT_SETTINGS_INVALID, STORE_* */
  addSilence({ matcher, startsAt, until, comment = '' }: AskedSilence, by: string): Silence {
    const now = this.#clock.now();
    if (Object.keys(matcher).length === 0) throw unusable('it says nothing of which alerts are meant');
    if (!(until > Math.max(now, startsAt ?? now))) throw unusable('it would be over before it begins');
    if (until - now > longestSilenceMs) throw unusable('it would last for more than a year');
    checkMatcher(matcher, 'the matcher');
    const times = { startsAt: startsAt ?? now, until, createdAt: now };
    return this.#putSilence({ id: randomUUID(), matcher, comment, by, ...times, endedBy: null }, 'silence.created', by);
  }

  /** Ends a silence now. One that is over stays so. @throws SILENCE_UNKNOWN, STORE_* */
  endSilence(id: string, by: string): Silence {
    const silence = this.silence(id);
    const now = this.#clock.now();
    if (silence.until <= now) return silence;
    return this.#putSilence({ ...silence, until: now, endedBy: by }, 'silence.ended', by);
  }

  /** Which ongoing alerts a silence keeps quiet. */
  async silencedBy({ matcher }: Pick<Silence, 'matcher'>): Promise<readonly AlertRecord[]> {
    const ongoing = this.ongoing();
    const { selector } = matcher;
    if (selector !== undefined)
      await this.#selections.learn(
        [selector],
        ongoing.flatMap(({ object }) => object ?? []),
      );
    return ongoing.filter((alert) => matches(matcher, alert, this.#selections));
  }

  /** A rule was taken away: its alerts are over, and nobody is told. @throws STORE_* */
  withdraw(rule: string): void {
    this.#step({ type: 'withdraw', rule });
  }

  /** Really sends a message, and answers what the channel said. @throws CONTACT_UNKNOWN, NOTIFICATION_FAILED, SECRET_* */
  async test(contact: string, by: string, signal: AbortSignal): Promise<string> {
    const at = this.#clock.now();
    this.courier.contact(contact);
    this.#parts.audit.append('alert.contact-tested', by, { contact });
    return this.courier.send(newNotification({ id: randomUUID(), kind: 'test', contact, at }), signal);
  }

  /** Puts a message of a flow's on its way; it is on disk when this returns. @throws CONTACT_UNKNOWN, STORE_* */
  send(contact: string, text: string): Notification {
    this.courier.contact(contact);
    const notification = newNotification({ id: randomUUID(), kind: 'flow', contact, at: this.#clock.now(), text });
    this.#records.putNotification(notification);
    this.courier.run();
    return notification;
  }

  #own(transition: AlertTransition): void {
    const taking = async () => this.take(transition);
    taking().catch((thrown: unknown) => this.#complain(thrown));
  }

  #step(event: AlertsEvent): void {
    const changes = step(this.#records, event, this.#clock.now(), this.#world());
    this.#records.commit(changes);
    this.#tell(changes.alerts);
  }

  #audited(event: AlertsEvent, what: string, by: string, about: Record<string, unknown>): void {
    const changes = step(this.#records, event, this.#clock.now(), this.#world());
    this.#records.commit(changes, () => this.#parts.audit.append(what, by, about));
    this.#tell(changes.alerts);
  }

  #putSilence(silence: Silence, what: string, by: string): Silence {
    const { id, matcher, until, comment } = silence;
    this.#parts.audit.change(() => this.#records.writeSilence(silence), what, by, {
      silence: id,
      matcher,
      until,
      comment,
    });
    this.#records.takeSilence(silence);
    this.silenced.publish(silence);
    return silence;
  }

  #tell(alerts: readonly AlertRecord[]): void {
    for (const alert of alerts) this.changes.publish({ alert });
  }

  #world(): World {
    const now = this.#clock.now();
    return {
      settings: this.settings.current,
      silences: this.silences().filter((one) => isActive(one, now)),
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
    const silences = this.silences().filter(({ until }) => until > now);
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
  }

  #complain(thrown: unknown): void {
    const { message, code } = toVirtflowError(thrown);
    this.#parts.log.error(`Alerts: ${message} [${code}]`);
  }
}

function newestFirst(alerts: Iterable<AlertRecord>): readonly AlertRecord[] {
  return [...alerts].sort((a, b) => b.since - a.since || (a.id < b.id ? 1 : -1));
}

function unusable(reason: string): VirtflowError {
  return new VirtflowError('SILENCE_INVALID', { reason });
}
