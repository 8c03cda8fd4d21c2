import { type ErrorRecord, toVirtflowError } from '../model/errors.ts';
import { type Mark, marksOf } from './annotations.ts';
import { type ShownFrame, shown } from './field-config.ts';
import type { FigureOptions, FigureRange, FigureSource, VariableValues } from './figure-source.ts';
import { type Dashboard, type Panel, panelsOf, type Target } from './model.ts';
import { framesOf } from './target-frames.ts';
import { durationMs, intervalFor, type Range } from './time.ts';
import { transform } from './transform.ts';

/** A panel that is asked for, and how many points it has room for. */
export interface AskedPanel {
  readonly id: number;
  readonly points: number;
}

export interface PanelData {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly intervalMs: number;
  readonly frames: readonly ShownFrame[];
  /** What kept one of its queries from being answered. */
  readonly error: ErrorRecord | null;
}

/** Figures for panels of one dashboard, in one range. */
export class PanelReader {
  readonly #dashboard: Dashboard;
  readonly #range: Range;
  readonly #values: VariableValues;
  readonly #source: FigureSource;
  readonly #options: FigureOptions;
  /** Panels often ask the same; each question is asked once. */
  readonly #asked = new Map<string, ReturnType<FigureSource['query']>>();

  constructor(
    dashboard: Dashboard,
    range: Range,
    values: VariableValues,
    source: FigureSource,
    options: FigureOptions,
  ) {
    this.#dashboard = dashboard;
    this.#range = range;
    this.#values = values;
    this.#source = source;
    this.#options = options;
  }

  /** Those panels that there are; a query that fails is told with its panel, and keeps nothing from the others. */
  async panels(asked: readonly AskedPanel[]): Promise<readonly PanelData[]> {
    const known = new Map(panelsOf(this.#dashboard).map((panel) => [panel.id, panel]));
    const found = asked.flatMap(({ id, points }) => {
      const panel = known.get(id);
      return panel ? [this.#panel(panel, id, points)] : [];
    });
    return Promise.all(found);
  }

  marks(): Promise<readonly Mark[]> {
    const intervalMs = intervalFor(this.#range, 500);
    return marksOf(this.#dashboard, this.#rangeOf(this.#range, intervalMs), this.#source, this.#options);
  }

  async #panel(panel: Panel, id: number, points: number): Promise<PanelData> {
    const { to } = this.#range;
    const back = durationMs(panel.timeFrom);
    const range = back === undefined ? this.#range : { from: to - back, to };
    const intervalMs = intervalFor(range, Math.min(points, panel.maxDataPoints ?? points), this.#atLeast(panel));
    const about = { id, ...range, intervalMs };
    try {
      const targets = (panel.targets ?? []).filter(({ hide }) => hide !== true);
      const frames = await Promise.all(targets.map((target) => this.#frames(target, range, intervalMs)));
      const made = transform(frames.flat(), panel.transformations ?? []);
      return { ...about, frames: shown(made, panel), error: null };
    } catch (thrown) {
      this.#options.signal?.throwIfAborted();
      return { ...about, frames: [], error: toVirtflowError(thrown).toJSON() };
    }
  }

  /** A panel's interval may name a variable. */
  #atLeast({ interval }: Panel): number | undefined {
    const named = /^\$\{?(\w+)\}?$/.exec(interval ?? '')?.[1];
    const value = named === undefined ? interval : this.#values[named];
    return typeof value === 'string' ? durationMs(value) : undefined;
  }

  async #frames(target: Target, range: Range, intervalMs: number) {
    const { refId, hide, resultFormat, ...query } = target;
    const key = JSON.stringify([query, range, intervalMs]);
    const answer = this.#asked.get(key) ?? this.#source.query(query, this.#rangeOf(range, intervalMs), this.#options);
    this.#asked.set(key, answer);
    return framesOf(target, (await answer).frames);
  }

  #rangeOf(range: Range, intervalMs: number): FigureRange {
    return { ...range, intervalMs, variables: this.#values };
  }
}
