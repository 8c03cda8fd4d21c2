import { InfluxClient, type InfluxSettings } from '../../lib/metrics/influx-client.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { currentPlatform } from '../../lib/platform.ts';
import { adminRoute, optionalText, textOf } from '../runtime/admin-route.ts';
import type { NodeRed } from '../runtime/red.ts';
import { secretsOf } from '../runtime/secrets.ts';

const probeTimeoutMs = 10_000;

export function addInfluxRoutes(RED: NodeRed): void {
  adminRoute(RED, 'post', 'influxdb/test', 'flows.write', async ({ values, signal }) => {
    const retentionPolicy = optionalText(values, 'retentionPolicy');
    const settings: InfluxSettings = {
      name: optionalText(values, 'name') || 'InfluxDB',
      url: textOf(values, 'url'),
      database: textOf(values, 'database'),
      ...(retentionPolicy === '' ? {} : { retentionPolicy }),
      ...secretsOf(RED, values),
    };
    await probe(settings, AbortSignal.any([signal, AbortSignal.timeout(probeTimeoutMs)]));
    return { database: settings.database };
  });
}

/** Writes nothing: that asks everything which a write would need. */
async function probe(settings: InfluxSettings, signal: AbortSignal): Promise<void> {
  const client = new InfluxClient(settings, currentPlatform().secrets.reveal);
  try {
    const outcome = await client.write([], signal);
    if (outcome.type === 'written') return;
    const code = outcome.type === 'away' ? 'SERVER_UNREACHABLE' : 'SERVER_DENIED';
    throw new VirtflowError(code, { server: settings.name, address: client.address, reason: outcome.reason });
  } finally {
    client.close();
  }
}
