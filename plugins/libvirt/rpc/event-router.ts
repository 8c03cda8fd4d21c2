import type { Message } from './procedure.ts';
import type { XdrReader } from './xdr-reader.ts';

export type Listener = (event: unknown) => void;

// Events that come between a registration's entry in the daemon and its reply; more would be no registration's.
const MAX_HELD = 1024;

/**
 * Brings events to their listeners. Callback ids are unique only among the events of one message: the daemon counts
 * domains' and networks' from 0 each.
 */
export class EventRouter {
  readonly #messages = new Map<number, Message>();
  readonly #listeners = new Map<string, Listener>();
  readonly #registering = new Map<number, number>();
  readonly #held: { readonly key: string; readonly event: unknown }[] = [];

  /** A registration is on its way: events that nobody listens to yet may be meant for it. */
  expect(message: Message): void {
    this.#messages.set(message.number, message);
    this.#registering.set(message.number, (this.#registering.get(message.number) ?? 0) + 1);
  }

  /** The registration was answered. */
  expected(message: Message): void {
    this.#registering.set(message.number, (this.#registering.get(message.number) ?? 1) - 1);
    if ([...this.#registering.values()].every((count) => count === 0)) this.#held.length = 0;
  }

  /** Listens, and hands on what was held for this id. */
  listen(message: Message, callbackId: number, listener: Listener): void {
    const key = keyOf(message.number, callbackId);
    this.#listeners.set(key, listener);
    for (const { key: heldFor, event } of this.#held.splice(0)) {
      if (heldFor === key) listener(event);
      else this.#held.push({ key: heldFor, event });
    }
  }

  forget(message: Message, callbackId: number): void {
    this.#listeners.delete(keyOf(message.number, callbackId));
  }

  /** Takes an event's message. @throws RpcError PROTOCOL_VIOLATION when it cannot be read */
  deliver(number: number, payload: XdrReader): void {
    const message = this.#messages.get(number);
    if (!message) return;
    const event = message.decode(payload) as { readonly callbackID: number };
    const key = keyOf(number, event.callbackID);
    const listener = this.#listeners.get(key);
    if (listener) listener(event);
    else if (this.#registering.get(number) && this.#held.length < MAX_HELD) this.#held.push({ key, event });
  }
}

function keyOf(number: number, callbackId: number): string {
  return `${number}/${callbackId}`;
}
