import { existsSync, readFileSync } from 'node:fs';
import { VirtflowError } from '../lib/model/errors.ts';
import { parseJson } from '../lib/model/json.ts';

/**
 * Refuses a flow file that Node-RED could not read. It would show an empty canvas instead, and the next deploy would
 * write that over what could still have been mended.
 * @throws FLOWS_BROKEN
 */
export function checkFlowFile(path: string): void {
  if (!existsSync(path)) return;
  const flows = parse(path);
  if (!Array.isArray(flows)) throw broken(path, 'it is not a list of nodes');
  const odd = flows.findIndex((node) => !isNode(node));
  if (odd >= 0) throw broken(path, `entry ${odd + 1} is not a node with an id and a type`);
}

function parse(path: string): unknown {
  try {
    return parseJson(readFileSync(path, 'utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    throw broken(path, error instanceof Error ? error.message : String(error));
  }
}

function isNode(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('id' in value && 'type' in value)) return false;
  return typeof value.id === 'string' && typeof value.type === 'string';
}

function broken(path: string, reason: string): VirtflowError {
  return new VirtflowError('FLOWS_BROKEN', { path, reason });
}
