import type { NodeRed } from '../runtime/red.ts';
import { addInfluxRoutes } from './routes.ts';
import { registerInflux } from './virtflow-influx.ts';
import { registerInfluxdb } from './virtflow-influxdb.ts';
import { registerMetricQuery } from './virtflow-metric-query.ts';
import { registerMetricSummary } from './virtflow-metric-summary.ts';
import { registerMetrics } from './virtflow-metrics.ts';

export default function metrics(RED: NodeRed): void {
  registerInfluxdb(RED);
  registerMetrics(RED);
  registerMetricQuery(RED);
  registerMetricSummary(RED);
  registerInflux(RED);
  addInfluxRoutes(RED);
}
