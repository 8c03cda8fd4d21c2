import { EventRouter } from './event-router.ts';
import { type EventKind, type EventOf, messageOf, namingOf, type ObjectOf, registrationOf } from './events.ts';
import type { CallOptions, ReplyHook } from './pending-call.ts';
import { type Message, type Procedure, procedure, type Reply } from './procedure.ts';
import type { XdrReader } from './xdr-reader.ts';

export interface Subscription {
  /** Listens no more. Stopping twice, or after the connection is gone, is fine. */
  stop(): Promise<void>;
}

export interface SubscribeOptions<K extends EventKind> extends CallOptions {
  /** The one object to listen to, by its handle; all of the kind when left out. */
  readonly of?: ObjectOf<K> | undefined;
}

/** What subscriptions need of their connection. */
export interface SubscriptionLink {
  call(called: Procedure, args: unknown, options: CallOptions, hook?: ReplyHook): Promise<unknown>;
  warn(error: unknown): void;
  readonly lost: unknown;
}

type Registered = Reply<'CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY'>;

/** The event registrations of one connection. */
export class Subscriptions {
  readonly #link: SubscriptionLink;
  readonly #router = new EventRouter();

  constructor(link: SubscriptionLink) {
    this.#link = link;
  }

  /** Registers a listener. It is in place when the reply is read, for the next frame may be its first event. */
  async add<K extends EventKind>(
    kind: K,
    listener: (event: EventOf<K>) => void,
    { of, ...options }: SubscribeOptions<K>,
  ): Promise<Subscription> {
    const { register, object } = registrationOf(kind);
    const message = messageOf(kind);
    const listen: ReplyHook = (reply, _serial, abandoned) => {
      const { callbackID } = reply as Registered;
      if (abandoned) this.#remove(kind, message, callbackID).catch(this.#link.warn);
      else this.#router.listen(message, callbackID, this.#guarded(listener));
    };
    this.#router.expect(message);
    try {
      const args = { ...namingOf(kind), [object]: of };
      const { callbackID } = (await this.#link.call(procedure(register), args, options, listen)) as Registered;
      return { stop: once(() => this.#remove(kind, message, callbackID)) };
    } finally {
      this.#router.expected(message);
    }
  }

  /** Takes an event's message. */
  deliver(number: number, payload: XdrReader): void {
    try {
      this.#router.deliver(number, payload);
    } catch (error) {
      this.#link.warn(error);
    }
  }

  async #remove(kind: EventKind, message: Message, callbackID: number): Promise<void> {
    this.#router.forget(message, callbackID);
    if (this.#link.lost) return;
    await this.#link.call(procedure(registrationOf(kind).deregister), { callbackID }, {});
  }

  #guarded<T>(listener: (event: T) => void): (event: unknown) => void {
    return (event) => {
      try {
        listener(event as T);
      } catch (error) {
        this.#link.warn(error);
      }
    };
  }
}

function once<T>(act: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => {
    result ??= { value: act() };
    return result.value;
  };
}
