import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../calendar/clock.ts';
import { Feed } from '../model/feed.ts';
import type { Safe } from '../secrets/safe.ts';
import type { Contacts } from './contacts.ts';
import type { Courier } from './courier.ts';
import { type AlertNote, type Notification, newNotification } from './notification.ts';
import type { Records } from './records.ts';

/** What a flow has to say: an alert as it would be told by a route, or words of its own. */
export interface Content {
  readonly title: string | null;
  readonly text: string | null;
  readonly html: string | null;
  readonly note: AlertNote | null;
}

export interface Dispatch {
  /** The node that sends. */
  readonly sender: string;
  readonly contact: string;
  readonly content: Content;
  readonly giveUpAfterMs: number;
  /** The run that the message belongs to. The same message that comes again after a crash is known by it. */
  readonly run: string | undefined;
  /** The message, as plain data; it goes on when the outcome is known. */
  readonly message: unknown;
}

export interface DispatchParts {
  readonly records: Records;
  readonly contacts: Contacts;
  readonly courier: Courier;
  readonly safe: Pick<Safe, 'put' | 'get' | 'delete' | 'list'>;
  readonly clock: Clock;
}

const room = 'notification-message';

/** Messages of flows to people. Each is on disk until its node has told what became of it; what it came with, encrypted. */
export class Dispatches {
  /** Something became of one, or it was tried in vain. */
  readonly changes = new Feed<Notification>();
  readonly #parts: DispatchParts;
  /** Whose node has not told the outcome yet. */
  readonly #open: Set<string>;
  /** Of a life before, and not come again in this one. */
  readonly #earlier: Set<string>;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
    this.#open = new Set(parts.safe.list(room).map(({ name }) => name));
    this.#earlier = new Set(parts.records.notifications.keys());
  }

  /** Puts a message on its way; it is on disk when this returns. @throws CONTACT_UNKNOWN, STORE_*, SECRET_KEY_* */
  send({ sender, contact, content, giveUpAfterMs, run, message }: Dispatch): Notification {
    const { records, contacts, courier, safe, clock } = this.#parts;
    contacts.get(contact);
    const id = this.#idOf(sender, run, content);
    const known = records.notifications.get(id);
    if (known) return known;
    const { note, title, text, html } = content;
    const at = clock.now();
    const isOver = note !== null && note.endedAt !== null;
    const notification = newNotification({
      id,
      kind: note ? 'alert' : 'flow',
      contact,
      at,
      sender,
      title,
      text,
      html,
      firing: note && !isOver ? [note] : [],
      ended: note && isOver ? [note] : [],
      giveUpAt: at + giveUpAfterMs,
    });
    records.putNotification(notification, [], () => safe.put(room, id, JSON.stringify(message ?? null)));
    this.#open.add(id);
    courier.run();
    return notification;
  }

  /** Those of a node whose outcome it has not told yet, oldest first. */
  of(sender: string): readonly Notification[] {
    const all = [...this.#open].flatMap((id) => this.#parts.records.notifications.get(id) ?? []);
    return all.filter((one) => one.sender === sender).sort((a, b) => a.at - b.at);
  }

  /** What it came with; undefined once its node has told the outcome. @throws STORE_*, SECRET_* */
  message(id: string): unknown {
    const text = this.#parts.safe.get(room, id);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Its node has told the outcome. */
  told(id: string): void {
    this.#parts.safe.delete(room, id);
    this.#open.delete(id);
  }

  /** The node is no more: what it has not sent yet is not sent. */
  drop(sender: string): void {
    for (const { id, state } of this.of(sender)) {
      if (state === 'waiting') this.#parts.courier.giveUp(id, 'its node was taken away');
      this.told(id);
    }
  }

  /** The same for a message that comes again after a crash; one that says the same anew, in the same run, has another. */
  #idOf(sender: string, run: string | undefined, content: Content): string {
    if (run === undefined) return randomUUID();
    for (let count = 1; ; count += 1) {
      const id = digestOf([sender, run, content, count]).slice(0, 32);
      if (this.#earlier.delete(id) || !this.#parts.records.notifications.has(id)) return id;
    }
  }
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
