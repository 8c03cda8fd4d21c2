interface Waiting {
  readonly write: () => void;
  readonly written: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes that share a commit: what is written within one turn of the event loop goes to disk as one, for the disk takes
 * as long for many as for one. Nothing is told before it is on disk.
 */
export class SharedCommit {
  readonly #together: (work: () => void) => void;
  #waiting: Waiting[] = [];
  #turn: NodeJS.Immediate | undefined;

  /** @param together runs what writes as one transaction; when it throws, nothing of it was written */
  constructor(together: (work: () => void) => void) {
    this.#together = together;
  }

  /**
   * Writes at the end of this turn, or sooner with what cannot wait. Several of one turn must not build upon each other.
   * @param written called at once when it is on disk, before anybody else hears of it
   * @throws what `write` throws, STORE_*
   */
  soon<T>(write: () => T, written: (outcome: T) => void): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#add(write, written, resolve, reject);
    this.#turn ??= setImmediate(() => this.flush());
    return promise;
  }

  /** Writes before it returns; what waits goes along, before it. @throws what `write` throws, STORE_* */
  now<T>(write: () => T, written: (outcome: T) => void): void {
    let failure: { readonly error: unknown } | undefined;
    const fail = (error: unknown) => {
      failure = { error };
    };
    this.#add(write, written, () => undefined, fail);
    this.flush();
    if (failure) throw failure.error;
  }

  /** Writes what waits. */
  flush(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length > 0) this.#commit(waiting);
  }

  #add<T>(
    write: () => T,
    written: (outcome: T) => void,
    resolve: (outcome: T) => void,
    failed: (error: unknown) => void,
  ): void {
    let outcome: T;
    this.#waiting.push({
      write: () => {
        outcome = write();
      },
      written: () => {
        written(outcome);
        resolve(outcome);
      },
      failed,
    });
  }

  /** One that fails does not take the others with it: then each is tried alone. */
  #commit(waiting: readonly Waiting[]): void {
    try {
      this.#together(() => {
        for (const { write } of waiting) write();
      });
    } catch (error) {
      if (waiting.length > 1) for (const one of waiting) this.#commit([one]);
      else for (const { failed } of waiting) failed(error);
      return;
    }
    for (const { written } of waiting) written();
  }
}
