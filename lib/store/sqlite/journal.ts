import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { ObjectRef } from '../../model/reference.ts';
import type { HistoryFilter, Operation } from '../../operations/operation.ts';
import type { Journal } from '../store.ts';
import { guarded } from './failure.ts';

const historyLimit = 1000;
const historyDefault = 100;
/** Operations in SQLite: columns for what is filtered by, the operation itself as JSON. */
export function sqliteJournal(database: DatabaseSync, path: string): Journal {
  const insert = database.prepare(
    `insert into operation (id, action, connection, kind, object, state, queued_at, ended_at, idempotency_key, body)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (idempotency_key) do nothing`,
  );
  const update = database.prepare('update operation set state = ?, ended_at = ?, body = ? where id = ?');
  const byId = database.prepare('select body from operation where id = ?');
  const byKey = database.prepare('select body from operation where idempotency_key = ?');
  const unfinished = database.prepare('select body from operation where ended_at is null order by queued_at, id');
  const prune = database.prepare('delete from operation where ended_at < ?');
  const started = (key: string) => guarded(path, () => optional(byKey.get(key)));

  return {
    started,
    insert: (operation, key) => {
      const { id, action, target, state, queuedAt, endedAt } = operation;
      const object = target.kind === 'connection' ? null : target.id;
      const body = JSON.stringify(operation);
      const done = guarded(path, () =>
        insert.run(id, action, target.connection, target.kind, object, state, queuedAt, endedAt, key ?? null, body),
      );
      const earlier = done.changes === 0 && key !== undefined ? started(key) : undefined;
      return earlier ?? operation;
    },
    update: (operation) => {
      const { state, endedAt, id } = operation;
      guarded(path, () => update.run(state, endedAt, JSON.stringify(operation), id));
    },
    get: (id) => guarded(path, () => optional(byId.get(id))),
    unfinished: () => guarded(path, () => unfinished.all().map(operationOf)),
    history: (filter) => {
      const { where, values } = conditions(filter);
      const limit = Math.max(0, Math.min(Math.trunc(filter.limit ?? historyDefault) || 0, historyLimit));
      const text = `select body from operation ${where} order by queued_at desc, id desc limit ?`;
      return guarded(path, () =>
        database
          .prepare(text)
          .all(...values, limit)
          .map(operationOf),
      );
    },
    prune: (before) => guarded(path, () => Number(prune.run(before).changes)),
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

function conditions(filter: HistoryFilter): { where: string; values: SQLInputValue[] } {
  const values: SQLInputValue[] = [];
  const terms: string[] = [];
  const add = (term: string, ...given: SQLInputValue[]) => {
    terms.push(term);
    values.push(...given);
  };
  if (filter.object) addObject(filter.object);
  if (filter.connection !== undefined) add('connection = ?', filter.connection);
  if (filter.action !== undefined) add('action = ?', filter.action);
  if (filter.states) add(`state in (${filter.states.map(() => '?').join(', ')})`, ...filter.states);
  if (filter.since !== undefined) add('queued_at >= ?', filter.since);
  if (filter.principal !== undefined) add('principal = ?', filter.principal);
  if (filter.through !== undefined) add("json_extract(body, '$.origin.through') = ?", filter.through);
  if (filter.changedSince !== undefined) add('(ended_at is null or ended_at >= ?)', filter.changedSince);
  if (filter.after) add('(queued_at, id) < (?, ?)', filter.after.queuedAt, filter.after.id);
  if (filter.before !== undefined) add('queued_at < ?', filter.before);
  return { where: terms.length > 0 ? `where ${terms.join(' and ')}` : '', values };

  function addObject(object: ObjectRef): void {
    add('connection = ? and kind = ? and object = ?', object.connection, object.kind, object.id);
  }
}
