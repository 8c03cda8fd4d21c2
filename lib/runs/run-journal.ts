import type { Log } from '../model/log.ts';
import type { RunTable, States } from '../store/store.ts';
import { snapshotOf } from './snapshot.ts';
import type { RecordedStep, RunStep, RunSummary } from './step.ts';

export interface RunJournalSettings {
  readonly keepMs: number;
  readonly mostRuns: number;
  readonly mostBytes: number;
  readonly mostSteps: number;
  readonly writeEveryMs: number;
}

const dayMs = 24 * 3600 * 1000;
const defaults: RunJournalSettings = {
  keepMs: 7 * dayMs,
  mostRuns: 5_000,
  mostBytes: 64 * 2 ** 20,
  mostSteps: 1_000,
  writeEveryMs: 500,
};
/**
 * While so many steps wait to be written, no other run begins to be recorded: a run is recorded whole or not at all, and
 * looking back must not slow down what happens.
 */
const mostWaiting = 100;
const mostWaitingOfBegun = 2_000;
const pruneEveryMs = 60_000;
const room = 'run-journal';
const switchKey = 'enabled';

/** What is told of a step as it happens. */
export type Happened = Omit<RunStep, 'at' | 'altered'>;

/**
 * What happened in runs, to be looked at afterwards. Written in batches, beside the way of messages: what is not written
 * when the process dies is not known, and nothing else depends on it.
 */
export class RunJournal {
  readonly #table: RunTable;
  readonly #states: States;
  readonly #log: Log;
  readonly #settings: RunJournalSettings;
  readonly #waiting: RunStep[] = [];
  /** How many steps of a run are recorded, of the runs of late. */
  readonly #counts = new Map<string, number>();
  #isOn = true;
  #left = 0;
  #writing: NodeJS.Timeout | undefined;
  #pruning: NodeJS.Timeout | undefined;

  constructor(table: RunTable, states: States, log: Log, settings: Partial<RunJournalSettings> = {}) {
    this.#table = table;
    this.#states = states;
    this.#log = log;
    this.#settings = { ...defaults, ...settings };
  }

  /** @throws STORE_* */
  start(): void {
    this.#isOn = this.#states.get(room, switchKey) !== false;
    this.#prune();
    this.#pruning = setInterval(() => this.#prune(), pruneEveryMs);
    this.#pruning.unref();
  }

  /** Writes what waits. Stopping twice is fine. */
  stop(): void {
    clearInterval(this.#pruning);
    this.#write();
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** What is recorded already stays until it is too old. @throws STORE_* */
  turn(on: boolean): void {
    this.#states.put(room, switchKey, on);
    this.#isOn = on;
  }

  record(happened: Happened): void {
    if (!this.#isOn || !this.#hasRoom(happened.run)) return;
    const { message, altered } = snapshotOf(happened.message);
    this.#waiting.push({ ...happened, at: Date.now(), message, altered });
    this.#writing ??= setTimeout(() => this.#write(), this.#settings.writeEveryMs);
  }

  /** Runs that began on a tab, or all; those of late first. @throws STORE_* */
  list(flow: string | undefined, before = Number.MAX_SAFE_INTEGER): readonly RunSummary[] {
    this.#write();
    return this.#table.list(flow, before);
  }

  get(run: string): RunSummary | undefined {
    this.#write();
    return this.#table.get(run);
  }

  /** In the order of what happened. @throws STORE_* */
  steps(run: string): readonly RecordedStep[] {
    this.#write();
    return this.#table.steps(run, this.#settings.mostSteps);
  }

  step(run: string, id: number): RecordedStep | undefined {
    return this.#table.step(run, id);
  }

  #hasRoom(run: string): boolean {
    const count = this.#counts.get(run) ?? 0;
    const most = count === 0 ? mostWaiting : mostWaitingOfBegun;
    if (this.#waiting.length < most) {
      this.#counts.set(run, count + 1);
      return count < this.#settings.mostSteps;
    }
    if (count === 0) this.#left += 1;
    this.#counts.set(run, Number.POSITIVE_INFINITY);
    return false;
  }

  #write(): void {
    clearTimeout(this.#writing);
    this.#writing = undefined;
    const steps = this.#waiting.splice(0);
    if (steps.length === 0) return;
    try {
      this.#table.append(steps);
    } catch (error) {
      this.#log.warn(`${steps.length} steps of runs could not be recorded: ${String(error)}`);
    }
  }

  #prune(): void {
    if (this.#left > 0) this.#log.info(`${this.#left} runs were not recorded, for too many came at once.`);
    this.#left = 0;
    // A run that goes on for longer begins to count anew, which does no harm.
    if (this.#counts.size > this.#settings.mostRuns) this.#counts.clear();
    const { keepMs, mostRuns, mostBytes } = this.#settings;
    try {
      this.#table.prune(Date.now() - keepMs, mostRuns, mostBytes);
    } catch (error) {
      this.#log.warn(`The journal of runs could not be pruned: ${String(error)}`);
    }
  }
}
