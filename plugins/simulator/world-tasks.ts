import { randomUUID } from 'node:crypto';
import { followIn, type TaskState } from '../../lib/drivers/tasks.ts';
import { Feed } from '../../lib/model/feed.ts';
import type { WorldClock } from './clock.ts';
import type { SimulatedVm } from './simulated.ts';

/** Something that a world is at, and that takes its time. */
export interface SimulatedTask {
  readonly id: string;
  readonly operation: string;
  readonly vm: SimulatedVm;
  /** The time outside. */
  readonly startedAt: number;
  readonly state: TaskState;
  readonly progress: number | null;
  readonly says: string | null;
  readonly cancellable: boolean;
}

/** How whoever works on a task tells of it. */
export interface TaskHandle {
  readonly id: string;
  progress(ratio: number): void;
  /** Tells the end; only the first one counts. */
  end(state: Exclude<TaskState, 'running'>, says?: string): void;
}

export interface TaskWish {
  readonly operation: string;
  readonly vm: SimulatedVm;
  /** Undoes what was done so far; a task without it cannot be cancelled. */
  readonly cancel?: (says: string) => void;
  /** Hears of the id before anybody hears of the task. */
  readonly begun?: ((id: string) => void) | undefined;
}

/** Ended tasks that are kept, as XAPI does. */
const mostEnded = 200;

/** The tasks of a world: they go on whoever is connected, and the latest that ended can still be looked up. */
export class WorldTasks {
  readonly changes = new Feed<SimulatedTask>();
  readonly #clock: WorldClock;
  readonly #tasks = new Map<string, SimulatedTask>();
  readonly #cancels = new Map<string, (says: string) => void>();

  constructor(clock: WorldClock) {
    this.#clock = clock;
  }

  begin({ operation, vm, cancel, begun }: TaskWish): TaskHandle {
    const id = randomUUID();
    const cancellable = cancel !== undefined;
    if (cancel) this.#cancels.set(id, cancel);
    begun?.(id);
    const startedAt = this.#clock.stamp();
    this.#set({ id, operation, vm, startedAt, cancellable, state: 'running', progress: null, says: null });
    return {
      id,
      progress: (progress) => this.#change(id, { progress }),
      end: (state, says) => this.#end(id, state, says ?? null),
    };
  }

  running(): SimulatedTask[] {
    return [...this.#tasks.values()].filter(({ state }) => state === 'running');
  }

  get(id: string): SimulatedTask | undefined {
    return this.#tasks.get(id);
  }

  /** Cancels one that can be; whoever works on it tells its end. Answers whether it could be. */
  cancel(id: string, says = 'cancelled'): boolean {
    const cancel = this.#cancels.get(id);
    cancel?.(says);
    return cancel !== undefined;
  }

  /** Resolves with the end of a task; undefined when there is none such. @throws the signal's reason */
  async follow(
    id: string,
    hear: (task: SimulatedTask) => void,
    signal: AbortSignal,
  ): Promise<SimulatedTask | undefined> {
    const now = this.#tasks.get(id);
    return now?.state === 'running' ? followIn(this.changes, (task) => task.id === id, hear, signal) : now;
  }

  #end(id: string, state: TaskState, says: string | null): void {
    this.#cancels.delete(id);
    const ended = { state, says, cancellable: false };
    this.#change(id, state === 'succeeded' ? { ...ended, progress: 1 } : ended);
    const old = [...this.#tasks.values()].filter((task) => task.state !== 'running').slice(0, -mostEnded);
    for (const task of old) this.#tasks.delete(task.id);
  }

  #change(id: string, change: Partial<SimulatedTask>): void {
    const task = this.#tasks.get(id);
    if (task?.state === 'running') this.#set({ ...task, ...change });
  }

  #set(task: SimulatedTask): void {
    this.#tasks.set(task.id, task);
    this.changes.publish(task);
  }
}
