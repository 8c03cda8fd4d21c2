import type { Access } from '../../lib/access/access.ts';
import { toVirtflowError } from '../../lib/model/errors.ts';
import type { Log } from '../../lib/model/log.ts';

/** What changes something, of the events of Node-RED's audit log. Logins are recorded where they are decided. */
const changes =
  /^(flows\.set|flow\.(add|update|remove)|nodes\.(install|remove)|nodes\.(info|module)\.set|library\.set|settings\.update|context\.delete|projects\..+)$/;
const told = ['type', 'id', 'error', 'module', 'version', 'node', 'name', 'path', 'scope', 'key'];

/** For `logging` of Node-RED's settings: whoever deploys, installs or deletes in the editor stands in the audit record. */
export function editorAudit(access: Access, log: Log): object {
  return {
    level: 'off',
    metrics: false,
    audit: true,
    handler: () => (message: unknown) => record(access, log, message),
  };
}

function record(access: Access, log: Log, message: unknown): void {
  if (typeof message !== 'object' || message === null) return;
  const entries = Object.entries(message);
  const facts: Record<string, unknown> = Object.fromEntries(entries);
  if (typeof facts.event !== 'string' || !changes.test(facts.event)) return;
  const about = Object.fromEntries(entries.filter(([name, value]) => told.includes(name) && value !== undefined));
  try {
    access.audit.append(`editor.${facts.event}`, whoOf(facts.user), { ...about, source: facts.ip });
  } catch (error) {
    log.error(`${facts.event} could not be recorded: ${toVirtflowError(error).message}`);
  }
}

/** Node-RED itself deploys at its start, without a user. */
function whoOf(user: unknown): string {
  if (typeof user !== 'object' || user === null || !('username' in user)) return 'node-red';
  return typeof user.username === 'string' ? user.username : 'node-red';
}
