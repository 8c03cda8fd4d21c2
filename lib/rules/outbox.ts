import type { Store } from '../store/store.ts';
import { type Alert, storedAlert } from './alert.ts';

/**
 * Someone who has to have each alert. Those that come together are given together, in their order; what a sink throws or
 * rejects with brings each again, alone and later.
 */
export interface AlertSink {
  readonly name: string;
  take(alerts: readonly Alert[]): Promise<void> | void;
  /** A rule was given up: what it had told of is over, and nobody is told so. */
  withdraw?(rule: string): void;
}

/** An alert on disk. */
export interface Written {
  readonly key: string;
  readonly alert: Alert;
}

interface Row extends Written {
  readonly waiting: Set<AlertSink>;
  readonly taking: Set<AlertSink>;
  tryAt: number;
  tries: number;
}

const room = 'rule-outbox';
const digits = 16;
const longestWaitMs = 60_000;

export type OutboxStore = Pick<Store, 'states' | 'transaction'>;

/**
 * Alerts on their way out: written together with the states that they come of, and struck off when everybody has them.
 * What a crash leaves is told again, under the same id, when its rule is back.
 */
export class Outbox {
  readonly #store: OutboxStore;
  readonly #failed: (thrown: unknown) => void;
  readonly #sinks = new Set<AlertSink>();
  readonly #rows = new Map<string, Row>();
  /** Told by all, and still on disk. */
  readonly #taken = new Set<string>();
  readonly #left = new Map<string, Alert>();
  #next: number;

  /** `failed` hears why a sink did not take one. */
  constructor(store: OutboxStore, failed: (thrown: unknown) => void) {
    this.#store = store;
    this.#failed = failed;
    const rows = store.states.list(room).toSorted((a, b) => (a.key < b.key ? -1 : 1));
    this.#next = Number(rows.at(-1)?.key ?? -1) + 1;
    for (const { key, value } of rows) {
      const alert = storedAlert(value);
      if (alert) this.#left.set(key, alert);
      else this.#taken.add(key);
    }
  }

  /** From now on this one has to take every alert, too. */
  add(sink: AlertSink): () => void {
    this.#sinks.add(sink);
    return () => {
      this.#sinks.delete(sink);
      for (const row of [...this.#rows.values()]) this.#took(row, sink);
    };
  }

  /** Writes an alert down; it is part of a transaction of the caller's. The answer is for `tell`. */
  write(alert: Alert): Written {
    const key = String(this.#next).padStart(digits, '0');
    this.#next += 1;
    this.#store.states.put(room, key, alert);
    return { key, alert };
  }

  /** Gives what was written to every sink. */
  tell(written: readonly Written[], now: number): void {
    const rows = written.map(({ key, alert }): Row => {
      return { key, alert, waiting: new Set(this.#sinks), taking: new Set(), tryAt: now, tries: 0 };
    });
    for (const row of rows) this.#rows.set(row.key, row);
    this.#offer(rows, now);
    for (const row of rows) if (row.waiting.size === 0) this.#done(row);
  }

  /** Tells again what a crash left of a rule. */
  resume(rule: string, now: number): void {
    const left = [...this.#left].flatMap(([key, alert]) => (alert.rule === rule ? { key, alert } : []));
    for (const { key } of left) this.#left.delete(key);
    this.tell(left, now);
    this.strike();
  }

  /** Tries again where a sink would not take one. */
  retry(now: number): void {
    this.#offer(
      [...this.#rows.values()].filter(({ tryAt }) => tryAt <= now),
      now,
    );
    this.strike();
  }

  /** Strikes off what everybody has, in one write. When that fails it is tried with the next. */
  strike(): void {
    if (this.#taken.size === 0) return;
    const keys = [...this.#taken];
    this.#store.transaction(() => {
      for (const key of keys) this.#store.states.delete(room, key);
    });
    for (const key of keys) this.#taken.delete(key);
  }

  /** Drops what is left of a rule that was given up. @throws what a sink cannot withdraw with */
  forget(rule: string): void {
    for (const sink of this.#sinks) sink.withdraw?.(rule);
    for (const [key, alert] of this.#left) if (alert.rule === rule && this.#left.delete(key)) this.#taken.add(key);
    for (const row of [...this.#rows.values()]) if (row.alert.rule === rule) this.#done(row);
    this.strike();
  }

  /** How many are not with everybody yet. */
  get size(): number {
    return this.#rows.size + this.#left.size;
  }

  #offer(rows: readonly Row[], now: number): void {
    for (const row of rows) {
      row.tries += 1;
      row.tryAt = now + Math.min(longestWaitMs, 1_000 * 2 ** row.tries);
    }
    for (const sink of [...this.#sinks]) this.#give(rows, sink);
  }

  #give(rows: readonly Row[], sink: AlertSink): void {
    const wanted = rows.filter((row) => this.#rows.has(row.key) && row.waiting.has(sink) && !row.taking.has(sink));
    if (wanted.length === 0) return;
    try {
      const taking = sink.take(wanted.map(({ alert }) => alert));
      if (taking === undefined) for (const row of wanted) this.#took(row, sink);
      else void this.#follow(wanted, sink, taking);
    } catch (thrown) {
      this.#refused(wanted, sink, thrown);
    }
  }

  async #follow(rows: readonly Row[], sink: AlertSink, taking: Promise<void>): Promise<void> {
    for (const row of rows) row.taking.add(sink);
    const refusal = await taking.then(
      () => undefined,
      (thrown: unknown) => ({ thrown }),
    );
    for (const row of rows) row.taking.delete(sink);
    if (refusal) this.#refused(rows, sink, refusal.thrown);
    else for (const row of rows) this.#took(row, sink);
  }

  /** One that cannot be taken does not keep the others; it is offered again, ever more seldom. */
  #refused(rows: readonly Row[], sink: AlertSink, thrown: unknown): void {
    if (rows.length > 1) for (const row of rows) this.#give([row], sink);
    else this.#failed(thrown);
  }

  #took(row: Row, sink: AlertSink): void {
    row.waiting.delete(sink);
    if (row.waiting.size === 0) this.#done(row);
  }

  #done(row: Row): void {
    this.#rows.delete(row.key);
    this.#taken.add(row.key);
  }
}
