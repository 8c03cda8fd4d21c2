import type { IncomingMessage } from 'node:http';
import type { Access } from '../../access/access.ts';
import type { TokenRecord } from '../../access/account.ts';
import type { Principal } from '../../access/decision.ts';
import type { Sight } from '../../access/sight.ts';
import { VirtflowError } from '../../model/errors.ts';
import type { Origin } from '../../operations/operation.ts';

/** How the command line names itself. */
export const commandLineAgent = 'virtflow-cli';

/** Whoever sent a request. */
export interface Caller {
  /** What they came with; null where somebody else's editor has let them in. */
  readonly record: TokenRecord | null;
  readonly origin: Origin;
  readonly who: Principal;
  readonly sight: Sight;
  /** The same, with the rights of a later moment. @throws TOKEN_INVALID once they may no more */
  again(): Caller;
}

/**
 * Finds who sends a request, by an API token or a session of the editor. A right token is always let in; wrong ones make
 * their source wait.
 * @param takesPassword whether the token may come as the password of HTTP Basic (RFC 7617); the user name is ignored
 * @throws CREDENTIALS_MISSING, TOKEN_INVALID, LOCKED_OUT, STORE_*
 */
export function callerOf(request: IncomingMessage, access: Access, takesPassword = false): Caller {
  const { authorization } = request.headers;
  if (authorization === undefined)
    throw new VirtflowError('CREDENTIALS_MISSING', takesPassword ? { takesPassword } : {});
  const password = takesPassword ? passwordIn(authorization) : undefined;
  const [, text = ''] = /^Bearer +(\S+) *$/i.exec(authorization) ?? ['', password];
  const record = access.present(text, request.socket.remoteAddress);
  return callerWith(record, access, request.headers['user-agent'] === commandLineAgent ? 'cli' : 'rest');
}

function passwordIn(authorization: string): string | undefined {
  const [, coded = ''] = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization) ?? [];
  const pair = Buffer.from(coded, 'base64').toString();
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined;
}

/** Whoever holds a token, with the rights of this moment. A session is its user; only an API token may narrow. */
export function callerWith(record: TokenRecord, access: Access, through: 'rest' | 'cli' = 'rest'): Caller {
  const { id, kind, owner } = record;
  const origin: Origin = { through, principal: owner, ...(kind === 'api' ? { token: id } : {}) };
  const who = access.principalOf(origin);
  const again = () => callerWith(access.tokens.living(id), access, through);
  return { record, origin, who, sight: access.sight(who), again };
}

/**
 * Whoever came into the editor of a Node-RED that has a login of its own, or none. They may draw flows, so they ask as
 * flows do; what they may beyond looking, that Node-RED has decided before.
 */
export function callerInEditor(name: string, access: Access): Caller {
  const origin: Origin = { through: 'flow', principal: name };
  const who = access.principalOf(origin);
  return { record: null, origin, who, sight: access.sight(who), again: () => callerInEditor(name, access) };
}
