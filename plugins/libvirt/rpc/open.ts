import { authenticate } from './authenticate.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { Feature } from './protocol.ts';

const OPEN_READ_ONLY = 1;

/** Authenticates, asks for keepalive, opens the hypervisor, and switches on what the daemon offers. */
export async function openHypervisor(
  connection: Connection,
  { uri, readOnly }: ConnectionOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  await authenticate(connection, signal);
  await Promise.all([
    supports(connection, Feature.keepalive, signal),
    connection.call('CONNECT_OPEN', { name: uri, flags: readOnly ? OPEN_READ_ONLY : 0 }, { signal }),
  ]);
  const [, closeCallback] = await Promise.all([
    supports(connection, Feature.eventCallbacks, signal),
    supports(connection, Feature.closeCallback, signal),
  ]);
  // A daemon that stands between us and another one (virtproxyd) tells us with this when that other one goes.
  if (closeCallback) await connection.call('CONNECT_REGISTER_CLOSE_CALLBACK', {}, { signal });
}

async function supports(connection: Connection, feature: number, signal: AbortSignal | undefined): Promise<boolean> {
  return (await connection.call('CONNECT_SUPPORTS_FEATURE', { feature }, { signal })).supported !== 0;
}
