export interface Task {
  readonly dueAt: number;
  readonly run: () => void;
}

/** Things to do, by the time they are due; those of one time in the order they came. */
export class TaskQueue {
  readonly #tasks: Task[] = [];

  get nextDueAt(): number | undefined {
    return this.#tasks[0]?.dueAt;
  }

  /** Answers what takes the task out again. */
  add(dueAt: number, run: () => void): () => void {
    const task = { dueAt, run };
    this.#tasks.splice(this.#placeFor(dueAt), 0, task);
    return () => {
      const index = this.#tasks.indexOf(task);
      if (index >= 0) this.#tasks.splice(index, 1);
    };
  }

  takeDue(now: number): Task | undefined {
    const first = this.#tasks[0];
    return first && first.dueAt <= now ? this.#tasks.shift() : undefined;
  }

  /** Behind all that are due at the same time or before (binary search). */
  #placeFor(dueAt: number): number {
    let low = 0;
    let high = this.#tasks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#tasks[middle]?.dueAt ?? 0) <= dueAt) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
