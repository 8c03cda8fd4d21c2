import type { DatabaseSync } from 'node:sqlite';
import type { ObjectRef } from '../../model/reference.ts';
import { type Operation, objectOf } from '../../operations/operation.ts';
import type { Journal } from '../store.ts';
import { guarded } from './failure.ts';
import { historyQuery } from './history-query.ts';
import { transactionOn } from './transaction.ts';

/** Operations in SQLite: columns for what is filtered by, the operation itself as JSON. */
export function sqliteJournal(database: DatabaseSync, path: string): Journal {
  const insert = database.prepare(
    `insert into operation (id, action, connection, kind, object, state, queued_at, ended_at, idempotency_key, body)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (idempotency_key) do nothing`,
  );
  const touch = database.prepare(
    'insert into touched (connection, kind, object, queued_at, operation) values (?, ?, ?, ?, ?) on conflict do nothing',
  );
  const update = database.prepare('update operation set state = ?, ended_at = ?, body = ? where id = ?');
  const byId = database.prepare('select body from operation where id = ?');
  const byKey = database.prepare('select body from operation where idempotency_key = ?');
  const unfinished = database.prepare('select body from operation where ended_at is null order by queued_at, id');
  const prune = database.prepare('delete from operation where ended_at < ?');
  const started = (key: string) => guarded(path, () => optional(byKey.get(key)));

  const inserted = (operation: Operation, key: string | undefined): boolean => {
    const { id, action, target, state, queuedAt, endedAt } = operation;
    const object = objectOf(target)?.id ?? null;
    const body = JSON.stringify(operation);
    const done = guarded(path, () =>
      insert.run(id, action, target.connection, target.kind, object, state, queuedAt, endedAt, key ?? null, body),
    );
    if (done.changes === 0) return false;
    for (const { connection, kind, id: one } of touchedBy(operation)) {
      guarded(path, () => touch.run(connection, kind, one, queuedAt, id));
    }
    return true;
  };

  return {
    started,
    insert: (operation, key) => {
      const done = transactionOn(database, path, () => inserted(operation, key));
      const earlier = !done && key !== undefined ? started(key) : undefined;
      return earlier ?? operation;
    },
    update: (operation) => {
      const { state, endedAt, id } = operation;
      guarded(path, () => update.run(state, endedAt, JSON.stringify(operation), id));
    },
    get: (id) => guarded(path, () => optional(byId.get(id))),
    unfinished: () => guarded(path, () => unfinished.all().map(operationOf)),
    history: (filter) => {
      const { text, values } = historyQuery(filter);
      return guarded(path, () =>
        database
          .prepare(text)
          .all(...values)
          .map(operationOf),
      );
    },
    prune: (before) => guarded(path, () => Number(prune.run(before).changes)),
    together: (work) => transactionOn(database, path, work),
  };
}

type Row = Record<string, unknown>;

function optional(row: Row | undefined): Operation | undefined {
  return row && operationOf(row);
}

/** Only `insert` and `update` write a body, and `user_version` says in which shape. */
function operationOf(row: Row): Operation {
  return JSON.parse(String(row.body));
}

function touchedBy({ target, touches = [] }: Operation): readonly ObjectRef[] {
  const object = objectOf(target);
  return object ? [object, ...touches] : touches;
}
