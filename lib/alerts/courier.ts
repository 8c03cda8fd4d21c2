import type { Clock } from '../calendar/clock.ts';
import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { Reveal } from '../secrets/reference.ts';
import { type AlertRecord, type HistoryEntry, withHistory } from './alert.ts';
import type { Notification } from './notification.ts';
import type { NotifierRegistry } from './notifiers/notifier.ts';
import type { Records } from './records.ts';
import { render } from './render.ts';
import type { Contact, Settings } from './settings.ts';

export interface CourierParts {
  readonly records: Records;
  readonly notifiers: NotifierRegistry;
  readonly settings: () => Settings;
  readonly reveal: Reveal;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when something became of a notification. */
  readonly ended: (notification: Notification, alerts: readonly AlertRecord[]) => void;
}

const timeoutMs = 30_000;
const firstWaitMs = 5_000;
const longestWaitMs = 10 * 60_000;
const givenUpAfterMs = 24 * 3_600_000;

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

  /** Sends at once, without a second try. @throws CONTACT_UNKNOWN, NOTIFICATION_FAILED, SECRET_* */
  async send(notification: Notification, signal: AbortSignal): Promise<string> {
    const { notifiers, reveal, settings } = this.#parts;
    const { link } = settings();
    const contact = this.contact(notification.contact);
    const own = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    return notifiers.send(contact.type, contact.settings, render(notification, contact, link), { reveal, signal: own });
  }

  /** @throws CONTACT_UNKNOWN */
  contact(name: string): Contact {
    const { contacts } = this.#parts.settings();
    const found = contacts.find((one) => one.name === name);
    if (found) return found;
    const known = contacts.map((one) => one.name).join(', ') || 'none';
    throw new VirtflowError('CONTACT_UNKNOWN', { contact: name, known });
  }

  /** The oldest of each contact that waits. */
  #heads(): ReadonlyMap<string, Notification> {
    const heads = new Map<string, Notification>();
    for (const one of this.#parts.records.notifications.values()) {
      if (one.state === 'waiting' && !this.#taken.has(one.id) && !heads.has(one.contact)) heads.set(one.contact, one);
    }
    return heads;
  }

  #next(contact: string): void {
    this.#busy.delete(contact);
    this.run();
  }

  async #deliver(notification: Notification): Promise<void> {
    try {
      const says = await this.send(notification, this.#stop.signal);
      this.#end(notification, 'delivered', says);
    } catch (thrown) {
      if (!this.#stop.signal.aborted) this.#failed(notification, toVirtflowError(thrown));
    }
  }

  #failed(notification: Notification, { code, message }: VirtflowError): void {
    const { clock, records, log } = this.#parts;
    const now = clock.now();
    log.warn(`Alerts: ${notification.contact} was not reached: ${message}`);
    if (code === 'CONTACT_UNKNOWN' || now - notification.at > givenUpAfterMs) {
      this.#end(notification, 'failed', message);
      return;
    }
    const attempts = notification.attempts + 1;
    const nextAt = now + Math.min(longestWaitMs, firstWaitMs * 2 ** (attempts - 1));
    this.#keep(() => records.putNotification({ ...notification, attempts, nextAt, says: message }));
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
    const { records, ended } = this.#parts;
    const alerts = [...done.firing, ...done.ended, ...done.content].flatMap(({ id }) => {
      const alert = records.alerts.get(id);
      return alert ? [withHistory(alert, entry)] : [];
    });
    records.putNotification(done, alerts);
    this.#taken.delete(done.id);
    ended(done, alerts);
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
