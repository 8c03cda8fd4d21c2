import { type ErrorRecord, toVirtflowError, VirtflowError } from '../../lib/model/errors.ts';
import type { NodeRed, RequestHandler } from './red.ts';

export interface AdminRequest {
  /** Of the query string (GET) or the JSON body (POST). */
  readonly values: Readonly<Record<string, unknown>>;
  /** Aborted when the browser gives up. */
  readonly signal: AbortSignal;
  /** Who is logged in; `editor` where the editor asks nobody. */
  readonly user: string;
}

type Answer = (request: AdminRequest) => Promise<unknown> | unknown;

/** A route of the editor's, under /virtflow. What it throws is answered as a problem with code, message and advice. */
export function adminRoute(
  RED: NodeRed,
  method: 'get' | 'post',
  path: string,
  permission: string,
  answer: Answer,
): void {
  const handler: RequestHandler = (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const reply = (status: number, body: unknown) => {
      if (response.headersSent || response.destroyed) return;
      response.statusCode = status;
      response.setHeader('Content-Type', 'application/json; charset=utf-8');
      response.setHeader('Cache-Control', 'no-store');
      response.end(JSON.stringify(body));
    };
    const values = method === 'get' ? request.query : request.body;
    const run = async () => answer({ values: recordOf(values), signal: gone.signal, user: userOf(request.user) });
    run().then(
      (body) => reply(200, body),
      (error: unknown) => reply(statusOf(error), problemOf(error)),
    );
  };
  RED.httpAdmin[method](`/virtflow/${path}`, RED.auth.needsPermission(permission), handler);
}

/** What the editor shows: the sentences, without the facts behind them. */
function problemOf(error: unknown): ErrorRecord {
  const { code, message, advice } = toVirtflowError(error);
  return { code, message, advice };
}

function statusOf(error: unknown): number {
  const { code } = toVirtflowError(error);
  if (code === 'INTERNAL') return 500;
  return /^(CONNECTION|SERVER)_/.test(code) && code !== 'CONNECTION_SETTINGS_INVALID' ? 502 : 400;
}

function userOf(user: unknown): string {
  const { username } = recordOf(user);
  return typeof username === 'string' ? username : 'editor';
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** A text of a request. @throws MESSAGE_INVALID when it is missing or too long */
export function textOf(values: Readonly<Record<string, unknown>>, name: string, longest = 10_000): string {
  const found = values[name];
  if (typeof found === 'string' && found.length <= longest) return found;
  throw new VirtflowError('MESSAGE_INVALID', { reason: `"${name}" is missing, no text or too long` });
}

/** The same, or '' when it is not there. */
export function optionalText(values: Readonly<Record<string, unknown>>, name: string): string {
  return values[name] === undefined ? '' : textOf(values, name);
}
