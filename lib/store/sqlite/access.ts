import type { DatabaseSync } from 'node:sqlite';
import type { TokenRecord } from '../../access/account.ts';
import { noEntries } from '../../access/audit/chain.ts';
import type { AccessTables, AuditTrail, Named, TokenTable } from '../store.ts';
import { guarded } from './failure.ts';

type Row = Record<string, unknown>;

export function sqliteAccess(database: DatabaseSync, path: string): AccessTables {
  return {
    accounts: named(database, path, 'account'),
    roles: named(database, path, 'role'),
    tokens: tokens(database, path),
    audit: audit(database, path),
  };
}

function named<T>(database: DatabaseSync, path: string, table: 'account' | 'role'): Named<T> {
  const get = database.prepare(`select body from ${table} where name = ?`);
  const put = database.prepare(
    `insert into ${table} (name, body) values (?, ?) on conflict (name) do update set body = excluded.body`,
  );
  const remove = database.prepare(`delete from ${table} where name = ?`);
  const list = database.prepare(`select body from ${table} order by name`);
  return {
    get: (name) => guarded(path, () => optional(get.get(name))),
    put: (name, record) => {
      guarded(path, () => put.run(name, JSON.stringify(record)));
    },
    delete: (name) => {
      guarded(path, () => remove.run(name));
    },
    list: () => guarded(path, () => list.all().map((row): T => recordOf(row))),
  };
}

/** When a token was used last stands in a column of its own, for it changes while the rest does not. */
function tokens(database: DatabaseSync, path: string): TokenTable {
  const get = database.prepare('select body, used_at from token where id = ?');
  const list = database.prepare('select body, used_at from token order by created_at, id');
  const insert = database.prepare(
    'insert into token (id, kind, owner, created_at, expires_at, used_at, body) values (?, ?, ?, ?, ?, ?, ?)',
  );
  const used = database.prepare('update token set used_at = ? where id = ?');
  const remove = database.prepare('delete from token where id = ?');
  const removeOf = database.prepare('delete from token where owner = ?');
  const removeSessions = database.prepare("delete from token where owner = ? and kind = 'session'");
  const prune = database.prepare("delete from token where kind = 'session' and expires_at < ?");
  const run = (statement: () => unknown): void => {
    guarded(path, statement);
  };
  return {
    get: (id) =>
      guarded(path, () => {
        const row = get.get(id);
        return row && tokenOf(row);
      }),
    list: () => guarded(path, () => list.all().map(tokenOf)),
    insert: (record) => {
      const { id, kind, owner, createdAt, expiresAt, usedAt } = record;
      run(() => insert.run(id, kind, owner, createdAt, expiresAt, usedAt, JSON.stringify(record)));
    },
    used: (id, at) => run(() => used.run(at, id)),
    delete: (id) => run(() => remove.run(id)),
    deleteOf: (owner) => run(() => removeOf.run(owner)),
    deleteSessions: (owner) => run(() => removeSessions.run(owner)),
    prune: (at) => run(() => prune.run(at)),
  };
}

function audit(database: DatabaseSync, path: string): AuditTrail {
  const head = database.prepare('select sequence, hash from audit_head where id = 1');
  const setHead = database.prepare(
    `insert into audit_head (id, sequence, hash) values (1, ?, ?)
     on conflict (id) do update set sequence = excluded.sequence, hash = excluded.hash`,
  );
  const append = database.prepare('insert into audit (sequence, entry, hash) values (?, ?, ?)');
  const rows = database.prepare('select sequence, entry, hash from audit where sequence > ? order by sequence limit ?');
  return {
    head: () => {
      const row = guarded(path, () => head.get());
      return row ? { sequence: Number(row.sequence), hash: String(row.hash) } : noEntries;
    },
    append: ({ sequence, entry, hash }) => {
      guarded(path, () => {
        append.run(sequence, entry, hash);
        setHead.run(sequence, hash);
      });
    },
    rows: (after, limit) =>
      guarded(path, () =>
        rows
          .all(after, limit)
          .map((row) => ({ sequence: Number(row.sequence), entry: String(row.entry), hash: String(row.hash) })),
      ),
  };
}

function optional<T>(row: Row | undefined): T | undefined {
  return row && recordOf(row);
}

/** Only `put` and `insert` write a body, and `user_version` says in which shape. */
function recordOf<T>(row: Row): T {
  return JSON.parse(String(row.body));
}

function tokenOf(row: Row): TokenRecord {
  const usedAt = row.used_at === null ? null : Number(row.used_at);
  return { ...recordOf<TokenRecord>(row), usedAt };
}
