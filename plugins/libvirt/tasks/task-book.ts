import type { HypervisorTask } from '../../../lib/drivers/job.ts';
import { followIn, type TaskRecord, type TaskState, taskKey } from '../../../lib/drivers/tasks.ts';
import { Feed } from '../../../lib/model/feed.ts';
import type { Dom } from './questions.ts';

/** A job that runs, and where to ask for it. */
export interface Entry {
  readonly dom: Dom;
  /** Of a block job. */
  readonly disk: string | null;
  readonly record: TaskRecord;
}

/** The jobs that run on a host, as they were told last. */
export class TaskBook {
  readonly #tell: (record: TaskRecord) => void;
  readonly #changes = new Feed<TaskRecord>();
  readonly #entries = new Map<string, Entry>();
  #ends = 0;
  #closed = false;

  constructor(tell: (record: TaskRecord) => void) {
    this.#tell = tell;
  }

  /** How many have ended so far. */
  get ends(): number {
    return this.#ends;
  }

  entries(): Entry[] {
    return [...this.#entries.values()];
  }

  get(task: HypervisorTask): TaskRecord | undefined {
    return this.#entries.get(taskKey(task))?.record;
  }

  /** It runs: told when it is new, or further than before. */
  put(entry: Entry): void {
    const key = taskKey(entry.record.task);
    const before = this.#entries.get(key)?.record;
    const progress = furthest(before?.progress, entry.record.progress);
    // How long it has run is told in whole milliseconds, so when it began seems to move.
    const startedAt = before?.startedAt ?? entry.record.startedAt;
    const record = { ...entry.record, startedAt, progress };
    this.#entries.set(key, { ...entry, record });
    if (before?.progress !== progress || !before) this.#publish(record);
  }

  /** It is over; told once. */
  end(task: HypervisorTask, state: TaskState, says: string | null): void {
    const key = taskKey(task);
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#ends += 1;
    const progress = state === 'succeeded' ? 1 : entry.record.progress;
    this.#publish({ ...entry.record, state, progress, cancellable: false, says });
  }

  listen(task: HypervisorTask, hear: (record: TaskRecord) => void): () => void {
    const key = taskKey(task);
    return this.#changes.subscribe((record) => {
      if (taskKey(record.task) === key) hear(record);
    });
  }

  /** Resolves with the end of one that runs; undefined when it does not. @throws the signal's reason */
  async follow(
    task: HypervisorTask,
    hear: (record: TaskRecord) => void,
    signal: AbortSignal,
  ): Promise<TaskRecord | undefined> {
    const key = taskKey(task);
    const isIts = (record: TaskRecord) => taskKey(record.task) === key;
    return this.get(task) && followIn(this.#changes, isIts, hear, signal);
  }

  /** Nothing is told any more. */
  close(): void {
    this.#closed = true;
  }

  #publish(record: TaskRecord): void {
    if (this.#closed) return;
    this.#changes.publish(record);
    this.#tell(record);
  }
}

/** QEMU tells of a job that is being cancelled as if it began anew. */
function furthest(before: number | null | undefined, now: number | null): number | null {
  return now === null ? (before ?? null) : Math.max(before ?? 0, now);
}
