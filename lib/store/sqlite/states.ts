import type { DatabaseSync } from 'node:sqlite';
import { parseJson } from '../../model/json.ts';
import type { States } from '../store.ts';
import { guarded } from './failure.ts';

/** Small named states in SQLite, as JSON. */
export function sqliteStates(database: DatabaseSync, path: string): States {
  const get = database.prepare('select value from state where room = ? and key = ?');
  const put = database.prepare(
    'insert into state (room, key, value) values (?, ?, ?) on conflict (room, key) do update set value = excluded.value',
  );
  const remove = database.prepare('delete from state where room = ? and key = ?');
  const list = database.prepare('select key, value from state where room = ? order by key');
  return {
    get: (room, key) => {
      const row = guarded(path, () => get.get(room, key));
      return row && decoded(path, row.value);
    },
    put: (room, key, value) => {
      // Undefined has no JSON; a state that is not there reads as undefined, so null keeps its place.
      const text = JSON.stringify(value) ?? 'null';
      guarded(path, () => put.run(room, key, text));
    },
    delete: (room, key) => {
      guarded(path, () => remove.run(room, key));
    },
    list: (room) =>
      guarded(path, () => list.all(room)).map((row) => ({ key: String(row.key), value: decoded(path, row.value) })),
  };
}

function decoded(path: string, text: unknown): unknown {
  return guarded(path, () => parseJson(String(text)));
}
