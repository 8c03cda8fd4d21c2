import type { SQLInputValue } from 'node:sqlite';
import type { HistoryFilter } from '../../operations/operation.ts';

const historyLimit = 1000;
const historyDefault = 100;
/** What words are looked for in. No index helps there; it is read from the newest on, as far as a page takes. */
const spoken = `(o.action || ' ' || json_extract(o.body, '$.targetName') || ' ' || o.connection || ' ' ||
  o.principal || ' ' || coalesce(json_extract(o.body, '$.error.code'), ''))`;

/** The statement that answers a filter, newest first; each filter has an index that gives this order. */
export function historyQuery(filter: HistoryFilter): { text: string; values: SQLInputValue[] } {
  const { terms, values } = conditions(filter);
  const table = filter.object ? 'touched t join operation o on o.id = t.operation' : 'operation o';
  const where = terms.length > 0 ? `where ${terms.join(' and ')}` : '';
  const order = filter.object ? 't.queued_at desc, t.operation desc' : 'o.queued_at desc, o.id desc';
  const limit = Math.max(0, Math.min(Math.trunc(filter.limit ?? historyDefault) || 0, historyLimit));
  return { text: `select o.body from ${table} ${where} order by ${order} limit ?`, values: [...values, limit] };
}

function conditions(filter: HistoryFilter): { terms: string[]; values: SQLInputValue[] } {
  const values: SQLInputValue[] = [];
  const terms: string[] = [];
  const add = (term: string, ...given: SQLInputValue[]) => {
    terms.push(term);
    values.push(...given);
  };
  const same = (column: string, value: string | undefined) => value !== undefined && add(`${column} = ?`, value);
  const { object, states, since, before, changedSince, after } = filter;
  const [time, id] = object ? ['t.queued_at', 't.operation'] : ['o.queued_at', 'o.id'];
  if (object) {
    add('t.connection = ? and t.kind = ? and t.object = ?', object.connection, object.kind, object.id);
  }
  same('o.connection', filter.connection);
  same('o.action', filter.action);
  same('o.parent', filter.parent);
  same('o.undoes', filter.undoes);
  same('o.run', filter.run);
  same('o.principal', filter.principal);
  same("json_extract(o.body, '$.origin.through')", filter.through);
  same("json_extract(o.body, '$.origin.flow')", filter.flow);
  same("json_extract(o.body, '$.origin.node')", filter.node);
  same("coalesce(json_extract(o.body, '$.mode'), 'run')", filter.mode);
  if (filter.quiet === false) add("json_extract(o.body, '$.quiet') is null");
  if (filter.members === false) add('o.parent is null');
  for (const word of wordsOf(filter.text)) add(`${spoken} like ? escape '\\'`, `%${word}%`);
  if (states) add(`o.state in (${states.map(() => '?').join(', ')})`, ...states);
  if (since !== undefined) add(`${time} >= ?`, since);
  if (before !== undefined) add(`${time} < ?`, before);
  if (changedSince !== undefined) add('(o.ended_at is null or o.ended_at >= ?)', changedSince);
  if (after) add(`(${time}, ${id}) < (?, ?)`, after.queuedAt, after.id);
  return { terms, values };
}

/** Each word as `like` takes it, so that `%` and `_` stand for themselves. */
function wordsOf(text = ''): readonly string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => word.replace(/[\\%_]/g, '\\$&'));
}
