import type { ConnectionSettings } from '../../lib/drivers/driver.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { currentPlatform } from '../../lib/platform.ts';
import { adminRoute, optionalText, textOf } from '../runtime/admin-route.ts';
import type { NodeRed } from '../runtime/red.ts';
import { secretsOf } from '../runtime/secrets.ts';

/** How long a test may take: the daemon of a far host needs some seconds, a user does not wait for more. */
const probeTimeoutMs = 10_000;

export function addConnectionRoutes(RED: NodeRed): void {
  adminRoute(RED, 'get', 'drivers', 'virtflow.read', () =>
    currentPlatform()
      .drivers.list()
      .map(({ id, label }) => ({ id, label })),
  );
  adminRoute(RED, 'get', 'connections', 'virtflow.read', () =>
    currentPlatform()
      .connections.list()
      .map(({ name, driver, state }) => ({ name, driver, phase: state.phase })),
  );
  adminRoute(RED, 'post', 'connections/test', 'flows.write', ({ values, signal }) => {
    const settings: ConnectionSettings = {
      name: optionalText(values, 'name') || 'test',
      driver: textOf(values, 'driver'),
      uri: textOf(values, 'uri'),
      ...secretsOf(RED, values),
    };
    return probe(settings, signal);
  });
}

async function probe(settings: ConnectionSettings, gone: AbortSignal) {
  const deadline = AbortSignal.timeout(probeTimeoutMs);
  try {
    return await currentPlatform().connections.probe(settings, AbortSignal.any([gone, deadline]));
  } catch (error) {
    if (!deadline.aborted) throw error;
    const reason = `it did not answer within ${probeTimeoutMs / 1000} s`;
    throw new VirtflowError('CONNECTION_REFUSED', { address: settings.uri, reason }, { cause: error });
  }
}
