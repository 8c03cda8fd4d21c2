export type Listener<T> = (fact: T) => void;
export type Unsubscribe = () => void;

/**
 * One kind of fact, told to all who listen, in order. A listener that throws is reported and does not keep the fact
 * from the others.
 */
export class Feed<T> {
  readonly #listeners = new Set<Listener<T>>();

  subscribe(listener: Listener<T>): Unsubscribe {
    const own: Listener<T> = (fact) => listener(fact);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  publish(fact: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(fact);
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error), { code: 'VIRTFLOW_LISTENER' });
      }
    }
  }

  get listeners(): number {
    return this.#listeners.size;
  }
}
