import { permittedBy } from '../../../lib/drivers/gate.ts';
import { Connection, type ConnectionOptions, type OpenStream } from './connection.ts';
import { RpcError } from './errors.ts';
import type { EventKind, EventOf } from './events.ts';
import { Lane } from './lane.ts';
import type { Input } from './layout.ts';
import type { CallOptions } from './pending-call.ts';
import { type Arguments, type ProcedureName, procedure, type Reply, type StreamProcedureName } from './procedure.ts';
import type { Statistics } from './statistics.ts';
import { StatisticsDecoder } from './statistics-decoder.ts';
import type { SubscribeOptions, Subscription } from './subscriptions.ts';

/**
 * Which connection a call goes over. `main` brings the events too; on `statistics` large replies are in nobody's way;
 * a `job` has a connection for itself as long as it lasts.
 */
export type LaneName = 'main' | 'statistics' | 'job';

export interface HostCallOptions extends CallOptions {
  /** Follows from the procedure's pace when left out. */
  readonly lane?: LaneName | undefined;
}

/** Which statistics to get, and of which domains. */
export interface StatisticsQuery {
  /** Only these; all when left out. */
  readonly domains?: Input<'doms:domain[]'>['doms'] | undefined;
  /** StatisticsGroup bits; all groups when left out. */
  readonly groups?: number | undefined;
  /** StatisticsFlag bits. */
  readonly flags?: number | undefined;
}

export interface HostOptions extends ConnectionOptions {
  /** How long a connection for jobs is kept while nothing uses it, in milliseconds; 30 s when left out. */
  readonly idleMs?: number | undefined;
}

// A daemon without authentication takes 20 connections from all its clients together.
const MAX_JOB_CONNECTIONS = 12;
const IDLE_MS = 30_000;

/**
 * One hypervisor, over as many connections as its daemon calls for: it works on five requests of each, so on one alone
 * a few calls that wait for a hung guest would hold up all others. The host is gone when its main connection is.
 */
export class LibvirtHost {
  readonly #main: Connection;
  readonly #jobs: Lane;
  readonly #openConnection: (signal: AbortSignal | undefined) => Promise<Connection>;
  readonly #decoder = new StatisticsDecoder();
  #statistics: Promise<Connection> | undefined;

  /** Opens the main connection; the others follow when they are needed. @throws what Connection.open throws */
  static async open(options: HostOptions, signal?: AbortSignal): Promise<LibvirtHost> {
    let host: LibvirtHost | undefined;
    const onClosed = (error: RpcError | undefined) => {
      void host?.close();
      options.onClosed?.(error);
    };
    const main = await Connection.open({ ...options, onClosed }, signal);
    host = new LibvirtHost(main, options);
    return host;
  }

  private constructor(main: Connection, options: HostOptions) {
    this.#main = main;
    const others = { ...options, onClosed: undefined };
    this.#openConnection = (signal) => Connection.open(others, signal);
    this.#jobs = new Lane(this.#openConnection, { max: MAX_JOB_CONNECTIONS, idleMs: options.idleMs ?? IDLE_MS });
  }

  /** Why the hypervisor is out of reach, once it is. */
  get lost(): RpcError | undefined {
    return this.#main.lost;
  }

  /**
   * Calls a procedure over the connection that suits it. The gate is asked before a byte leaves.
   * @throws LibvirtError, RpcError, what the gate throws, the signal's reason
   */
  call<P extends ProcedureName>(name: P, args: Arguments<P>, options: HostCallOptions = {}): Promise<Reply<P>> {
    return this.#over(name, options, (connection) => connection.call(name, args, options));
  }

  /** Gets the statistics of many domains in one call (CONNECT_GET_ALL_DOMAIN_STATS). @throws what `call` throws */
  statistics(query: StatisticsQuery = {}, options: HostCallOptions = {}): Promise<Statistics> {
    const name = 'CONNECT_GET_ALL_DOMAIN_STATS';
    const args = { doms: query.domains ?? [], stats: query.groups ?? 0, flags: query.flags ?? 0 };
    const { decode } = this.#decoder;
    return this.#over(name, options, (connection) => connection.callDecoded(name, args, decode, options));
  }

  /** Listens to a kind of events, of all objects or of one (`of`). @throws what `call` throws */
  subscribe<K extends EventKind>(
    kind: K,
    listener: (event: EventOf<K>) => void,
    options?: SubscribeOptions<K>,
  ): Promise<Subscription> {
    return this.#main.subscribe(kind, listener, options);
  }

  /** Makes a call that opens a stream, on a connection that is the stream's until it ends. @throws what `call` throws */
  async openStream<P extends StreamProcedureName>(
    name: P,
    args: Arguments<P>,
    options: CallOptions = {},
  ): Promise<OpenStream<P>> {
    permittedBy(procedure(name), options.job);
    return this.#jobs.use((connection) => connection.openStream(name, args, options), options.signal);
  }

  /** Closes every connection; what is under way fails with CONNECTION_LOST. Closing twice is fine. */
  async close(): Promise<void> {
    const reason = this.lost ?? new RpcError('CONNECTION_LOST', 'The connection to the hypervisor was closed.');
    const statistics = this.#statistics?.then((connection) => connection.close()).catch(() => {});
    await Promise.all([this.#main.close(), statistics, this.#jobs.close(reason)]);
  }

  async #over<T>(
    name: ProcedureName,
    options: HostCallOptions,
    make: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    // The connection asks the gate; asked here first, a refused call opens no connection either.
    permittedBy(procedure(name), options.job);
    const shared = await this.#shared(options.lane ?? laneOf(name), options.signal);
    // A call that may wait for a guest does not wait for others that do: aborting a job must not queue behind it.
    const wouldWait = shared?.busy && procedure(name).mayBlock;
    return shared && !wouldWait ? make(shared) : this.#jobs.use(make, options.signal);
  }

  #shared(lane: LaneName, signal: AbortSignal | undefined): Connection | undefined | Promise<Connection> {
    if (lane === 'main') return this.#main;
    return lane === 'statistics' ? this.#statisticsConnection(signal) : undefined;
  }

  async #statisticsConnection(signal: AbortSignal | undefined): Promise<Connection> {
    signal?.throwIfAborted();
    if (this.lost) throw this.lost;
    this.#statistics ??= this.#openConnection(undefined);
    const opening = this.#statistics;
    const connection = await opening.catch((error: unknown) => error);
    if (connection instanceof Connection && !connection.lost) return connection;
    if (this.#statistics === opening) this.#statistics = undefined;
    if (!(connection instanceof Connection)) throw connection;
    return this.#statisticsConnection(signal);
  }
}

function laneOf(name: ProcedureName): LaneName {
  const { pace } = procedure(name);
  if (pace === 'stats') return 'statistics';
  return pace === 'long' ? 'job' : 'main';
}
