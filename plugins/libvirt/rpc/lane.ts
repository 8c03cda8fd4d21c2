import type { Connection } from './connection.ts';

export interface LaneSettings {
  /** How many connections there may be; who comes then waits for one. */
  readonly max: number;
  /** How long a connection is kept that nobody uses, in milliseconds. */
  readonly idleMs: number;
}

interface Waiter {
  resolve(connection: Connection): void;
  reject(error: unknown): void;
}

/** Lends connections, each to one user at a time. They are opened when needed and closed when idle. */
export class Lane {
  readonly #open: (signal: AbortSignal | undefined) => Promise<Connection>;
  readonly #settings: LaneSettings;
  readonly #connections = new Set<Connection>();
  readonly #idle: { readonly connection: Connection; readonly timer: NodeJS.Timeout }[] = [];
  readonly #waiting: Waiter[] = [];
  #opening = 0;
  #closed: { readonly reason: unknown } | undefined;

  constructor(open: (signal: AbortSignal | undefined) => Promise<Connection>, settings: LaneSettings) {
    this.#open = open;
    this.#settings = settings;
  }

  /**
   * Lends a connection for as long as `task` takes, and on until nothing of it is under way any more: an abandoned call
   * may still hold the daemon.
   * @throws what opening throws; the signal's reason; what `task` throws
   */
  async use<T>(task: (connection: Connection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connection = await this.#acquire(signal);
    try {
      return await task(connection);
    } finally {
      void connection.whenIdle().then(() => this.#release(connection));
    }
  }

  /** Closes every connection; who waits for one gets `reason`. */
  async close(reason: unknown): Promise<void> {
    this.#closed ??= { reason };
    for (const { timer } of this.#idle.splice(0)) clearTimeout(timer);
    for (const waiter of this.#waiting.splice(0)) waiter.reject(reason);
    await Promise.all([...this.#connections].map((connection) => connection.close()));
  }

  async #acquire(signal: AbortSignal | undefined): Promise<Connection> {
    signal?.throwIfAborted();
    if (this.#closed) throw this.#closed.reason;
    const idle = this.#takeIdle();
    if (idle) return idle;
    return this.#connections.size + this.#opening < this.#settings.max ? this.#connect(signal) : this.#wait(signal);
  }

  #takeIdle(): Connection | undefined {
    for (let entry = this.#idle.pop(); entry; entry = this.#idle.pop()) {
      clearTimeout(entry.timer);
      if (!entry.connection.lost) return entry.connection;
      this.#connections.delete(entry.connection);
    }
    return undefined;
  }

  async #connect(signal: AbortSignal | undefined): Promise<Connection> {
    this.#opening += 1;
    try {
      const connection = await this.#open(signal);
      this.#connections.add(connection);
      if (!this.#closed) return connection;
      await connection.close();
      throw this.#closed.reason;
    } finally {
      this.#opening -= 1;
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<Connection> {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const waiter = { resolve, reject };
    const leave = () => {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      reject(signal?.reason);
    };
    this.#waiting.push(waiter);
    signal?.addEventListener('abort', leave);
    return promise.finally(() => signal?.removeEventListener('abort', leave));
  }

  #release(connection: Connection): void {
    if (this.#closed) return;
    const waiter = this.#waiting.shift();
    if (connection.lost) {
      this.#connections.delete(connection);
      if (waiter) this.#connect(undefined).then(waiter.resolve, waiter.reject);
    } else if (waiter) {
      waiter.resolve(connection);
    } else {
      this.#keep(connection);
    }
  }

  #keep(connection: Connection): void {
    const expire = () => {
      this.#idle.splice(
        this.#idle.findIndex((entry) => entry.connection === connection),
        1,
      );
      this.#connections.delete(connection);
      void connection.close();
    };
    this.#idle.push({ connection, timer: setTimeout(expire, this.#settings.idleMs).unref() });
  }
}
