import type { Connection } from './connection.ts';
import { RpcError } from './errors.ts';

const NONE = 0;
const NAMES: Readonly<Record<number, string>> = { 1: 'SASL', 2: 'polkit' };

/**
 * Satisfies the daemon's demand for authentication. None is all we can do so far; a mechanism's exchange (AUTH_SASL_*,
 * AUTH_POLKIT) belongs here.
 * @throws RpcError AUTH_REQUIRED, naming what the daemon wants
 */
export async function authenticate(connection: Connection, signal: AbortSignal | undefined): Promise<void> {
  const { types } = await connection.call('AUTH_LIST', {}, { signal });
  if (types.length === 0 || types.includes(NONE)) return;
  const wanted = types.map((type) => NAMES[type] ?? `mechanism ${type}`).join(' or ');
  throw new RpcError('AUTH_REQUIRED', `The daemon asks for ${wanted} authentication, which virtflow does not offer.`);
}
