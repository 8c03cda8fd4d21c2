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
  const password = secretOf(RED, values, 'password');
  return { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) };
}

/** One secret of a test: as typed in the form, else as it is kept for the node; '' when there is none. */
export function secretOf(RED: NodeRed, values: Readonly<Record<string, unknown>>, name: string): string {
  const typed = optionalText(values, name);
  return typed === unchanged ? keptSecret(RED, optionalText(values, 'node'), name) : typed;
}

function keptSecret(RED: NodeRed, nodeId: string, name: string): string {
  const kept = RED.nodes.getCredentials(nodeId);
  const found: unknown =
    typeof kept === 'object' && kept !== null ? Object.entries(kept).find(([key]) => key === name)?.[1] : '';
  return typeof found === 'string' ? found : '';
}
