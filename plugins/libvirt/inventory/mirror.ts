import { isDeepStrictEqual } from 'node:util';
import type { ConnectionObserver } from '../../../lib/drivers/driver.ts';
import type { EventType } from '../../../lib/model/event.ts';
import type { AnyObject } from '../../../lib/model/objects.ts';
import { refOf } from '../../../lib/model/reference.ts';

/** Something that the daemon said of one object. */
export interface News {
  /** The object's UUID. */
  readonly id: string;
  readonly name: string;
  readonly type: EventType;
  readonly reason: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** How one kind of object is mirrored. */
export interface MirrorPort<R, N extends News> {
  readonly connection: string;
  readonly kind: AnyObject['kind'];
  /** Asks the daemon; undefined when it has no such object. */
  read(object: { readonly id: string; readonly name: string }): Promise<R | undefined>;
  objectOf(record: R): AnyObject;
  /** What the news alone proves; undefined when the daemon must be asked before it is told. */
  after(record: R, news: N): R | 'gone' | undefined;
  /** Whether more may have changed than the news proves. */
  leavesDoubt(news: N): boolean;
  /** Whether it is news at all to who knows the record. */
  isNew(record: R, news: N): boolean;
  /** The type to tell, once it is known what became of the object. */
  typeOf(news: N, record: R | undefined): EventType;
}

/** News of an object whose state is being asked for. */
interface Reading<N> {
  readonly waiting: N[];
  /** Counts the news: an answer that was asked for before the latest may be older than it. */
  version: number;
}

const rereads = 3;

/**
 * What the daemon has of one kind of object, kept by its events. The inventory hears of a change before its event; the
 * events of one object are told in their order.
 */
export class Mirror<R, N extends News> {
  readonly #port: MirrorPort<R, N>;
  readonly #observer: Pick<ConnectionObserver, 'inventory' | 'event'>;
  readonly #records = new Map<string, R>();
  readonly #readings = new Map<string, Reading<N>>();
  #stopped = false;

  constructor(port: MirrorPort<R, N>, observer: Pick<ConnectionObserver, 'inventory' | 'event'>) {
    this.#port = port;
    this.#observer = observer;
  }

  get(id: string): R | undefined {
    return this.#records.get(id);
  }

  records(): IterableIterator<R> {
    return this.#records.values();
  }

  objects(): AnyObject[] {
    return [...this.#records.values()].map((record) => this.#port.objectOf(record));
  }

  /** Takes over what was read, without telling anybody. */
  load(records: ReadonlyMap<string, R>): void {
    this.#records.clear();
    for (const [id, record] of records) this.#records.set(id, record);
  }

  /** Reads one object again before the rest is told of it. */
  async reload(object: { readonly id: string; readonly name: string }): Promise<void> {
    const record = await this.#port.read(object);
    if (record === undefined) this.#records.delete(object.id);
    else this.#records.set(object.id, record);
  }

  /** An event came. */
  hear(news: N): void {
    if (this.#stopped) return;
    const reading = this.#readings.get(news.id);
    if (reading) reading.version += 1;
    const record = this.#records.get(news.id);
    if (record !== undefined && !this.#port.isNew(record, news)) return;
    if (reading && reading.waiting.length > 0) {
      reading.waiting.push(news);
      return;
    }
    const after = record === undefined ? undefined : this.#port.after(record, news);
    if (after === undefined) {
      if (reading) reading.waiting.push(news);
      else this.#ask(news, [news]);
      return;
    }
    this.#set(news.id, after === 'gone' ? undefined : after);
    this.tell(news);
    if (!reading && this.#port.leavesDoubt(news)) this.#ask(news, []);
  }

  /** What the daemon answered to somebody who asked it. */
  learn(id: string, record: R | undefined): void {
    if (!this.#stopped && !this.#readings.has(id)) this.#set(id, record);
  }

  /** Tells an event whose effect the inventory knows already. */
  tell(news: N): void {
    const { connection, kind } = this.#port;
    this.#observer.event({
      type: this.#port.typeOf(news, this.#records.get(news.id)),
      at: Date.now(),
      object: { connection, kind, id: news.id },
      name: news.name,
      reason: news.reason,
      details: news.details,
    });
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#stopped = true;
  }

  #ask(object: { readonly id: string; readonly name: string }, waiting: N[]): void {
    const reading: Reading<N> = { waiting, version: 0 };
    this.#readings.set(object.id, reading);
    this.#readUntilCurrent(object, reading).then(
      (record) => this.#answered(object.id, reading, { record }),
      // The daemon could not say: what the events told still stands. A lost connection ends the mirror itself.
      () => this.#answered(object.id, reading, undefined),
    );
  }

  async #readUntilCurrent(object: { readonly id: string; readonly name: string }, reading: Reading<N>) {
    for (let attempt = 1; ; attempt++) {
      const { version } = reading;
      const record = await this.#port.read(object);
      if (reading.version === version || attempt === rereads) return record;
    }
  }

  #answered(id: string, reading: Reading<N>, answer: { readonly record: R | undefined } | undefined): void {
    this.#readings.delete(id);
    if (this.#stopped) return;
    if (answer) this.#set(id, answer.record);
    for (const news of reading.waiting) this.tell(news);
  }

  #set(id: string, record: R | undefined): void {
    const before = this.#records.get(id);
    if (record === undefined) {
      if (before === undefined) return;
      this.#records.delete(id);
      this.#observer.inventory({ type: 'delete', ref: refOf(this.#port.objectOf(before)) });
      return;
    }
    this.#records.set(id, record);
    const object = this.#port.objectOf(record);
    if (before !== undefined && isDeepStrictEqual(object, this.#port.objectOf(before))) return;
    this.#observer.inventory({ type: 'put', object });
  }
}
