import { VirtflowError } from '../model/errors.ts';
import type { AccessTables } from '../store/store.ts';
import type { TokenRecord } from './account.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { Scope } from './scope.ts';
import { digestOf, isDigestOf, newTokenText, readToken, writeToken } from './token-text.ts';

/** What a new token is for. */
export interface TokenWish {
  readonly owner: string;
  readonly label: string;
  /** Patterns of permissions; `['*']` for all that its owner may. */
  readonly permissions: readonly string[];
  readonly scope: Scope;
  /** Milliseconds since the epoch; null for one that does not expire. */
  readonly expiresAt: number | null;
}

const sessionMs = 7 * 24 * 3_600_000;
/** "Last used" is not worth a write for each use. */
const usedEveryMs = 60_000;

/** Sessions and API tokens: shown once, kept as a hash, never wider than their owner, who is looked up at each use. */
export class Tokens {
  readonly #tables: AccessTables;
  readonly #audit: AuditLog;

  constructor(tables: AccessTables, audit: AuditLog) {
    this.#tables = tables;
    this.#audit = audit;
  }

  /** Answers the token; it cannot be had again. @throws ACCOUNT_UNKNOWN, ACCOUNT_INVALID, STORE_* */
  create(by: string, wish: TokenWish): string {
    this.#user(wish.owner);
    const { owner, label, permissions, scope, expiresAt } = wish;
    const about = { owner, label, permissions, scope, expiresAt };
    return this.#issue('api', wish, (record) => {
      this.#audit.change(() => this.#tables.tokens.insert(record), 'token.created', by, { id: record.id, ...about });
    });
  }

  /** A session of somebody who has logged in. @throws STORE_* */
  openSession(owner: string): string {
    const expiresAt = Date.now() + sessionMs;
    this.#tables.tokens.prune(Date.now());
    const wish = { owner, label: 'editor', permissions: ['*'], scope: {}, expiresAt };
    return this.#issue('session', wish, (record) => this.#tables.tokens.insert(record));
  }

  /** A session for somebody who may read the data directory anyway: the command line. @throws ACCOUNT_UNKNOWN, ACCOUNT_INVALID, STORE_* */
  lendSession(by: string, owner: string): string {
    this.#user(owner);
    const wish = { owner, label: 'command line', permissions: ['*'], scope: {}, expiresAt: Date.now() + sessionMs };
    return this.#issue('session', wish, (record) => {
      this.#audit.change(() => this.#tables.tokens.insert(record), 'session.lent', by, { owner });
    });
  }

  /** The record of a token that is presented. @throws TOKEN_INVALID */
  use(text: string): TokenRecord {
    const given = readToken(text);
    const record = given && this.#tables.tokens.get(given.id);
    if (!given || !record || !isDigestOf(record.digest, given.secret)) throw invalid('it is not known');
    const now = Date.now();
    this.#checkLives(record, now);
    if (record.usedAt === null || now - record.usedAt >= usedEveryMs) this.#tables.tokens.used(record.id, now);
    return record;
  }

  /** The record of a token that somebody came with before, if it still counts. @throws TOKEN_INVALID */
  living(id: string): TokenRecord {
    const record = this.#tables.tokens.get(id);
    if (!record) throw invalid('it was revoked');
    this.#checkLives(record, Date.now());
    return record;
  }

  /** API tokens, oldest first. */
  list(): readonly TokenRecord[] {
    return this.#tables.tokens.list().filter(({ kind }) => kind === 'api');
  }

  /** @throws TOKEN_UNKNOWN */
  revoke(by: string, id: string): void {
    const record = this.#tables.tokens.get(id);
    if (record?.kind !== 'api') throw new VirtflowError('TOKEN_UNKNOWN', { id });
    const { owner, label } = record;
    this.#audit.change(() => this.#tables.tokens.delete(id), 'token.revoked', by, { id, owner, label });
  }

  /** Ends the session that a token is of; of another token nothing. */
  closeSession(text: string): void {
    const given = readToken(text);
    const record = given && this.#tables.tokens.get(given.id);
    if (!given || record?.kind !== 'session' || !isDigestOf(record.digest, given.secret)) return;
    const { id, owner } = record;
    this.#audit.change(() => this.#tables.tokens.delete(id), 'logout', owner, {});
  }

  #checkLives({ expiresAt, owner }: TokenRecord, now: number): void {
    if (expiresAt !== null && expiresAt <= now) throw invalid('it has expired');
    if (this.#tables.accounts.get(owner) === undefined) throw invalid('its owner is gone');
  }

  #issue(kind: TokenRecord['kind'], wish: TokenWish, insert: (record: TokenRecord) => void): string {
    const text = newTokenText();
    const digest = digestOf(text.secret);
    insert({ ...wish, kind, id: text.id, digest, createdAt: Date.now(), usedAt: null });
    return writeToken(kind, text);
  }

  #user(name: string): void {
    const account = this.#tables.accounts.get(name);
    if (!account) throw new VirtflowError('ACCOUNT_UNKNOWN', { account: name });
    if (account.kind !== 'user')
      throw new VirtflowError('ACCOUNT_INVALID', { account: name, reason: 'it is a service' });
  }
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('TOKEN_INVALID', { reason });
}
