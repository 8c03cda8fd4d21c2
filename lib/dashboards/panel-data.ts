import { type ErrorRecord, toVirtflowError } from '../model/errors.ts';
import { type Marks, marksOf } from './annotations.ts';
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
  /** What variables are in this copy of a panel that is repeated. */
  readonly scoped?: Readonly<Record<string, string>>;
}

export interface PanelData {
  readonly id: number;
  readonly scoped: Readonly<Record<string, string>>;
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
    const found = asked.flatMap((one) => {
      const panel = known.get(one.id);
      return panel ? [this.#panel(panel, one)] : [];
    });
    return Promise.all(found);
  }

  /** @param names of the annotations that are wanted; those that the file has enabled unless told */
  marks(names?: readonly string[]): Promise<Marks> {
    const intervalMs = intervalFor(this.#range, 500);
    const range = { ...this.#range, intervalMs, variables: this.#values };
    return marksOf(this.#dashboard, names, range, this.#source, this.#options);
  }

  async #panel(panel: Panel, { id, points, scoped = {} }: AskedPanel): Promise<PanelData> {
    const values = { ...this.#values, ...scoped };
    const { to } = this.#range;
    const back = durationMs(panel.timeFrom);
    const range = back === undefined ? this.#range : { from: to - back, to };
    const intervalMs = intervalFor(range, Math.min(points, panel.maxDataPoints ?? points), atLeast(panel, values));
    const about = { id, scoped, ...range, intervalMs };
    const asked = { ...range, intervalMs, variables: values };
    try {
      const targets = (panel.targets ?? []).filter(({ hide }) => hide !== true);
      const frames = await Promise.all(targets.map((target) => this.#frames(target, asked)));
      const made = transform(frames.flat(), panel.transformations ?? []);
      return { ...about, frames: shown(made, panel), error: null };
    } catch (thrown) {
      this.#options.signal?.throwIfAborted();
      return { ...about, frames: [], error: toVirtflowError(thrown).toJSON() };
    }
  }

  async #frames(target: Target, range: FigureRange) {
    const { refId, hide, resultFormat, ...query } = target;
    const key = JSON.stringify([query, range]);
    const answer = this.#asked.get(key) ?? this.#source.query(query, range, this.#options);
    this.#asked.set(key, answer);
    return framesOf(target, (await answer).frames);
  }
}

/** A panel's interval may name a variable. */
function atLeast({ interval }: Panel, values: VariableValues): number | undefined {
  const named = /^\$\{?(\w+)\}?$/.exec(interval ?? '')?.[1];
  const value = named === undefined ? interval : values[named];
  return typeof value === 'string' ? durationMs(value) : undefined;
}
