/** Tasks of one key go one after the other, in the order they came; keys do not wait for each other. */
export class InOrder {
  readonly #tails = new Map<string, Promise<void>>();

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tails.set(key, promise);
    try {
      await before;
      return await task();
    } finally {
      resolve();
      if (this.#tails.get(key) === promise) this.#tails.delete(key);
    }
  }
}
