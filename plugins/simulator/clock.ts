import { TaskQueue } from './task-queue.ts';

/** The time in a simulated world, in milliseconds since the epoch. */
export interface WorldClock {
  /** Simulated milliseconds that pass in a millisecond outside. */
  readonly speed: number;
  /** Simulated time: by it guests boot and days pass. */
  now(): number;
  /** The time outside at this moment: readings and events carry it, so that whoever hears of them finds it his own. */
  stamp(): number;
  /** Runs once after a simulated delay, unless the answered function cancels it. */
  after(delayMs: number, run: () => void): () => void;
  /** Somebody is connected: what falls due happens, and keeps the process alive until `rest`. */
  wake(): void;
  /** Nobody is: what falls due waits until somebody is again. */
  rest(): void;
}

/** A longer `setTimeout` would overflow and fire at once. */
const longestDelayMs = 2 ** 31 - 1;

/** Real time, times a speed. It begins at the moment it is made, and does not jump with the machine's clock. */
export class RealClock implements WorldClock {
  readonly speed: number;
  readonly #startMs = Date.now();
  readonly #startedMs = performance.now();
  readonly #tasks = new TaskQueue();
  #timer: NodeJS.Timeout | undefined;
  #awake = false;

  constructor(speed = 1) {
    this.speed = speed;
  }

  now(): number {
    return this.#startMs + (performance.now() - this.#startedMs) * this.speed;
  }

  stamp(): number {
    return Date.now();
  }

  after(delayMs: number, run: () => void): () => void {
    const cancel = this.#tasks.add(this.now() + delayMs, run);
    this.#arm();
    return cancel;
  }

  wake(): void {
    this.#awake = true;
    this.#arm();
  }

  rest(): void {
    this.#awake = false;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const dueAt = this.#tasks.nextDueAt;
    if (!this.#awake || dueAt === undefined) return;
    const delayMs = Math.min(Math.max((dueAt - this.now()) / this.speed, 0), longestDelayMs);
    this.#timer = setTimeout(() => this.#runDue(), Math.ceil(delayMs));
  }

  #runDue(): void {
    for (let run = this.#tasks.takeDue(this.now()); run; run = this.#tasks.takeDue(this.now())) run.run();
    this.#arm();
  }
}

/** Time that stands still until somebody advances it; inside and outside it is the same. */
export class DrivenClock implements WorldClock {
  readonly speed = 1;
  readonly #tasks = new TaskQueue();
  #now: number;

  /** Begins at `startMs`, by default on a Wednesday at noon, UTC. */
  constructor(startMs = Date.UTC(2025, 0, 15, 12)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  stamp(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    return this.#tasks.add(this.#now + delayMs, run);
  }

  wake(): void {}

  rest(): void {}

  /** Lets time pass; what falls due on the way happens at its own moment, in order, before this returns. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let task = this.#tasks.takeDue(until); task; task = this.#tasks.takeDue(until)) {
      this.#now = task.dueAt;
      task.run();
    }
    this.#now = until;
  }
}
