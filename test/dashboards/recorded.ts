import type { FigureFrame, FigureOptions, FigureRange, FigureSource } from '../../lib/dashboards/figure-source.ts';

export interface RecordedSeries {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A question that was asked. */
export interface AskedQuery {
  readonly query: unknown;
  readonly range: FigureRange;
}

/** Answers as a store does, with figures that follow from series, field and time alone. */
export class RecordedFigures implements FigureSource {
  readonly asked: AskedQuery[] = [];
  readonly #series: readonly RecordedSeries[];

  constructor(series: readonly RecordedSeries[]) {
    this.#series = series;
  }

  async query(query: unknown, range: FigureRange, { sees }: FigureOptions) {
    this.asked.push({ query, range });
    const {
      measurement = '',
      select = [],
      groupBy = [],
    } = query as Partial<{
      measurement: string;
      select: { type: string; params?: unknown[] }[][];
      groupBy: { type: string; params?: unknown[] }[];
    }>;
    const tags = groupBy.filter(({ type }) => type === 'tag').map(({ params = [] }) => String(params[0]));
    const isTimed = groupBy.some(({ type }) => type === 'time');
    const times = isTimed ? timesIn(range) : [range.from];
    const groups = new Map<string, Readonly<Record<string, string>>>();
    for (const series of this.#series) {
      if (series.measurement !== measurement || sees?.(series.tags) === false) continue;
      const own = Object.fromEntries(tags.map((tag) => [tag, series.tags[tag] ?? '']));
      groups.set(JSON.stringify(own), own);
    }
    const columns = select.map((parts, index) => ({
      column: String(
        parts.find(({ type }) => type === 'alias')?.params?.[0] ?? parts[1]?.type ?? parts[0]?.params?.[0],
      ),
      field: String(parts[0]?.params?.[0]),
      index,
    }));
    const frames = [...groups].map(
      ([key, own]): FigureFrame => ({
        tags: own,
        times,
        columns: columns.map(({ column, field }) => ({
          column,
          name: Object.values(own)[0] ?? column,
          values: times.map((at) => figureAt(`${key}${field}`, field, at)),
        })),
      }),
    );
    return { frames };
  }

  async tagValues(measurement: string, tag: string, { sees }: FigureOptions): Promise<readonly string[]> {
    const own = this.#series.filter((one) => one.measurement === measurement && sees?.(one.tags) !== false);
    return [...new Set(own.map(({ tags }) => tags[tag] ?? ''))].filter((value) => value !== '').sort();
  }
}

function timesIn({ from, to, intervalMs }: FigureRange): number[] {
  const first = from - (from % intervalMs);
  return Array.from({ length: Math.floor((to - first) / intervalMs) + 1 }, (_, index) => first + index * intervalMs);
}

function figureAt(key: string, field: string, at: number): number {
  const phase = [...key].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 1_000, 7) / 1_000;
  const share = 0.5 + 0.3 * Math.sin(at / 5e6 + phase * 6.28) + 0.1 * Math.sin(at / 9e5 + phase * 20);
  if (field === 'state') return 1;
  if (field.endsWith('_ratio')) return share;
  return field.includes('bytes') ? share * 8e9 : share * 10;
}

/** The series of a small house. */
export function aHouseOfSeries(hosts = 2, vmsEach = 3): RecordedSeries[] {
  const made: RecordedSeries[] = [{ measurement: 'pool', tags: { connection: 'lab', id: 'lab', name: 'lab' } }];
  for (let h = 1; h <= hosts; h++) {
    const host = `host-${h}`;
    made.push({ measurement: 'host', tags: { connection: 'lab', host, id: host, name: host } });
    made.push({ measurement: 'storage_pool', tags: { connection: 'lab', id: `pool-${h}`, name: `pool-${h}` } });
    for (let v = 1; v <= vmsEach; v++) {
      const [id, name] = [`vm-${h}-${v}`, `web-${h}-${v}`];
      const tags = { connection: 'lab', host, id, name };
      made.push({ measurement: 'vm', tags });
      made.push({ measurement: 'vm_disk', tags: { ...tags, disk: 'vda' } });
      made.push({ measurement: 'vm_nic', tags: { ...tags, mac: '52:54:00:00:00:01' } });
    }
  }
  return made;
}
