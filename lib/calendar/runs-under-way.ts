/** The runs of schedules that have not ended, by the id of the schedule: also while its plan is being replaced. */
export class RunsUnderWay {
  readonly #endings = new Map<string, Set<AbortController>>();

  count(id: string): number {
    return this.#endings.get(id)?.size ?? 0;
  }

  /** Counts it until it has ended, well or not; rejects as it does. */
  async follow(id: string, run: Promise<void>, ending: AbortController): Promise<void> {
    const endings = this.#endings.get(id) ?? new Set();
    this.#endings.set(id, endings.add(ending));
    try {
      await run;
    } finally {
      endings.delete(ending);
      if (endings.size === 0) this.#endings.delete(id);
    }
  }

  /** Tells all of them to end. */
  abort(id: string): void {
    for (const ending of this.#endings.get(id) ?? []) ending.abort();
  }
}
