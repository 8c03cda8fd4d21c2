import { VirtflowError } from '../../lib/model/errors.ts';

/** The names of the connections that deployed configuration nodes stand for, by node id. */
const names = new Map<string, string>();

export function rememberConnection(nodeId: string, name: string): void {
  names.set(nodeId, name);
}

export function forgetConnection(nodeId: string): void {
  names.delete(nodeId);
}

/**
 * The name of the connection that a node chose; undefined when it chose none.
 * @throws CONNECTION_UNKNOWN when the configuration node is not deployed or disabled
 */
export function connectionName(nodeId: string): string | undefined {
  if (nodeId === '') return undefined;
  const name = names.get(nodeId);
  if (name !== undefined) return name;
  throw new VirtflowError('CONNECTION_UNKNOWN', {
    connection: `node ${nodeId}`,
    known: [...names.values()].join(', ') || 'none',
  });
}
