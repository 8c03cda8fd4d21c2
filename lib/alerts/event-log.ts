import { Feed } from '../model/feed.ts';
import type { Store } from '../store/store.ts';
import type { AlertRecord } from './alert.ts';
import { type AlertEvent, eventTypesOf, snapshotOf } from './event.ts';

const eventRoom = 'alert-event';
const readerRoom = 'alert-event-reader';
const digits = 16;
const keptAtMost = 2_000;

export type EventStore = Pick<Store, 'states'>;

/**
 * What happened to alerts, in order. Each reader goes on where it stopped, also after a restart: one that the process
 * died under hears the last event again, under the same number.
 */
export class EventLog {
  readonly events = new Feed<AlertEvent>();
  readonly #states: EventStore['states'];
  #kept: readonly AlertEvent[];
  #latest: number;

  /** @throws STORE_BROKEN */
  constructor({ states }: EventStore) {
    this.#states = states;
    const rows = states.list(eventRoom).flatMap(({ value }) => (isEvent(value) ? [value] : []));
    this.#kept = rows.toSorted((a, b) => a.number - b.number);
    this.#latest = this.#kept.at(-1)?.number ?? 0;
  }

  /** What a step came to, with what was before it. */
  eventsOf(
    alerts: readonly AlertRecord[],
    before: (id: string) => AlertRecord | undefined,
    at: number,
  ): readonly AlertEvent[] {
    const told = alerts.flatMap((alert) => eventTypesOf(before(alert.id), alert).map((type) => ({ type, alert })));
    return told.map(({ type, alert }, index) => ({
      number: this.#latest + 1 + index,
      type,
      at,
      alert: snapshotOf(alert),
    }));
  }

  /** Part of a transaction of the caller's; it counts with `take`. */
  write(events: readonly AlertEvent[]): void {
    for (const event of events) this.#states.put(eventRoom, keyOf(event.number), event);
    for (const { number } of this.#kept.slice(0, this.#overflow(events))) this.#states.delete(eventRoom, keyOf(number));
  }

  /** They are on disk. */
  take(events: readonly AlertEvent[]): void {
    if (events.length === 0) return;
    this.#kept = [...this.#kept.slice(this.#overflow(events)), ...events];
    this.#latest += events.length;
    for (const event of events) this.events.publish(event);
  }

  /** What a reader has not heard yet, oldest first. One that is new hears of what happens from now on. @throws STORE_* */
  unread(reader: string): readonly AlertEvent[] {
    const read = this.#states.get(readerRoom, reader);
    if (typeof read !== 'number') this.read(reader, this.#latest);
    const after = typeof read === 'number' ? read : this.#latest;
    return this.#kept.filter(({ number }) => number > after);
  }

  /** A reader has heard all up to an event. @throws STORE_* */
  read(reader: string, number: number): void {
    this.#states.put(readerRoom, reader, number);
  }

  /** The reader is no more. @throws STORE_* */
  forget(reader: string): void {
    this.#states.delete(readerRoom, reader);
  }

  #overflow(events: readonly AlertEvent[]): number {
    return Math.max(0, this.#kept.length + events.length - keptAtMost);
  }
}

function keyOf(number: number): string {
  return String(number).padStart(digits, '0');
}

// Only `write` writes there.
function isEvent(value: unknown): value is AlertEvent {
  return typeof value === 'object' && value !== null && 'number' in value && 'type' in value && 'alert' in value;
}
