import type { Safe } from '../secrets/safe.ts';
import type { Store } from '../store/store.ts';
import type { Delivery } from './delivery.ts';

export type ShelfStore = Pick<Store, 'states' | 'transaction'>;

const room = 'delivery';
const overRoom = 'delivery-over';

/**
 * Deliveries on disk, encrypted, for a message may hold anything. One that is over is remembered for as long as the
 * delivery that it came from is there, whose message may be sent again.
 */
export class Shelf {
  readonly #store: ShelfStore;
  readonly #safe: Safe;
  /** Those that are over but remembered, by what they came from. */
  readonly #over = new Map<string, string[]>();

  constructor(store: ShelfStore, safe: Safe) {
    this.#store = store;
    this.#safe = safe;
  }

  /** Reads what is remembered, and forgets what is so for nothing. @throws STORE_* */
  open(): void {
    this.#over.clear();
    for (const { key, value } of this.#store.states.list(overRoom)) {
      if (typeof value === 'string' && this.#isThere(value)) this.#remember(key, value);
      else this.#store.states.delete(overRoom, key);
    }
  }

  /** @throws STORE_*, SECRET_KEY_* */
  put(delivery: Delivery): void {
    const { id, node, at } = delivery;
    this.#safe.put(room, id, JSON.stringify(delivery), { node, at });
  }

  /** Whether it is there, or was and its parent still is. */
  has(id: string): boolean {
    return this.#isThere(id) || this.#store.states.get(overRoom, id) !== undefined;
  }

  /**
   * Those that fit, oldest first; no other is decrypted.
   * @throws STORE_*, SECRET_*
   */
  list(fits: (id: string) => boolean): readonly Delivery[] {
    const names = this.#safe.list(room).map(({ name }) => name);
    // Only `put` writes this room, and the store's version says in which shape.
    const all = names.filter(fits).map((name): Delivery => JSON.parse(this.#safe.get(room, name) ?? 'null'));
    return all.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  /** It was sent on, or given up. To be called in a transaction. @throws STORE_* */
  over({ id, parent }: Delivery): void {
    const { states } = this.#store;
    this.#safe.delete(room, id);
    if (parent !== null && this.#isThere(parent)) {
      states.put(overRoom, id, parent);
      this.#remember(id, parent);
    }
    for (const child of this.#over.get(id) ?? []) states.delete(overRoom, child);
    this.#over.delete(id);
  }

  #remember(id: string, parent: string): void {
    this.#over.set(parent, [...(this.#over.get(parent) ?? []), id]);
  }

  #isThere(id: string): boolean {
    return this.#store.states.get(room, id) !== undefined;
  }
}
