import type { AlertRecord } from '../alerts/alert.ts';
import type { AlertRoom } from '../alerts/alert-room.ts';
import { type Clock, systemClock } from '../calendar/clock.ts';
import type { Connections } from '../connections/connections.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { eventPoint } from '../metrics/event-points.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Unsubscribe } from '../model/feed.ts';
import type { Sample } from '../model/reading.ts';
import { type Operation, objectOf } from '../operations/operation.ts';
import type { Operations } from '../operations/operations.ts';
import { alertCounts, alertSample } from './alert-samples.ts';
import { Moments } from './moments.ts';
import { hostOf, operationSample } from './operation-sample.ts';
import { backupAction, Protection } from './protection.ts';

export interface ActivityParts {
  readonly operations: Pick<Operations, 'events' | 'history'>;
  readonly alerts: Pick<AlertRoom, 'changes' | 'list' | 'ongoing'>;
  readonly inventory: Inventory;
  readonly connections: Pick<Connections, 'events' | 'get' | 'list' | 'states'>;
  readonly metrics: Pick<Metrics, 'keptSince' | 'take'>;
  readonly clock?: Clock;
}

const countsEveryMs = 60_000;
const protectionEveryMs = 300_000;
/** Much may change at once; it is counted, or written, together. */
const soonMs = 500;

/**
 * Writes what happens into the metric store, for dashboards and rules: a point for each operation that ended, each
 * transition of an alert and each event, how many alerts there are, and how long ago each VM was protected.
 */
export class Activity {
  readonly #parts: ActivityParts;
  readonly #clock: Clock;
  readonly #moments = new Moments();
  readonly #protection: Protection;
  /** How each alert stood when its latest point was written. */
  readonly #standing = new Map<string, string>();
  /** Points of what happened together, to be written together. */
  readonly #points: Sample[] = [];
  #ends: Unsubscribe[] = [];
  #countSoon: (() => void) | undefined;
  /** Points of events, of which there may be thousands a second. */
  readonly #eventPoints: Sample[] = [];
  #writeSoon: (() => void) | undefined;

  constructor(parts: ActivityParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#protection = new Protection(parts.inventory, this.#clock, (samples) => {
      if (this.#ends.length > 0) parts.metrics.take(samples);
    });
  }

  start(): void {
    if (this.#ends.length > 0) return;
    const { operations, alerts, inventory, connections } = this.#parts;
    for (const one of operations.history({ action: backupAction, states: ['succeeded'], limit: 1_000 }))
      this.#protection.learn(one);
    this.#recall(null);
    this.#ends = [
      operations.events.subscribe(({ type, operation }) => {
        if (type === 'ended' || type === 'settled') this.#operation(operation);
      }),
      alerts.changes.subscribe(({ alert }) => this.#alert(alert)),
      connections.events.subscribe((event) => {
        this.#eventPoints.push(this.#moments.apart(eventPoint(event, hostOf(inventory.get(event.object)))));
        this.#writeSoon ??= this.#clock.after(soonMs, () => this.#writeEvents());
      }),
      connections.states.subscribe(({ connection, state }) => {
        if (state.phase !== 'connected') return;
        this.#recall(connection);
        void this.#protection.round(connections.get(connection));
      }),
      this.#every(countsEveryMs, () => this.#count()),
      this.#every(protectionEveryMs, () => {
        for (const connection of connections.list()) void this.#protection.round(connection);
      }),
    ];
  }

  /** Stopping twice is fine. */
  stop(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#countSoon?.();
    this.#countSoon = undefined;
    this.#writeSoon?.();
    this.#writeEvents();
  }

  #operation(operation: Operation): void {
    const { connections, inventory } = this.#parts;
    const object = objectOf(operation.target);
    const sample = operationSample(operation, object ? inventory.get(object) : undefined);
    if (sample) this.#write([this.#moments.apart(sample)]);
    if (this.#protection.learn(operation) && object) {
      const connection = connections.list().find(({ name }) => name === object.connection);
      if (connection) void this.#protection.look(connection, object);
    }
  }

  /** At once after what happens now, so that a storm is one write; each waits for the disk. */
  #write(samples: readonly Sample[]): void {
    if (this.#points.length === 0) queueMicrotask(() => this.#parts.metrics.take(this.#points.splice(0)));
    this.#points.push(...samples);
  }

  #writeEvents(): void {
    this.#writeSoon = undefined;
    this.#parts.metrics.take(this.#eventPoints.splice(0));
  }

  /**
   * What the last process may not have come to write. The same point twice is one point, so an alert waits until it is
   * known on which host its object is; one whose object is gone would make another. What is kept no longer the store
   * would refuse, at each start.
   */
  #recall(connection: string | null): void {
    const { alerts, inventory, metrics } = this.#parts;
    const since = metrics.keptSince();
    const theirs = alerts.list().filter(({ object, at }) => at >= since && (object?.connection ?? null) === connection);
    this.#write(theirs.filter(({ object }) => !object || inventory.get(object)).flatMap((alert) => this.#news(alert)));
  }

  #alert(alert: AlertRecord): void {
    const news = this.#news(alert);
    if (news.length === 0) return;
    this.#write(news);
    this.#countSoon ??= this.#clock.after(soonMs, () => {
      this.#countSoon = undefined;
      this.#count();
    });
  }

  /** Acknowledgements and deliveries change an alert as well; only how it stands makes a point. */
  #news(alert: AlertRecord): Sample[] {
    const { id, state, severity, since, object } = alert;
    const standing = `${state} ${severity} ${since}`;
    if (this.#standing.get(id) === standing) return [];
    this.#standing.set(id, standing);
    return [alertSample(alert, hostOf(object ? this.#parts.inventory.get(object) : undefined))];
  }

  #count(): void {
    const { alerts, connections, metrics } = this.#parts;
    const names = connections.list().map(({ name }) => name);
    metrics.take(alertCounts(alerts.ongoing(), names, this.#clock.now()));
    const known = new Set(alerts.list().map(({ id }) => id));
    for (const id of this.#standing.keys()) if (!known.has(id)) this.#standing.delete(id);
  }

  #every(ms: number, work: () => void): Unsubscribe {
    let cancel = this.#clock.after(0, () => again());
    const again = () => {
      work();
      cancel = this.#clock.after(ms, again);
    };
    return () => cancel();
  }
}
