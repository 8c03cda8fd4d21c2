import { admit } from '../../../lib/drivers/gate.ts';
import { CallTable } from './call-table.ts';
import type { Decoder } from './decoder.ts';
import { RpcError } from './errors.ts';
import type { EventKind, EventOf } from './events.ts';
import type { Header } from './frame.ts';
import { Inbox, type InboxListener } from './inbox.ts';
import { DEFAULT_KEEPALIVE, Keepalive, type KeepaliveSettings } from './keepalive.ts';
import { openHypervisor } from './open.ts';
import { Outbox } from './outbox.ts';
import { type CallOptions, PendingCall, type ReplyHook } from './pending-call.ts';
import {
  type Arguments,
  message,
  type Procedure,
  type ProcedureName,
  procedure,
  type Reply,
  type StreamProcedureName,
} from './procedure.ts';
import { DAEMON_REQUESTS, KEEPALIVE_PING, KEEPALIVE_PONG, MessageType, Program, Status } from './protocol.ts';
import type { RpcStream } from './stream.ts';
import { StreamTable } from './stream-table.ts';
import { type SubscribeOptions, type Subscription, Subscriptions } from './subscriptions.ts';
import { type Address, connectTransport, describeAddress, type Transport } from './transport.ts';
import type { XdrReader } from './xdr-reader.ts';

export interface ConnectionOptions {
  readonly address: Address;
  /** The hypervisor's own URI, without transport: `qemu:///system`. */
  readonly uri: string;
  readonly readOnly?: boolean | undefined;
  readonly keepalive?: KeepaliveSettings | undefined;
  /** How long closing waits for the answers to what is under way, in milliseconds; 2 s when left out. */
  readonly farewellMs?: number | undefined;
  /** Told once, when the connection is gone; `undefined` when it was closed from here. */
  readonly onClosed?: ((error: RpcError | undefined) => void) | undefined;
  /** What went wrong with an event or its listener, and can be told nobody else. */
  readonly onWarning?: ((error: unknown) => void) | undefined;
}

/** A reply, and the stream that came with it. */
export interface OpenStream<P extends ProcedureName> {
  readonly reply: Reply<P>;
  readonly stream: RpcStream;
}

// Longer than what the main connection carries takes. A slower call seldom ends in the moment of hanging up.
const FAREWELL_MS = 2_000;

/**
 * One connection to a daemon: calls, events, streams. All of them fail with CONNECTION_LOST when it goes; it does not
 * come back, its owner opens another one.
 */
export class Connection implements InboxListener {
  readonly #options: ConnectionOptions;
  readonly #transport: Transport;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #calls: CallTable;
  readonly #streams: StreamTable;
  readonly #subscriptions: Subscriptions;
  readonly #keepalive: Keepalive;
  readonly #closed = Promise.withResolvers<void>();
  #lost: RpcError | undefined;
  #farewell: NodeJS.Timeout | undefined;
  #whenIdle: (() => void)[] = [];

  /**
   * Connects, authenticates and opens the hypervisor.
   * @throws RpcError CONNECT_FAILED, AUTH_REQUIRED, PROTOCOL_VIOLATION, CONNECTION_LOST; LibvirtError when the daemon
   * refuses the URI; the signal's reason
   */
  static async open(options: ConnectionOptions, signal?: AbortSignal): Promise<Connection> {
    const inbox = new Inbox();
    const transport = await connectTransport(options.address, inbox, signal);
    const connection = new Connection(transport, inbox, options);
    try {
      await openHypervisor(connection, options, signal);
      return connection;
    } catch (error) {
      connection.#lose(connection.#lostBecause('it could not be opened', error), true);
      connection.#hangUp(); // it has no event registrations yet that `#leave` would have to care for
      await connection.#closed.promise;
      throw error;
    }
  }

  private constructor(transport: Transport, inbox: Inbox, options: ConnectionOptions) {
    this.#options = options;
    this.#transport = transport;
    this.#inbox = inbox;
    this.#outbox = new Outbox(transport);
    this.#calls = new CallTable(this.#outbox);
    this.#streams = new StreamTable(this.#outbox, transport, () => this.#tellIdle());
    this.#subscriptions = new Subscriptions(this.#subscriptionLink());
    this.#keepalive = new Keepalive(options.keepalive ?? DEFAULT_KEEPALIVE, {
      ping: () => this.#sendKeepalive(KEEPALIVE_PING),
      mayBeSilent: () => this.#streams.paused || this.#calls.underWay >= DAEMON_REQUESTS,
      dead: (silentMs) => this.#fail(this.#lostBecause(`it was silent for ${silentMs} ms`)),
    });
    inbox.listener = this;
  }

  /** Why the connection is gone, once it is. */
  get lost(): RpcError | undefined {
    return this.#lost;
  }

  /** No call and no stream is under way, abandoned ones included. */
  get idle(): boolean {
    return this.#calls.idle && this.#streams.empty;
  }

  /** As many calls are under way that may wait for a guest as the daemon should get; one more would have to wait. */
  get busy(): boolean {
    return this.#calls.full;
  }

  /**
   * Calls a procedure. The gate is asked before a byte leaves, and a job gets a record of the call.
   * @throws LibvirtError what the hypervisor answered; RpcError ARGUMENT_INVALID, NOT_CALLABLE, TIMEOUT,
   * CONNECTION_LOST, PROTOCOL_VIOLATION; what the gate throws; the signal's reason
   */
  call<P extends ProcedureName>(name: P, args: Arguments<P>, options: CallOptions = {}): Promise<Reply<P>> {
    return this.#call(procedure(name), args, options) as Promise<Reply<P>>;
  }

  /** Calls a procedure and reads its reply with a decoder of the caller's own. @throws what `call` throws */
  callDecoded<P extends ProcedureName, T>(
    name: P,
    args: Arguments<P>,
    decode: Decoder<T>,
    options: CallOptions = {},
  ): Promise<T> {
    return this.#call({ ...procedure(name), decode }, args, options) as Promise<T>;
  }

  /**
   * Listens to a kind of events. An event may come before this resolves.
   * @throws what `call` throws; LibvirtError when the daemon has no such event
   */
  subscribe<K extends EventKind>(
    kind: K,
    listener: (event: EventOf<K>) => void,
    options: SubscribeOptions<K> = {},
  ): Promise<Subscription> {
    return this.#subscriptions.add(kind, listener, options);
  }

  /** Makes a call that opens a stream. The signal, and the job's, end the stream too. @throws what `call` throws */
  async openStream<P extends StreamProcedureName>(
    name: P,
    args: Arguments<P>,
    options: CallOptions = {},
  ): Promise<OpenStream<P>> {
    const called = procedure(name);
    const { promise, resolve } = Promise.withResolvers<RpcStream>();
    const reply = await this.#call(called, args, options, (_reply, serial, abandoned) => {
      const stream = this.#streams.answered(called, serial);
      if (abandoned) stream.abort(new Error('Nobody waits for this stream any more.'));
      resolve(stream);
    });
    const stream = await promise;
    stream.abortOn(options.signal);
    stream.abortOn(options.job?.signal);
    return { reply: reply as Reply<P>, stream };
  }

  /** Resolves when nothing is under way, or the connection is gone. */
  whenIdle(): Promise<void> {
    if (this.idle || this.#lost) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /**
   * Closes; what is under way fails with CONNECTION_LOST at once. Resolves when the daemon has been left, which waits
   * for its answers (see `#leave`). Closing twice is fine.
   */
  close(): Promise<void> {
    this.#leave(this.#lostBecause('it was closed from here'), true);
    return this.#closed.promise;
  }

  heard(): void {
    this.#keepalive.heard();
  }

  frame(header: Readonly<Header>, payload: XdrReader): void {
    if (header.program === Program.keepalive) this.#answerKeepalive(header);
    else if (header.type === MessageType.reply) this.#reply(header, payload);
    else if (header.type === MessageType.message) this.#event(header, payload);
    else this.#streams.packet(header, payload, this.#calls.procedureOf(header.serial));
    this.#tellIdle();
    if (this.#lost && this.idle) this.#hangUp();
  }

  garbage(error: unknown): void {
    this.#fail(error instanceof RpcError ? error : this.#lostBecause('of a fault in its reader', error));
  }

  drained(): void {
    this.#streams.transportDrained();
  }

  closed(error: Error | undefined): void {
    this.#fail(this.#lostBecause(error?.message ?? 'the daemon closed it', error));
    this.#closed.resolve();
  }

  #call(called: Procedure, args: unknown, options: CallOptions, hook?: ReplyHook): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (called.passesFds) throw notCallable(called);
      admit(called, options.job);
      options.signal?.throwIfAborted();
      if (this.#lost) throw this.#lost;
      this.#calls.add(new PendingCall(called, args, options, { resolve, reject }, hook));
    });
  }

  #reply(header: Readonly<Header>, payload: XdrReader): void {
    if (header.status === Status.error) this.#streams.forget(header.serial);
    this.#calls.reply(header, payload);
  }

  #event({ program, procedure: number }: Readonly<Header>, payload: XdrReader): void {
    // No message of one program has the number of one of the other's.
    if ((program !== Program.remote && program !== Program.qemu) || this.#lost) return;
    if (number === message('CONNECT_EVENT_CONNECTION_CLOSED').number) {
      this.#leave(this.#lostBecause('the daemon lost the hypervisor'));
    } else {
      this.#subscriptions.deliver(number, payload);
    }
  }

  #answerKeepalive(header: Readonly<Header>): void {
    if (header.procedure === KEEPALIVE_PING) this.#sendKeepalive(KEEPALIVE_PONG);
  }

  #sendKeepalive(what: number): void {
    const header = { program: Program.keepalive, procedure: what, type: MessageType.message, serial: 0 };
    this.#outbox.send({ ...header, status: Status.ok });
  }

  #subscriptionLink() {
    const lost = () => this.#lost;
    return {
      call: this.#call.bind(this),
      warn: (error: unknown) => this.#options.onWarning?.(error),
      get lost() {
        return lost();
      },
    };
  }

  #lostBecause(reason: string, cause?: unknown): RpcError {
    const where = describeAddress(this.#options.address);
    return new RpcError('CONNECTION_LOST', `The connection to ${where} is gone: ${reason}.`, { cause });
  }

  /**
   * Ends in peace: hangs up once the daemon has answered, or has had its time to. A daemon whose client is gone when it
   * answers frees that client's event registrations in two threads at once, which has crashed libvirtd (seen with
   * 9.0.0: remoteClientFreePrivateCallbacks, entered by virNetServerProcessClients and by virNetServerHandleJob).
   */
  #leave(error: RpcError, byUs = false): void {
    if (this.#lost) return;
    this.#lose(error, byUs);
    if (this.idle) this.#hangUp();
    else this.#farewell = setTimeout(() => this.#hangUp(), this.#options.farewellMs ?? FAREWELL_MS);
  }

  /** Ends where there is nobody left to wait for. */
  #fail(error: RpcError): void {
    this.#lose(error);
    this.#hangUp();
  }

  /** Tells all who use this connection, and its owner, that it is gone. */
  #lose(error: RpcError, byUs = false): void {
    if (this.#lost) return;
    this.#lost = error;
    this.#keepalive.stop();
    this.#calls.abandonAll(error);
    this.#streams.failAll(error);
    this.#tellIdle();
    this.#options.onClosed?.(byUs ? undefined : error);
  }

  #hangUp(): void {
    clearTimeout(this.#farewell);
    this.#inbox.stop();
    this.#transport.close();
  }

  #tellIdle(): void {
    if (this.#whenIdle.length === 0 || !(this.idle || this.#lost)) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

function notCallable({ name }: Procedure): RpcError {
  return new RpcError('NOT_CALLABLE', `${name} passes file descriptors, which Node cannot do.`);
}
