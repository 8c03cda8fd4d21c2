import { join } from 'node:path';
import { type Clock, systemClock } from '../calendar/clock.ts';
import type { Scheduler } from '../calendar/scheduler.ts';
import type { ConnectionState, HypervisorConnection } from '../drivers/driver.ts';
import { type ErrorRecord, toVirtflowError } from '../model/errors.ts';
import { Feed } from '../model/feed.ts';
import type { Log } from '../model/log.ts';
import type { AnyObject } from '../model/objects.ts';
import type { Sample } from '../model/reading.ts';
import type { Reveal } from '../secrets/reference.ts';
import { SettingsFile } from '../store/settings-file.ts';
import type { States } from '../store/store.ts';
import { Collector, type CollectorState } from './collector.ts';
import { Complaints } from './complaints.ts';
import { withDerived } from './derived.ts';
import { FillForecast, filling, fillPastMs, fillQuery, fills } from './fill.ts';
import { Latest } from './latest.ts';
import {
  defaultMetricsSettings,
  intervalsMs,
  keptFrom,
  type MetricsSettings,
  parseMetricsSettings,
} from './settings.ts';
import { type Level, levels } from './store/levels.ts';
import type { MetricStore, QueryOptions } from './store/metric-store.ts';
import { openStore, type StoreParts } from './store/open-store.ts';
import type { QueryResult } from './store/result.ts';
import { planQuery, type QueryRange } from './store/structured-query.ts';
import { type Summaries, type SummaryRequest, summariesIn, summaryQuery } from './summary.ts';

export interface MetricsParts {
  readonly dataDirectory: string;
  readonly connections: {
    readonly states: Feed<{ readonly connection: string; readonly state: ConnectionState }>;
    list(): readonly HypervisorConnection[];
  };
  readonly inventory: { list(filter: { readonly connection: string }): readonly AnyObject[] };
  readonly states: States;
  readonly scheduler: Pick<Scheduler, 'add' | 'remove' | 'problems'>;
  readonly reveal: Reveal;
  readonly log: Log;
  readonly clock?: Clock;
  /** Whether connections are sampled; what was stored can be asked for in any case. */
  readonly collect?: boolean;
}

/** What became of each level, from fine to coarse. */
export interface RetentionReport {
  readonly levels: readonly {
    readonly level: Level;
    /** What was older is gone; milliseconds since the epoch. */
    readonly before: number;
    readonly rows: number;
  }[];
}

const retentionPlan = 'virtflow-metrics-retention';

/**
 * Samples every connection into the store, whatever flows there are, as `metrics.json` in the data directory says; it
 * may be changed at any time.
 */
export class Metrics {
  /** Each round of each connection, with what is derived from it, and what else was taken. */
  readonly samples = new Feed<readonly Sample[]>();
  readonly settings: SettingsFile<MetricsSettings>;
  readonly #parts: MetricsParts;
  readonly #clock: Clock;
  readonly #collectors = new Map<HypervisorConnection, Collector>();
  readonly #complaints: Complaints;
  readonly #latest = new Latest();
  readonly #fill = new FillForecast();
  /** Whether what is stored of the past was recalled, and the recall that is under way. */
  #fillKnown = false;
  #recalling: Promise<void> | undefined;
  readonly #ends: (() => void)[] = [];
  #store: MetricStore;
  /** Stops that are under way: nothing is begun over them. */
  #changing: Promise<void> = Promise.resolve();
  #started = false;
  #problem = '';

  constructor(parts: MetricsParts) {
    const { dataDirectory, states, log } = parts;
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#complaints = new Complaints(log, this.#clock);
    this.settings = new SettingsFile({
      path: join(dataDirectory, 'metrics.json'),
      parse: parseMetricsSettings,
      absent: defaultMetricsSettings,
      unusable: defaultMetricsSettings,
      states,
      log,
    });
    this.#store = this.#makeStore();
  }

  get store(): MetricStore {
    return this.#store;
  }

  /** How the collection of each connection goes on, by its name. */
  collections(): ReadonlyMap<string, CollectorState> {
    return new Map([...this.#collectors].map(([{ name }, { state }]) => [name, state]));
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.settings.start();
    this.#ends.push(
      this.settings.changes.subscribe(({ before, now }) => this.#change(before, now)),
      this.#parts.connections.states.subscribe(() => this.#follow()),
      this.#parts.scheduler.problems.subscribe(({ schedule, error }) => {
        if (schedule === retentionPlan) this.#report(error);
      }),
    );
    if (!this.#collects) return;
    this.#planRetention(this.settings.current);
    this.#startStore();
    this.#follow();
  }

  /** Ends the rounds under way, then writes what waits for a moment; the rest stays on disk. Stopping twice is fine. */
  async stop(): Promise<void> {
    this.#started = false;
    this.settings.stop();
    this.#parts.scheduler.remove(retentionPlan);
    for (const end of this.#ends.splice(0)) end();
    await this.#changing;
    await this.#stopCollectors();
    await this.#recalling;
    await this.#store.stop();
  }

  /** Takes what is told in other ways than by sampling a connection; nothing while nothing is collected. */
  take(samples: readonly Sample[]): void {
    if (this.#collects && samples.length > 0) this.#keep(samples);
  }

  /** Answers a query of Grafana's builder. @throws METRIC_QUERY_INVALID, METRIC_QUERY_TOO_LARGE, METRIC_STORE_* */
  async query(query: unknown, range: QueryRange, options: QueryOptions = {}): Promise<QueryResult> {
    return this.#store.query(planQuery(query, range), options);
  }

  /**
   * A figure of each object over a time, in a few numbers.
   * @throws METRIC_QUERY_INVALID, METRIC_STORE_*
   */
  async summary(of: SummaryRequest, options: QueryOptions = {}): Promise<Summaries> {
    const { measurement, field, from, to } = of;
    const { frames, missingBefore } = await this.query(
      summaryQuery(measurement, field),
      { from, to, intervalMs: 1 },
      options,
    );
    return { summaries: summariesIn(frames, field), missingBefore };
  }

  /** Before this nothing is kept as it was sampled; 0 where nothing is removed. */
  keptSince(): number {
    const { retention } = this.settings.current;
    return retention.enabled ? keptFrom(retention, this.#clock.now()).raw : 0;
  }

  /** The latest figures of each object and part; what has told nothing for a quarter of an hour is left out. */
  latest(): readonly Sample[] {
    return this.#latest.at(this.#clock.now());
  }

  /** Removes what is older than the settings say. @throws METRIC_STORE_UNREACHABLE */
  async runRetention(): Promise<RetentionReport> {
    const before = keptFrom(this.settings.current.retention, this.#clock.now());
    const rows = await this.#store.removeBefore(before);
    const told = levels.map((level) => ({ level, before: before[level], rows: rows[level] }));
    for (const { level, before: moment, rows: count } of told) {
      this.#parts.log.info(
        `metrics: ${count} rows (${level}) from before ${new Date(moment).toISOString()} were removed`,
      );
    }
    return { levels: told };
  }

  #planRetention({ retention: { enabled, hour } }: MetricsSettings): void {
    const { scheduler } = this.#parts;
    if (!enabled) {
      scheduler.remove(retentionPlan);
      return;
    }
    const { timeZone: zone } = new Intl.DateTimeFormat().resolvedOptions();
    const schedule = { type: 'daily', time: `${String(hour).padStart(2, '0')}:00`, zone } as const;
    const name = 'Retention of metrics';
    scheduler.add({ id: retentionPlan, name, schedule, misfire: { policy: 'once' } }, async () => {
      await this.runRetention();
    });
  }

  get #collects(): boolean {
    return this.#started && this.#parts.collect !== false && this.settings.current.collect;
  }

  #makeStore(): MetricStore {
    const { dataDirectory, reveal, log } = this.#parts;
    const parts = { directory: join(dataDirectory, 'metrics'), reveal, log, clock: this.#clock };
    const store = this.#openStore(parts);
    store.states.subscribe(({ error }) => {
      // A store that is away is told of once, not at each attempt.
      const code = error?.code ?? '';
      if (error && code !== this.#problem) log.warn(`metrics: ${error.message} ${error.advice} [${code}]`);
      this.#problem = code;
    });
    return store;
  }

  /** A server that cannot be used as it is written costs no figures: they stay here meanwhile. */
  #openStore(parts: StoreParts): MetricStore {
    try {
      return openStore(this.settings.current.store, parts);
    } catch (thrown) {
      this.#report(toVirtflowError(thrown));
      return openStore(defaultMetricsSettings.store, parts);
    }
  }

  #startStore(): void {
    try {
      this.#store.start();
    } catch (thrown) {
      this.#report(toVirtflowError(thrown));
    }
  }

  #report({ message, advice, code }: ErrorRecord): void {
    this.#parts.log.error(`metrics: ${message} ${advice} [${code}]`);
  }

  #change(before: MetricsSettings, now: MetricsSettings): void {
    const storeIsNew = JSON.stringify(before.store) !== JSON.stringify(now.store);
    this.#changing = this.#changing
      .then(async () => {
        await this.#stopCollectors();
        if (storeIsNew) {
          await this.#store.stop();
          this.#store = this.#makeStore();
        }
        if (!this.#collects) return;
        this.#planRetention(now);
        this.#startStore();
        this.#follow();
      })
      .catch((thrown: unknown) => this.#report(toVirtflowError(thrown)));
  }

  /** A connection whose settings have changed is another one. */
  #follow(): void {
    if (!this.#collects) return;
    const living = this.#parts.connections.list();
    for (const [connection, collector] of this.#collectors) {
      if (living.includes(connection)) continue;
      this.#collectors.delete(connection);
      void collector.stop();
    }
    for (const connection of living) if (!this.#collectors.has(connection)) this.#collect(connection);
  }

  #collect(connection: HypervisorConnection): void {
    const collector = new Collector(connection, {
      intervalsMs: intervalsMs(this.settings.current),
      clock: this.#clock,
    });
    this.#collectors.set(connection, collector);
    collector.samples.subscribe((samples) => this.#derive(connection.name, samples));
    collector.states.subscribe(({ error }) => {
      if (error) this.#complaints.tell(`metrics of ${connection.name}`, error);
    });
    collector.start();
  }

  #derive(connection: string, samples: readonly Sample[]): void {
    const objects = this.#parts.inventory.list({ connection });
    this.#keep(withDerived(connection, this.#foretold(samples), objects));
  }

  /** Nothing is foretold before the stored past is known; while the store is away that is tried with each round. */
  #foretold(samples: readonly Sample[]): readonly Sample[] {
    if (!samples.some(fills)) return samples;
    const foretold = this.#fill.foretold(samples);
    if (this.#fillKnown) return foretold;
    this.#recalling ??= this.#recallFill().finally(() => {
      this.#recalling = undefined;
    });
    return samples;
  }

  async #recallFill(): Promise<void> {
    const to = this.#clock.now();
    const range = { from: Math.max(0, to - fillPastMs), to, intervalMs: 1 };
    try {
      const pasts = await Promise.all(
        Object.keys(filling).map((measurement) => this.query(fillQuery(measurement), range)),
      );
      for (const { frames } of pasts) this.#fill.recall(frames, to);
      this.#fillKnown = true;
    } catch (thrown) {
      const { message, code } = toVirtflowError(thrown);
      this.#parts.log.debug(`metrics: what is full when is not known yet: ${message} [${code}]`);
    }
  }

  #keep(all: readonly Sample[]): void {
    try {
      this.#store.write(all);
    } catch (thrown) {
      this.#report(toVirtflowError(thrown));
    }
    this.#latest.take(all);
    this.samples.publish(all);
  }

  async #stopCollectors(): Promise<void> {
    const collectors = [...this.#collectors.values()];
    this.#collectors.clear();
    await Promise.all(collectors.map((collector) => collector.stop()));
  }
}
