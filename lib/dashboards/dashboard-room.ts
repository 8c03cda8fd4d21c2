import { join } from 'node:path';
import type { Unsubscribe } from '../model/feed.ts';
import { Dashboards } from './dashboards.ts';
import type { FigureOptions, FigureRange, FigureSource } from './figure-source.ts';

/** Where the files that come with virtflow stand, in the source and in what is built of it. */
const shipped = join(import.meta.dirname, '..', '..', 'dashboards');

/** Tells that there is something new; what it is, whoever hears of it asks for. */
export interface Tidings {
  subscribe(listener: () => void): Unsubscribe;
}

/** What dashboards need of the metrics. */
export interface DashboardMetrics {
  readonly samples: Tidings;
  readonly store: Pick<FigureSource, 'tagValues'>;
  query: FigureSource['query'];
}

/** The dashboards there are, and where their figures come from. */
export class DashboardRoom {
  readonly files: Dashboards;
  readonly figures: FigureSource;
  /** Told when there are new figures. */
  readonly stored: Tidings;

  constructor(dataDirectory: string, metrics: DashboardMetrics) {
    this.files = new Dashboards(shipped, join(dataDirectory, 'dashboards'));
    this.stored = metrics.samples;
    this.figures = {
      query: (query: unknown, range: FigureRange, options: FigureOptions) => metrics.query(query, range, options),
      tagValues: (measurement, tag, options) => metrics.store.tagValues(measurement, tag, options),
    };
  }
}
