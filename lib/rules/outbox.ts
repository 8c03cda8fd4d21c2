import type { Store } from '../store/store.ts';
import { type Alert, storedAlert } from './alert.ts';

/** Someone who has to have each alert. What a sink throws or rejects with brings the alert again later. */
export interface AlertSink {
  readonly name: string;
  take(alert: Alert): Promise<void> | void;
  /** A rule was given up: what it had told of is over, and nobody is told so. */
  withdraw?(rule: string): void;
}

interface Row {
  readonly key: string;
  readonly alert: Alert;
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
  readonly #sinks = new Set<AlertSink>();
  readonly #rows = new Map<string, Row>();
  /** Told by all, and still on disk. */
  readonly #taken = new Set<string>();
  readonly #left = new Map<string, Alert>();
  #next: number;

  constructor(store: OutboxStore) {
    this.#store = store;
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
  write(alert: Alert): string {
    const key = String(this.#next).padStart(digits, '0');
    this.#next += 1;
    this.#store.states.put(room, key, alert);
    return key;
  }

  /** Gives what was written to every sink. */
  tell(key: string, alert: Alert, now: number): void {
    const row: Row = { key, alert, waiting: new Set(this.#sinks), taking: new Set(), tryAt: now, tries: 0 };
    this.#rows.set(key, row);
    this.#offer(row, now);
    if (row.waiting.size === 0) this.#done(row);
  }

  /** Tells again what a crash left of a rule. */
  resume(rule: string, now: number): void {
    for (const [key, alert] of this.#left) {
      if (alert.rule !== rule) continue;
      this.#left.delete(key);
      this.tell(key, alert, now);
    }
    this.strike();
  }

  /** Tries again where a sink would not take one. */
  retry(now: number): void {
    for (const row of [...this.#rows.values()]) if (row.tryAt <= now) this.#offer(row, now);
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

  #offer(row: Row, now: number): void {
    row.tries += 1;
    row.tryAt = now + Math.min(longestWaitMs, 1_000 * 2 ** row.tries);
    for (const sink of [...row.waiting]) if (!row.taking.has(sink)) this.#give(row, sink);
  }

  #give(row: Row, sink: AlertSink): void {
    try {
      const taking = sink.take(row.alert);
      if (!taking) {
        this.#took(row, sink);
        return;
      }
      row.taking.add(sink);
      taking.then(
        () => this.#took(row, sink),
        () => row.taking.delete(sink),
      );
    } catch {
      // It is offered again, ever more seldom.
    }
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
