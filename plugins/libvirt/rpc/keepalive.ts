export interface KeepaliveSettings {
  /** How long the connection is silent before it is pinged, in milliseconds. */
  readonly intervalMs: number;
  /** The connection is dead after so many pings without a sign of life. */
  readonly count: number;
}

/** libvirt's own defaults. */
export const DEFAULT_KEEPALIVE: KeepaliveSettings = { intervalMs: 5000, count: 5 };

export interface KeepaliveOwner {
  ping(): void;
  /** No answer proves nothing: the daemon does not read (it has its fill of our requests), or we do not. */
  mayBeSilent(): boolean;
  dead(silentMs: number): void;
}

/** Pings a silent connection and finds out when it is dead. */
export class Keepalive {
  readonly #settings: KeepaliveSettings;
  readonly #owner: KeepaliveOwner;
  readonly #timer: NodeJS.Timeout;
  #heard = false;
  #unanswered = 0;

  constructor(settings: KeepaliveSettings, owner: KeepaliveOwner) {
    this.#settings = settings;
    this.#owner = owner;
    this.#timer = setInterval(() => this.#tick(), settings.intervalMs).unref();
  }

  /** Anything arrived. */
  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const alive = this.#heard || this.#owner.mayBeSilent();
    if (alive) this.#unanswered = 0;
    if (this.#unanswered >= this.#settings.count) {
      this.#owner.dead(this.#unanswered * this.#settings.intervalMs);
      return;
    }
    // Also in a silence that proves nothing: the daemon listens for a sign of life as we do.
    if (!this.#heard) this.#owner.ping();
    if (!alive) this.#unanswered += 1;
    this.#heard = false;
  }
}
