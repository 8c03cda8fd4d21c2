import { isWanted, queryOf } from './filters.js';
import { problemFrom, rest } from './rest.js';
import { slim } from './slim.js';
import { hasEnded, liveStates, pastStates } from './states.js';

const pageSize = 200;
/** So many are kept of the history; whoever looks further back narrows the filter. */
export const keptAtMost = 50_000;
const livesAtMost = 1000;

/**
 * What is known of operations: those that are under way, whatever the filter says, and of the history the pages that
 * were read. What is heard is put where it belongs.
 */
export class OperationBook {
  /** @type {Map<string, OperationSummary>} */
  live = new Map();
  /** Newest first. @type {OperationSummary[]} */
  past = [];
  /** The members of groups that were opened. @type {Map<string, Map<string, OperationSummary>>} */
  members = new Map();
  /** @type {RestProblem | undefined} */
  problem;
  isLoading = false;
  /** By an object only REST can choose: those under way that touch it. @type {Set<string> | undefined} */
  touching;
  /** @type {string | null} */
  #next = null;
  #round = 0;
  /** @type {Set<string>} */
  #known = new Set();
  #changed;
  #view;

  /**
   * @param {() => { filter: OperationFilter, place: CanvasPlace, me: string }} view
   * @param {() => void} changed
   */
  constructor(view, changed) {
    this.#view = view;
    this.#changed = changed;
  }

  /** Whether the history goes on behind what was read. */
  get hasMore() {
    return this.#next !== null && this.past.length < keptAtMost;
  }

  get isFull() {
    return this.#next !== null && this.past.length >= keptAtMost;
  }

  /** Those under way that the filter lets through, oldest first. */
  get wantedLive() {
    const { filter, place, me } = this.#view();
    const all = [...this.live.values()].filter((one) => isWanted(filter, one, place, me));
    const found = filter.object ? all.filter(({ id }) => this.touching?.has(id)) : all;
    return found.sort((a, b) => a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1));
  }

  /** Reads all anew; what is heard meanwhile is newer than what comes. */
  async reload() {
    this.#round += 1;
    const round = this.#round;
    this.isLoading = true;
    this.problem = undefined;
    this.#changed();
    try {
      const since = Date.now();
      const [live, touching, page] = await Promise.all([this.#readLive(), this.#readTouching(), this.#readPage(null)]);
      if (round !== this.#round) return;
      this.#take(live, touching, page, since);
    } catch (thrown) {
      if (round !== this.#round) return;
      this.problem = problemFrom(thrown);
    }
    this.isLoading = false;
    this.#changed();
  }

  /** The next page of the history. */
  async more() {
    if (this.isLoading || !this.hasMore) return;
    const round = this.#round;
    this.isLoading = true;
    try {
      const page = await this.#readPage(this.#next);
      if (round !== this.#round) return;
      this.#append(page);
      this.problem = undefined;
    } catch (thrown) {
      if (round !== this.#round) return;
      this.problem = problemFrom(thrown);
    }
    this.isLoading = false;
    this.#changed();
  }

  /** Puts what was just heard of an operation where it belongs. @param {OperationSummary} told */
  hear(told) {
    const operation = slim(told);
    const group = operation.parent === undefined ? undefined : this.members.get(operation.parent);
    group?.set(operation.id, operation);
    if (hasEnded(operation)) this.#ended(operation);
    else if (!this.#known.has(operation.id)) this.live.set(operation.id, operation);
    this.#changed();
  }

  /** @param {string} group */
  async openGroup(group) {
    /** @type {Map<string, OperationSummary>} */
    const found = this.members.get(group) ?? new Map();
    this.members.set(group, found);
    let cursor = '';
    do {
      const query = new URLSearchParams({ parent: group, limit: '1000', ...(cursor ? { cursor } : {}) });
      const page = /** @type {OperationPage} */ (await rest('GET', `/operations?${query}`));
      for (const one of page.items) if (!isOlder(one, found.get(one.id))) found.set(one.id, slim(one));
      cursor = page.next ?? '';
    } while (cursor !== '');
    this.#changed();
  }

  /** @param {string} group */
  closeGroup(group) {
    this.members.delete(group);
    this.#changed();
  }

  /** @param {string} id */
  find(id) {
    return this.live.get(id) ?? this.past.find((one) => one.id === id) ?? this.#member(id);
  }

  /** @param {string} id */
  #member(id) {
    for (const group of this.members.values()) {
      const found = group.get(id);
      if (found) return found;
    }
    return undefined;
  }

  /** @param {OperationSummary} operation */
  #ended(operation) {
    this.live.delete(operation.id);
    const { filter, place, me } = this.#view();
    const at = this.#known.has(operation.id) ? this.past.findIndex(({ id }) => id === operation.id) : -1;
    if (at >= 0) this.past[at] = operation;
    else if (isWanted(filter, operation, place, me) && this.#isTouching(operation)) this.#insert(operation);
  }

  /** @param {OperationSummary} operation */
  #isTouching({ id }) {
    return this.#view().filter.object === null || this.touching?.has(id) === true;
  }

  /** What belongs behind the pages that were read comes with its page. @param {OperationSummary} operation */
  #insert(operation) {
    const at = this.past.findIndex((one) => isBehind(one, operation));
    if (at < 0 && this.#next !== null) return;
    this.past.splice(at < 0 ? this.past.length : at, 0, operation);
    this.#known.add(operation.id);
  }

  /**
   * @param {OperationPage} live
   * @param {Set<string> | undefined} touching
   * @param {OperationPage} page
   * @param {number} since
   */
  #take(live, touching, page, since) {
    const heard = [...this.live.values()].filter(({ queuedAt }) => queuedAt >= since - 1000);
    this.live = new Map([...live.items.map(slim), ...heard].map((one) => [one.id, one]));
    this.touching = touching;
    this.past = [];
    this.#known = new Set();
    this.#append(page);
    for (const { id } of this.past) this.live.delete(id);
  }

  /** @param {OperationPage} page */
  #append({ items, next }) {
    for (const one of items) {
      if (this.#known.has(one.id)) continue;
      this.#known.add(one.id);
      this.past.push(slim(one));
    }
    this.#next = next;
  }

  async #readLive() {
    const query = new URLSearchParams({ state: liveStates.join(','), limit: String(livesAtMost) });
    return /** @type {OperationPage} */ (await rest('GET', `/operations?${query}`));
  }

  async #readTouching() {
    const { filter, place, me } = this.#view();
    const query = filter.object && queryOf(filter, liveStates, place, me);
    if (!query) return undefined;
    query.set('limit', String(livesAtMost));
    const page = /** @type {OperationPage} */ (await rest('GET', `/operations?${query}`));
    return new Set(page.items.map(({ id }) => id));
  }

  /** @param {string | null} cursor @returns {Promise<OperationPage>} */
  async #readPage(cursor) {
    const { filter, place, me } = this.#view();
    const query = queryOf(filter, pastStates, place, me);
    if (!query) return { items: [], next: null };
    query.set('limit', String(pageSize));
    if (cursor !== null) query.set('cursor', cursor);
    return /** @type {OperationPage} */ (await rest('GET', `/operations?${query}`));
  }
}

/**
 * Whether one stands behind another in a list that has the newest first.
 * @param {OperationSummary} one
 * @param {OperationSummary} other
 */
function isBehind(one, other) {
  return one.queuedAt < other.queuedAt || (one.queuedAt === other.queuedAt && one.id < other.id);
}

/**
 * Whether what was read is older than what was heard meanwhile.
 * @param {OperationSummary} read
 * @param {OperationSummary | undefined} heard
 */
function isOlder(read, heard) {
  return heard !== undefined && (hasEnded(heard) || read.progress < heard.progress);
}
