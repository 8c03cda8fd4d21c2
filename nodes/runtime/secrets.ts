import { optionalText } from './admin-route.ts';
import type { NodeRed } from './red.ts';

/** What the editor sends for a password that it does not know and that was not changed. */
const unchanged = '__PWRD__';

/** User and password of a test: as typed in the form, else as they are kept for the node. */
export function secretsOf(
  RED: NodeRed,
  values: Readonly<Record<string, unknown>>,
): { username?: string; password?: string } {
  const username = optionalText(values, 'username');
  const typed = optionalText(values, 'password');
  const password = typed === unchanged ? keptPassword(RED, optionalText(values, 'node')) : typed;
  return { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) };
}

function keptPassword(RED: NodeRed, nodeId: string): string {
  const kept = RED.nodes.getCredentials(nodeId);
  if (typeof kept !== 'object' || kept === null || !('password' in kept)) return '';
  return typeof kept.password === 'string' ? kept.password : '';
}
