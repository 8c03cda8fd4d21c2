import type { Clock } from '../calendar/clock.ts';
import type { Spool } from '../store/spool.ts';
import type { SampleWriter } from './writer.ts';

/** What a sink holds from start to stop: its buffer, its client, and how its loop waits and is woken. */
export class Run {
  readonly spool: Spool;
  readonly client: SampleWriter;
  stopping = false;
  done: Promise<void> = Promise.resolve();
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  #isIdle = false;
  #wake = () => {};

  constructor(spool: Spool, client: SampleWriter, clock: Clock) {
    this.spool = spool;
    this.client = client;
    this.#clock = clock;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  wakeIdle(): void {
    if (this.#isIdle) this.#wake();
  }

  /** Until something waits, and then for as long again as others may come to go with it. */
  async idle(gatherMs: number): Promise<void> {
    this.#isIdle = true;
    await new Promise<void>((resolve) => {
      this.#wake = () => {
        this.#isIdle = false;
        resolve();
      };
    });
    if (gatherMs > 0 && !this.stopping) await this.sleep(gatherMs);
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  async stop(flushMs: number): Promise<void> {
    this.stopping = true;
    const cancel = this.#clock.after(flushMs, () => this.#abort.abort());
    this.#wake();
    await this.done;
    cancel();
    this.client.close();
    this.spool.close();
  }
}
