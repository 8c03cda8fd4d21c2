import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AccountGrant } from '../../../lib/access/account.ts';
import { readToken } from '../../../lib/access/token-text.ts';
import type { TokenWish } from '../../../lib/access/tokens.ts';
import type { StreamLimits } from '../../../lib/api/rest/events/stream.ts';
import { refuseMalformed } from '../../../lib/api/rest/malformed.ts';
import { RestApi } from '../../../lib/api/rest/rest-api.ts';
import type { RestRooms } from '../../../lib/api/rest/rooms.ts';
import type { Platform } from '../../../lib/platform.ts';
import { PlatformOnSimulator } from '../../platform-on-simulator.ts';

export interface Asked {
  readonly method?: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

// biome-ignore lint/suspicious/noExplicitAny: what came as JSON is looked at by the test that asked for it
export type Json = any;

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** REST over a platform on the simulator, on a web server of its own. */
export class RestHouse {
  readonly on: PlatformOnSimulator;
  readonly rest: RestApi;
  readonly admin: string;
  readonly #server: Server;

  private constructor(on: PlatformOnSimulator, rest: RestApi, server: Server) {
    this.on = on;
    this.rest = rest;
    this.#server = server;
    this.admin = this.user('root', [{ effect: 'allow', role: 'administrator', scope: {} }]);
  }

  static async open(query?: string, limits: Partial<StreamLimits> = {}): Promise<RestHouse> {
    const on = await PlatformOnSimulator.start(query);
    const rest = new RestApi(roomsOf(on.platform), limits);
    rest.start();
    const server = createServer((request, response) => rest.handle(request, response));
    refuseMalformed(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RestHouse(on, rest, server);
  }

  get platform(): Platform {
    return this.on.platform;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/virtflow/v1`;
  }

  /** Makes a user, and answers a token of theirs. */
  user(name: string, grants: readonly AccountGrant[], wish: Partial<TokenWish> = {}): string {
    this.platform.access.accounts.adopt('test', name, grants, 'no hash');
    return this.token(name, wish);
  }

  token(owner: string, wish: Partial<TokenWish> = {}): string {
    const whole = { owner, label: 'test', permissions: ['*'], scope: {}, expiresAt: null, ...wish };
    return this.platform.access.tokens.create('test', whole);
  }

  idOf(token: string): string {
    return readToken(token)?.id ?? '';
  }

  response(path: string, { method, token = this.admin, body, headers }: Asked = {}, signal?: AbortSignal) {
    return fetch(`${this.url}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  }

  async ask(path: string, asked: Asked = {}): Promise<Told> {
    const response = await this.response(path, asked);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  async close(): Promise<void> {
    this.rest.stop();
    this.#server.closeAllConnections();
    this.#server.close();
    await this.on.stop();
  }
}

export function roomsOf(platform: Platform): RestRooms {
  return { ...platform, states: platform.store.states };
}

export function viewer(scope: AccountGrant['scope'] = {}): AccountGrant {
  return { effect: 'allow', role: 'viewer', scope };
}

export function operator(scope: AccountGrant['scope'] = {}): AccountGrant {
  return { effect: 'allow', role: 'operator', scope };
}
