import { words } from '../words.js';
import { activeFilters } from './filters.js';
import { isWaiting } from './states.js';

/**
 * The lines of the list: what is under way, each queued one with its place in the queue of its connection; then the
 * history. The members of a group that was opened stand beneath it.
 * @param {import('./book.js').OperationBook} book
 * @param {OperationFilter} filter
 * @param {{ more(): void, clear(): void }} run
 * @returns {ListEntry[]}
 */
export function entriesOf(book, filter, run) {
  const live = book.wantedLive;
  const places = queuePlaces(book);
  return [
    ...(live.length > 0 ? [heading('live', words('operations.heading.live', { count: live.length }))] : []),
    ...live.flatMap((one) => withMembers(book, one, 1, places)),
    ...(book.past.length > 0 ? [heading('past', words('operations.heading.past'))] : []),
    ...book.past.flatMap((one) => withMembers(book, one, 1, places)),
    ...foot(book, live.length + book.past.length, filter, run),
  ];
}

/**
 * @param {string} key
 * @param {string} text
 * @returns {ListEntry}
 */
function heading(key, text) {
  return { kind: 'heading', key: `heading ${key}`, text };
}

/**
 * @param {import('./book.js').OperationBook} book
 * @param {OperationSummary} operation
 * @param {number} level
 * @param {Map<string, number>} places
 * @returns {ListEntry[]}
 */
function withMembers(book, operation, level, places) {
  const { id, members } = operation;
  const opened = book.members.get(id);
  const isOpen = members === undefined ? undefined : opened !== undefined;
  const place = places.get(id);
  // A member that is found by itself may stand beneath its group as well.
  const key = level === 1 ? id : `${operation.parent} ${id}`;
  const children = [...(opened?.values() ?? [])].sort((a, b) => a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1));
  return [
    { kind: 'operation', key, operation, level, isOpen, place },
    ...children.flatMap((one) => withMembers(book, one, level + 1, places)),
  ];
}

/** @param {import('./book.js').OperationBook} book @returns {Map<string, number>} */
function queuePlaces(book) {
  const places = new Map();
  const last = new Map();
  const waiting = [...book.live.values()].filter((one) => one.state === 'queued' && isWaiting(one));
  for (const { id, target } of waiting.sort((a, b) => a.queuedAt - b.queuedAt)) {
    if (target.kind === 'group') continue;
    const place = (last.get(target.connection) ?? 0) + 1;
    last.set(target.connection, place);
    places.set(id, place);
  }
  return places;
}

/**
 * @param {import('./book.js').OperationBook} book
 * @param {number} count
 * @param {OperationFilter} filter
 * @param {{ more(): void, clear(): void }} run
 * @returns {ListEntry[]}
 */
function foot(book, count, filter, run) {
  const note = (/** @type {string} */ key, /** @type {{ text: string, run(): void } | undefined} */ action) =>
    /** @type {ListEntry} */ ({ kind: 'note', key: `note ${key}`, text: words(`operations.note.${key}`), action });
  if (book.problem) return [note('failed', { text: words('operations.again'), run: run.more })];
  if (book.isLoading || book.hasMore) return [note('loading', undefined)];
  if (book.isFull) return [note('full', undefined)];
  if (count > 0) return [];
  const isFiltered = activeFilters(filter).length > 0;
  return [
    isFiltered ? note('none', { text: words('operations.filter.clear'), run: run.clear }) : note('empty', undefined),
  ];
}
