import { VirtflowError } from '../model/errors.ts';
import { InOrder } from '../operations/in-order.ts';
import type { Store } from '../store/store.ts';
import type { Account } from './account.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { Lockout } from './lockout.ts';
import { hashPassword, isOutdated, passwordMatches } from './password.ts';

/** Takes as long as a real one, and no password is known for it. */
const nobodysHash = `scrypt$131072$8$1$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(32).toString('base64')}`;

/** Whoever says a name and a password. */
export class Logins {
  readonly #store: Store;
  readonly #audit: AuditLog;
  readonly #lockout: Lockout;
  /** A try takes 128 MiB: many at once would take all memory. */
  readonly #tries = new InOrder();

  constructor(store: Store, audit: AuditLog) {
    this.#store = store;
    this.#audit = audit;
    this.#lockout = new Lockout(store.states);
  }

  /**
   * Answers who logged in. An unknown user and a wrong password look the same, in words and in time.
   * @param source where it comes from: an address
   * @throws LOGIN_FAILED, LOCKED_OUT, STORE_*
   */
  async logIn(name: string, password: string, source: string | undefined): Promise<Account> {
    this.#begin(name, source);
    const account = this.#user(name);
    const hash = account?.password ?? nobodysHash;
    const matches = await this.#tries.run('', () => passwordMatches(password, hash));
    if (!matches || !account) throw this.#failed(name, source);
    this.#lockout.succeeded(name, source);
    if (isOutdated(hash)) await this.#renewHash(account, password);
    this.#audit.append('login.succeeded', name, { source });
    return account;
  }

  /** Somebody came with a token that is none. @throws LOCKED_OUT once that happened too often, STORE_* */
  wrongToken(source: string | undefined): void {
    this.#lockout.wrongToken(source);
    this.#audit.append('token.refused', 'unknown', { source });
  }

  /** Somebody got a new password: what was tried before does not count any more. */
  forgive(name: string): void {
    this.#lockout.succeeded(name, undefined);
  }

  #begin(name: string, source: string | undefined): void {
    try {
      this.#lockout.begin(name, source);
    } catch (error) {
      if (error instanceof VirtflowError && error.code === 'LOCKED_OUT')
        this.#refused('login.locked-out', name, source);
      throw error;
    }
  }

  #failed(name: string, source: string | undefined): VirtflowError {
    this.#refused('login.failed', name, source);
    return new VirtflowError('LOGIN_FAILED');
  }

  /** A name that nobody has may be a password in the wrong field: it is not written down. */
  #refused(what: string, name: string, source: string | undefined): void {
    this.#audit.append(what, this.#user(name)?.name ?? 'unknown', { source });
  }

  #user(name: string): Account | undefined {
    const account = this.#store.access.accounts.get(name);
    return account?.kind === 'user' ? account : undefined;
  }

  /** The password is at hand only now. Whoever was changed meanwhile is left as they are. */
  async #renewHash({ name, password: outdated }: Account, password: string): Promise<void> {
    const hash = await this.#tries.run('', () => hashPassword(password));
    this.#store.transaction(() => {
      const { accounts } = this.#store.access;
      const account = accounts.get(name);
      if (account?.password === outdated) accounts.put(name, { ...account, password: hash });
    });
  }
}
