import type { DomainHandle, ParameterType } from './layout.ts';

/** Groups of statistics, as bits (virDomainStatsTypes). All together are what a 0 asks for. */
export const StatisticsGroup = {
  state: 1,
  cpu: 2,
  balloon: 4,
  vcpu: 8,
  interface: 16,
  block: 32,
  perf: 64,
  iothread: 128,
  memory: 256,
  dirtyRate: 512,
  vm: 1024,
} as const;

/** Which domains to ask, and how, as bits (virConnectGetAllDomainStatsFlags). */
export const StatisticsFlag = {
  active: 1,
  inactive: 2,
  persistent: 4,
  transient: 8,
  running: 16,
  paused: 32,
  shutoff: 64,
  other: 128,
  /** Leaves out, without waiting, what a domain under another job could not tell. */
  noWait: 1 << 29,
  backing: 1 << 30,
} as const;

export type StatisticsValue = number | boolean | string;

/** The keys of a record, in their order: many domains share one. */
export class StatisticsLayout {
  readonly keys: readonly string[];
  readonly types: readonly ParameterType[];
  readonly #columns = new Map<string, number>();

  constructor(keys: readonly string[], types: readonly ParameterType[]) {
    this.keys = keys;
    this.types = types;
    keys.forEach((key, column) => {
      this.#columns.set(key, column);
    });
  }

  /** Where a key's value stands in a record of this layout. */
  column(key: string): number | undefined {
    return this.#columns.get(key);
  }
}

/** One domain's statistics. It is a view: making it costs next to nothing. */
export class StatisticsRecord {
  readonly domain: DomainHandle;
  readonly layout: StatisticsLayout;
  /** A number for each key; a text's is its place in `texts`, a boolean's is 1 or 0. */
  readonly values: Float64Array;
  readonly #texts: readonly string[];

  constructor(domain: DomainHandle, layout: StatisticsLayout, values: Float64Array, texts: readonly string[]) {
    this.domain = domain;
    this.layout = layout;
    this.values = values;
    this.#texts = texts;
  }

  /** The value of a dotted key such as `block.0.rd.bytes`; undefined when the hypervisor did not tell it. */
  get(key: string): StatisticsValue | undefined {
    const column = this.layout.column(key);
    return column === undefined ? undefined : this.#at(column);
  }

  /** The value of a key that holds a number. */
  number(key: string): number | undefined {
    const value = this.get(key);
    return typeof value === 'number' ? value : undefined;
  }

  /** The value of a key that holds a text. */
  text(key: string): string | undefined {
    const value = this.get(key);
    return typeof value === 'string' ? value : undefined;
  }

  /** All keys and values. */
  *entries(): Generator<[string, StatisticsValue], void, undefined> {
    for (const [column, key] of this.layout.keys.entries()) yield [key, this.#at(column)];
  }

  toObject(): Record<string, StatisticsValue> {
    return Object.fromEntries(this.entries());
  }

  #at(column: number): StatisticsValue {
    const value = this.values[column] ?? 0;
    const type = this.layout.types[column];
    if (type === 'str') return this.#texts[value] ?? '';
    return type === 'bool' ? value !== 0 : value;
  }
}

/** What CONNECT_GET_ALL_DOMAIN_STATS answered: a row for each domain, all values in one array. */
export class Statistics implements Iterable<StatisticsRecord> {
  readonly domains: readonly DomainHandle[];
  readonly layouts: readonly StatisticsLayout[];
  /** Where each row starts in `values`. */
  readonly starts: readonly number[];
  readonly values: Float64Array;
  readonly texts: readonly string[];

  constructor(
    domains: readonly DomainHandle[],
    layouts: readonly StatisticsLayout[],
    starts: readonly number[],
    values: Float64Array,
    texts: readonly string[],
  ) {
    this.domains = domains;
    this.layouts = layouts;
    this.starts = starts;
    this.values = values;
    this.texts = texts;
  }

  get length(): number {
    return this.domains.length;
  }

  record(row: number): StatisticsRecord | undefined {
    const [domain, layout, start] = [this.domains[row], this.layouts[row], this.starts[row]];
    if (!domain || !layout || start === undefined) return undefined;
    const values = this.values.subarray(start, start + layout.keys.length);
    return new StatisticsRecord(domain, layout, values, this.texts);
  }

  *[Symbol.iterator](): Generator<StatisticsRecord, void, undefined> {
    for (let row = 0; row < this.length; row += 1) yield this.record(row) as StatisticsRecord;
  }
}
