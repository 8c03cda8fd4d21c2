import type { Clock } from '../calendar/clock.ts';
import { toVirtflowError, type VirtflowError } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { Reveal } from '../secrets/reference.ts';
import { type AlertRecord, type HistoryEntry, withHistory } from './alert.ts';
import type { Contacts } from './contacts.ts';
import type { Notification } from './notification.ts';
import type { NotifierRegistry } from './notifiers/notifier.ts';
import type { Records } from './records.ts';
import { render } from './render.ts';
import type { Contact } from './settings.ts';

export interface CourierParts {
  readonly records: Records;
  readonly notifiers: NotifierRegistry;
  readonly contacts: Contacts;
  readonly link: () => string | null;
  readonly reveal: Reveal;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when something became of a notification, or it was tried in vain. */
  readonly tried: (notification: Notification, alerts: readonly AlertRecord[]) => void;
}

const timeoutMs = 30_000;
const firstWaitMs = 5_000;
const longestWaitMs = 10 * 60_000;

/**
 * Brings notifications to their contacts: those of one contact one after the other, so that no end overtakes its
 * beginning. What a channel has taken is on disk as delivered before anything else happens; what it has not taken is
 * tried again, ever more seldom, for a day.
 */
export class Courier {
  readonly #parts: CourierParts;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  /** Taken by their channels, and not recorded so yet: they are not sent again. */
  readonly #taken = new Set<string>();

  constructor(parts: CourierParts) {
    this.#parts = parts;
  }

  /** Sends what is due; returns at once. */
  run(): void {
    if (this.#stop.signal.aborted) return;
    const now = this.#parts.clock.now();
    for (const [contact, notification] of this.#heads()) {
      if (this.#busy.has(contact) || notification.nextAt > now) continue;
      this.#busy.set(
        contact,
        this.#deliver(notification).finally(() => this.#next(contact)),
      );
    }
  }

  /** Ends what is under way; it is sent again at the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#busy.values());
  }

  /** Resolves once nothing is being sent. */
  async idle(): Promise<void> {
    while (this.#busy.size > 0) await Promise.all(this.#busy.values());
  }

  /** Sends at once, without a second try. @throws NOTIFICATION_FAILED, SECRET_* */
  async send(notification: Notification, contact: Contact, signal: AbortSignal): Promise<string> {
    const { notifiers, reveal, link } = this.#parts;
    const own = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    return notifiers.send(contact.type, contact.settings, render(notification, contact, link()), {
      reveal,
      signal: own,
    });
  }

  /** One that waits is sent no more. */
  giveUp(id: string, says: string): void {
    const notification = this.#parts.records.notifications.get(id);
    if (notification?.state !== 'waiting' || this.#taken.has(id)) return;
    const { contact } = notification;
    const isUnderWay = this.#busy.has(contact) && this.#heads().get(contact)?.id === id;
    if (!isUnderWay) this.#end(notification, 'failed', says);
  }

  /** The oldest of each contact that waits. */
  #heads(): ReadonlyMap<string, Notification> {
    const heads = new Map<string, Notification>();
    for (const one of this.#parts.records.notifications.values()) {
      if (one.state !== 'waiting' || this.#taken.has(one.id) || heads.has(one.contact)) continue;
      if (!this.#isAwaited(one)) heads.set(one.contact, one);
    }
    return heads;
  }

  /** A node brings its contact when it is deployed, which after a start takes a while. */
  #isAwaited({ sender, contact, giveUpAt }: Notification): boolean {
    const { contacts, clock } = this.#parts;
    return sender !== null && !contacts.has(contact) && clock.now() < giveUpAt;
  }

  #next(contact: string): void {
    this.#busy.delete(contact);
    this.run();
  }

  async #deliver(notification: Notification): Promise<void> {
    try {
      const contact = this.#parts.contacts.get(notification.contact);
      const says = await this.send(notification, contact, this.#stop.signal);
      this.#end(notification, 'delivered', says);
    } catch (thrown) {
      if (!this.#stop.signal.aborted) this.#failed(notification, toVirtflowError(thrown));
    }
  }

  #failed(notification: Notification, { code, message }: VirtflowError): void {
    const { clock, records, log, tried } = this.#parts;
    const now = clock.now();
    log.warn(`Alerts: ${notification.contact} was not reached: ${message}`);
    if (code === 'CONTACT_UNKNOWN' || now >= notification.giveUpAt) {
      this.#end(notification, 'failed', message);
      return;
    }
    const attempts = notification.attempts + 1;
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (attempts - 1));
    const nextAt = Math.min(now + waitMs, notification.giveUpAt);
    const waiting: Notification = { ...notification, attempts, nextAt, says: message };
    this.#keep(() => {
      records.putNotification(waiting);
      tried(waiting, []);
    });
  }

  #end(notification: Notification, state: 'delivered' | 'failed', says: string): void {
    const now = this.#parts.clock.now();
    const attempts = notification.attempts + 1;
    const done: Notification = { ...notification, state, attempts, endedAt: now, says };
    const what = state === 'delivered' ? 'delivered' : 'undelivered';
    const about = { contact: done.contact, notification: done.id, attempts };
    const entry = { at: now, what, says: `${done.contact}: ${says}`, about } as const;
    this.#taken.add(done.id);
    this.#keep(() => this.#record(done, entry));
  }

  #record(done: Notification, entry: HistoryEntry): void {
    const { records, tried } = this.#parts;
    const alerts = [...done.firing, ...done.ended, ...done.content].flatMap(({ id }) => {
      const alert = records.alerts.get(id);
      return alert ? [withHistory(alert, entry)] : [];
    });
    records.putNotification(done, alerts);
    this.#taken.delete(done.id);
    tried(done, alerts);
  }

  /** What a full disk does not take is recorded later. */
  #keep(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      const { clock, log } = this.#parts;
      log.error(`Alerts: what became of a message could not be recorded: ${toVirtflowError(thrown).message}`);
      if (!this.#stop.signal.aborted) clock.after(firstWaitMs, () => this.#keep(work));
    }
  }
}
