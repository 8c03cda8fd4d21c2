import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type MetricTier, metricTiers } from '../drivers/driver.ts';
import { VirtflowError } from '../model/errors.ts';
import { bucketOf } from './store/frames.ts';
import type { PerLevel } from './store/levels.ts';

const closed = { additionalProperties: false };
const Seconds = (fallback: number, description: string) =>
  Type.Number({ minimum: 0, maximum: 86_400, default: fallback, description });

const Intervals = Type.Object(
  {
    state: Seconds(10, 'Whether VMs run.'),
    cpu: Seconds(30, 'What VMs use of CPUs.'),
    memory: Seconds(30, 'What VMs use of memory.'),
    disk: Seconds(30, "VMs' disks."),
    network: Seconds(30, "VMs' network."),
    filesystem: Seconds(60, "File systems in VMs, as guests' agents tell."),
    host: Seconds(30, 'Hosts.'),
    storage: Seconds(300, 'Storage pools.'),
  },
  { ...closed, default: {} },
);

const Influx = Type.Object(
  {
    url: Type.String({ minLength: 1, maxLength: 2_000 }),
    database: Type.String({ minLength: 1, maxLength: 200 }),
    username: Type.Optional(Type.String({ maxLength: 200 })),
    password: Type.Optional(Type.String({ maxLength: 2_000 })),
  },
  closed,
);

const Store = Type.Object(
  {
    engine: Type.Enum(['duckdb', 'influxdb'], { default: 'duckdb' }),
    memoryMiB: Type.Integer({ minimum: 64, maximum: 65_536, default: 256 }),
    bufferMiB: Type.Integer({ minimum: 1, maximum: 102_400, default: 512 }),
    influxdb: Type.Optional(Influx),
  },
  { ...closed, default: {} },
);

/** A roll-up is kept at least as long as what it is made of. */
const RollUpDays = Type.Object(
  {
    '5m': Type.Integer({ minimum: 1, maximum: 3_650, default: 90 }),
    '1h': Type.Integer({ minimum: 1, maximum: 3_650, default: 730 }),
  },
  { ...closed, default: {} },
);

const Retention = Type.Object(
  {
    enabled: Type.Boolean({ default: true }),
    days: Type.Integer({ minimum: 1, maximum: 365, default: 30 }),
    rollUpDays: RollUpDays,
    hour: Type.Integer({ minimum: 0, maximum: 23, default: 3 }),
  },
  { ...closed, default: {} },
);

/** What `metrics.json` may hold. */
export const MetricsSettings = Type.Object(
  {
    collect: Type.Boolean({ default: true }),
    intervals: Intervals,
    store: Store,
    retention: Retention,
  },
  closed,
);
export type MetricsSettings = Static<typeof MetricsSettings>;
export type RetentionSettings = MetricsSettings['retention'];

/** @throws METRICS_SETTINGS_INVALID */
export function parseMetricsSettings(value: unknown): MetricsSettings {
  const settings = Value.Default(MetricsSettings, Value.Clone(value));
  if (!Value.Check(MetricsSettings, settings)) {
    const [error] = Value.Errors(MetricsSettings, settings);
    const where = error?.instancePath.slice(1).replaceAll('/', '.') || 'it';
    throw invalid(`${where} ${error?.message ?? 'has the wrong form'}`);
  }
  if (settings.store.engine === 'influxdb' && !settings.store.influxdb) {
    throw invalid('store.engine is influxdb, so store.influxdb has to say where it is');
  }
  return settings;
}

export const defaultMetricsSettings: MetricsSettings = parseMetricsSettings({});

/** What is older than this is kept no longer at each level: milliseconds since the epoch, at a whole hour. */
export function keptFrom({ days, rollUpDays }: RetentionSettings, now: number): PerLevel<number> {
  const fiveMinutes = Math.max(days, rollUpDays['5m']);
  const hour = Math.max(fiveMinutes, rollUpDays['1h']);
  const before = (kept: number) => bucketOf(Math.max(0, now - kept * 86_400_000), 3_600_000);
  return { raw: before(days), '5m': before(fiveMinutes), '1h': before(hour) };
}

/** For a collector: milliseconds, 0 for what is left out. */
export function intervalsMs({ intervals }: MetricsSettings): Partial<Record<MetricTier, number>> {
  return Object.fromEntries(metricTiers.map((tier) => [tier, intervals[tier] * 1_000]));
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('METRICS_SETTINGS_INVALID', { reason });
}
