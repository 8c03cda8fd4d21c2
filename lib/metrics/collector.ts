import { type Clock, systemClock } from '../calendar/clock.ts';
import type { HypervisorConnection, MetricTier } from '../drivers/driver.ts';
import { metricTiers } from '../drivers/driver.ts';
import { type ErrorRecord, toVirtflowError, VirtflowError } from '../model/errors.ts';
import { Feed } from '../model/feed.ts';
import type { Sample } from '../model/reading.ts';
import { Rates } from './rates.ts';

export const defaultIntervalsMs: Readonly<Record<MetricTier, number>> = {
  state: 10_000,
  network: 10_000,
  filesystem: 60_000,
  memory: 10_000,
  cpu: 30_000,
  disk: 30_000,
  host: 30_000,
  storage: 60_000,
};

/** A tier whose interval is long must not wait for it because the connection was not up yet when it was first asked. */
const firstRetryMs = 5_000;

export interface CollectorOptions {
  /** Milliseconds between two rounds of a tier; 0 leaves the tier out. */
  readonly intervalsMs?: Partial<Readonly<Record<MetricTier, number>>>;
  /** A round that takes longer is given up and counts as failed. */
  readonly roundTimeoutMs?: number;
  readonly clock?: Clock;
}

export interface CollectorState {
  readonly rounds: number;
  /** Rounds that were left out because the one before took too long. */
  readonly late: number;
  readonly failed: number;
  /** Of the last round. */
  readonly tookMs: number;
  readonly samples: number;
  /** Why the last round failed. */
  readonly error: ErrorRecord | null;
}

export type SampledConnection = Pick<HypervisorConnection, 'name' | 'sample'>;

/** Tiers of one interval: they are asked for in one request. */
interface Group {
  readonly tiers: ReadonlySet<MetricTier>;
  readonly intervalMs: number;
  dueMs: number;
  /** Whether a round of it was answered yet. */
  begun: boolean;
}

/** Groups that wait for one another. */
type Lane = readonly Group[];

/**
 * Samples one connection, each tier on its own interval: never two requests at once, a round that cannot begin before
 * the next is due is left out and counted, an error is told and ends that round only. What guests' agents are asked has
 * rounds of its own beside the others, which wait for no guest.
 */
export class Collector {
  readonly samples = new Feed<readonly Sample[]>();
  /** After each round. */
  readonly states = new Feed<CollectorState>();
  readonly #connection: SampledConnection;
  readonly #clock: Clock;
  readonly #roundTimeoutMs: number;
  readonly #lanes: readonly Lane[];
  readonly #rates = new Rates();
  #state: CollectorState = { rounds: 0, late: 0, failed: 0, tookMs: 0, samples: 0, error: null };
  #running: { readonly abort: AbortController; readonly done: Promise<unknown> } | undefined;

  constructor(connection: SampledConnection, options: CollectorOptions = {}) {
    this.#connection = connection;
    this.#clock = options.clock ?? systemClock;
    this.#roundTimeoutMs = options.roundTimeoutMs ?? 30_000;
    const intervalsMs = { ...defaultIntervalsMs, ...options.intervalsMs };
    this.#lanes = [groupsOf(fromHypervisor, intervalsMs), groupsOf(fromAgents, intervalsMs)];
  }

  get state(): CollectorState {
    return this.#state;
  }

  start(): void {
    if (this.#running) return;
    const now = this.#clock.monotonicMs();
    for (const group of this.#lanes.flat()) Object.assign(group, { dueMs: now, begun: false });
    const abort = new AbortController();
    const lanes = this.#lanes.filter((lane) => lane.length > 0);
    this.#running = { abort, done: Promise.all(lanes.map((lane) => this.#run(lane, abort.signal))) };
  }

  /** Resolves when the round under way has ended; nothing is told after that. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.abort.abort();
    await running?.done;
  }

  async #run(lane: Lane, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const group = lane.reduce((first, other) => (other.dueMs < first.dueMs ? other : first));
      await this.#sleepUntil(group.dueMs, signal);
      if (signal.aborted) return;
      const answered = await this.#round(group.tiers, signal);
      if (answered || group.begun) this.#plan(group);
      else group.dueMs = this.#clock.monotonicMs() + Math.min(group.intervalMs, firstRetryMs);
    }
  }

  /** After the first round, which comes at once, the rounds of different connections are spread over the interval. */
  #plan(group: Group): void {
    group.dueMs += group.intervalMs + (group.begun ? 0 : phaseOf(this.#connection.name) * group.intervalMs);
    group.begun = true;
    const behindMs = this.#clock.monotonicMs() - group.dueMs;
    if (behindMs <= 0) return;
    const missed = Math.ceil(behindMs / group.intervalMs);
    group.dueMs += missed * group.intervalMs;
    this.#state = { ...this.#state, late: this.#state.late + missed };
  }

  /** Whether it was answered. */
  async #round(tiers: ReadonlySet<MetricTier>, signal: AbortSignal): Promise<boolean> {
    const begun = this.#clock.monotonicMs();
    const limit = new AbortController();
    const cancel = this.#clock.after(this.#roundTimeoutMs, () => limit.abort(this.#timedOut()));
    let samples: readonly Sample[] = [];
    let error: ErrorRecord | null = null;
    try {
      samples = this.#rates.samples(await this.#connection.sample(tiers, AbortSignal.any([signal, limit.signal])));
    } catch (thrown) {
      error = toVirtflowError(thrown).toJSON();
    } finally {
      cancel();
    }
    if (signal.aborted) return false;
    this.#tell(samples, error, this.#clock.monotonicMs() - begun);
    return error === null;
  }

  #tell(samples: readonly Sample[], error: ErrorRecord | null, tookMs: number): void {
    const { rounds, late, failed } = this.#state;
    this.#state = {
      rounds: rounds + 1,
      late,
      failed: failed + (error ? 1 : 0),
      tookMs,
      samples: samples.length,
      error,
    };
    if (samples.length > 0) this.samples.publish(samples);
    this.states.publish(this.#state);
  }

  #timedOut(): VirtflowError {
    const reason = `no answer to a request for figures within ${this.#roundTimeoutMs / 1000} s`;
    return new VirtflowError('CONNECTION_DOWN', { connection: this.#connection.name, reason });
  }

  #sleepUntil(dueMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#clock.after(Math.max(0, dueMs - this.#clock.monotonicMs()), end);
      signal.addEventListener('abort', end);
    });
  }
}

const fromAgents: readonly MetricTier[] = ['filesystem'];
const fromHypervisor = metricTiers.filter((tier) => !fromAgents.includes(tier));

function groupsOf(tiers: readonly MetricTier[], intervalsMs: Readonly<Record<MetricTier, number>>): Lane {
  const wanted = tiers.filter((tier) => intervalsMs[tier] > 0);
  const byInterval = Map.groupBy(wanted, (tier) => intervalsMs[tier]);
  return [...byInterval].map(([intervalMs, own]) => ({ tiers: new Set(own), intervalMs, dueMs: 0, begun: false }));
}

/** From 0 to 1, the same for the same name (FNV-1a). */
function phaseOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const char of name) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
