import { VirtflowError } from '../../model/errors.ts';
import { restBase } from '../rest/base.ts';
import { commandLineAgent } from '../rest/caller.ts';
import { isErrorCode, type Problem } from '../rest/problem.ts';
import { readEvents, type ServerEvent } from './server-events.ts';

export interface Server {
  /** Where virtflow's editor is, with a slash at the end. */
  readonly url: string;
  readonly token: string;
}

export interface Sent {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** virtflow's REST API, as the command line talks to it. */
export class RestClient {
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  /** @throws the error that the server answers with; SERVER_UNREACHABLE */
  async ask(path: string, sent: Sent = {}): Promise<unknown> {
    const response = await this.#fetch(path, sent);
    return response.status === 204 ? undefined : response.json();
  }

  /** Events as they happen, until the signal or the server ends it. @throws as `ask` */
  async *events(query: Sent['query'], signal: AbortSignal, lastEventId?: string): AsyncGenerator<ServerEvent> {
    const headers = {
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    };
    const response = await this.#fetch('/events', { ...(query && { query }), headers }, signal);
    if (response.body) yield* readEvents(response.body);
  }

  async #fetch(path: string, { method = 'GET', query = {}, body, headers = {} }: Sent, signal?: AbortSignal) {
    const { url, token } = this.#server;
    const address = new URL(`${restBase.slice(1)}${path}`, url);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) address.searchParams.set(name, value);
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const init = {
      method,
      ...json,
      headers: { authorization: `Bearer ${token}`, 'user-agent': commandLineAgent, ...type, ...headers },
    };
    const response = await fetch(address, { ...init, ...(signal && { signal }) }).catch((cause: unknown) => {
      throw signal?.aborted ? signal.reason : unreachable(url, cause);
    });
    if (response.ok) return response;
    throw await refusalIn(response, url);
  }
}

async function refusalIn(response: Response, url: string): Promise<VirtflowError> {
  const body: unknown = await response.json().catch(() => undefined);
  if (!isProblem(body) || !isErrorCode(body.code)) {
    const reason = `it answers ${response.status} ${response.statusText} and is no virtflow`;
    return new VirtflowError('SERVER_UNREACHABLE', { server: 'virtflow', address: url, reason });
  }
  return new VirtflowError(body.code, body.details);
}

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string' && 'details' in body
  );
}

function unreachable(address: string, thrown: unknown): VirtflowError {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const reason = cause instanceof Error ? cause.message || String(Reflect.get(cause, 'code')) : String(cause);
  return new VirtflowError('SERVER_UNREACHABLE', { server: 'virtflow', address, reason }, { cause: thrown });
}
