import { join } from 'node:path';
import type { Clock } from '../../calendar/clock.ts';
import type { Log } from '../../model/log.ts';
import type { Reveal } from '../../secrets/reference.ts';
import type { MetricsSettings } from '../settings.ts';
import { BufferedStore } from './buffered-store.ts';
import { DuckDbEngine } from './duckdb/engine.ts';
import type { MetricEngine } from './engine.ts';
import { InfluxEngine } from './influx/engine.ts';
import type { MetricStore } from './metric-store.ts';

export interface StoreParts {
  /** Where an embedded store has its file, and any store what waits for it. */
  readonly directory: string;
  readonly reveal: Reveal;
  readonly log: Log;
  readonly clock: Clock;
}

/** Each write into a store costs it as much as hundreds of samples more in the same one. */
const gatherMs = 100;

/** The store that the settings name; nothing is opened before it is started. @throws CONNECTION_SETTINGS_INVALID, SECRET_* */
export function openStore(settings: MetricsSettings['store'], parts: StoreParts): MetricStore {
  const engine = engineOf(settings, parts);
  return new BufferedStore('The metric store', engine, {
    directory: join(parts.directory, 'buffer'),
    gatherMs,
    bufferBytes: settings.bufferMiB * 2 ** 20,
    clock: parts.clock,
  });
}

function engineOf({ influxdb, memoryMiB, engine }: MetricsSettings['store'], parts: StoreParts): MetricEngine {
  if (engine === 'influxdb' && influxdb)
    return new InfluxEngine({ name: 'The metric store', ...influxdb }, parts.reveal);
  return new DuckDbEngine({ path: join(parts.directory, 'metrics.duckdb'), memoryMiB });
}
