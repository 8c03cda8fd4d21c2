import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../../lib/access/access.ts';
import type { Principal } from '../../lib/access/decision.ts';
import { toVirtflowError } from '../../lib/model/errors.ts';
import type { Log } from '../../lib/model/log.ts';
import { editorPermissions } from './editor-permissions.ts';

/** Who is in the editor, in the form that Node-RED asks for. */
interface EditorUser {
  readonly username: string;
  readonly permissions: readonly string[];
  /** The public part of what they came with: a session or an API token. */
  readonly tokenId?: string;
}

/**
 * The editor's login, on virtflow's users. Sessions are ours and not Node-RED's, which would keep the rights that
 * somebody had when they logged in; an API token works in the place of a session.
 */
export class EditorLogin {
  readonly #access: Access;
  readonly #log: Log;
  /** Node-RED does not tell `authenticate` of the request. */
  readonly #sources = new AsyncLocalStorage<string | undefined>();

  constructor(access: Access, log: Log) {
    this.#access = access;
    this.#log = log;
  }

  /** For `adminAuth` of Node-RED's settings. It would leave a rejection unhandled, and the browser waiting. */
  get adminAuth(): object {
    return {
      type: 'credentials',
      // Sessions of Node-RED's own, as older versions of virtflow had them, are of nobody.
      users: async () => null,
      authenticate: (name: string, password: string) => this.#orNull(() => this.#authenticate(name, password)),
      tokens: (token: string) => this.#orNull(() => this.#userOf(token)),
    };
  }

  /** For `httpAdminMiddleware`: keeps where a request comes from, and ends the session of who logs out. */
  readonly middleware = (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token !== undefined && request.method === 'POST' && request.url?.split('?')[0] === '/auth/revoke') {
      response.on('finish', () => this.#logOut(token, response.statusCode));
    }
    this.#sources.run(request.socket.remoteAddress, next);
  };

  async #authenticate(name: string, password: string): Promise<(EditorUser & { readonly token: string }) | null> {
    const account = await this.#access.logins.logIn(name, password, this.#sources.getStore());
    const user = await this.#user(this.#access.principals.of(account));
    return user && { ...user, token: this.#access.tokens.openSession(name) };
  }

  async #userOf(token: string): Promise<EditorUser | null> {
    const record = this.#access.tokens.use(token);
    const user = await this.#user(this.#access.principals.ofToken(record));
    return user && { ...user, tokenId: record.id };
  }

  /** Somebody without any right in the editor is not let in. */
  async #user(who: Principal): Promise<EditorUser | null> {
    const permissions = await editorPermissions(who);
    return permissions.length === 0 ? null : { username: who.name, permissions };
  }

  #logOut(token: string, statusCode: number): void {
    if (statusCode >= 400) return;
    try {
      this.#access.tokens.closeSession(token);
    } catch (error) {
      this.#log.error(toVirtflowError(error).message);
    }
  }

  async #orNull<T>(look: () => Promise<T>): Promise<T | null> {
    try {
      return await look();
    } catch (thrown) {
      const error = toVirtflowError(thrown);
      // A browser that comes back with an old session is no news.
      if (error.code !== 'TOKEN_INVALID') this.#log.warn(`Login to the editor: ${error.message} ${error.advice}`);
      return null;
    }
  }
}
