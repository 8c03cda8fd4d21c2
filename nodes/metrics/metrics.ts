import type { NodeRed } from '../runtime/red.ts';
import { addInfluxRoutes } from './routes.ts';
import { registerInflux } from './virtflow-influx.ts';
import { registerInfluxdb } from './virtflow-influxdb.ts';
import { registerMetrics } from './virtflow-metrics.ts';

export default function metrics(RED: NodeRed): void {
  registerInfluxdb(RED);
  registerMetrics(RED);
  registerInflux(RED);
  addInfluxRoutes(RED);
}
