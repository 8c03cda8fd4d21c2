/** One series of an answer: all that has the same values of the tags that are grouped by. */
export interface FigureFrame {
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly times: readonly number[];
  readonly columns: readonly {
    readonly column: string;
    /** What people read in a legend. */
    readonly name: string;
    readonly values: readonly (number | null)[];
  }[];
}

export type VariableValues = Readonly<Record<string, string | readonly string[] | { readonly regex: string }>>;

export interface FigureRange {
  readonly from: number;
  readonly to: number;
  /** What `$__interval` stands for. */
  readonly intervalMs: number;
  readonly variables?: VariableValues;
}

export type SeesTags = (tags: Readonly<Record<string, string>>) => boolean;

export interface FigureOptions {
  readonly signal?: AbortSignal;
  /** Leaves out what whoever asks may not see. */
  readonly sees?: SeesTags;
}

/** Where figures come from, whichever store keeps them. */
export interface FigureSource {
  /** @param query as Grafana's query builder for InfluxQL stores it in a panel */
  query(
    query: unknown,
    range: FigureRange,
    options: FigureOptions,
  ): Promise<{ readonly frames: readonly FigureFrame[] }>;
  tagValues(measurement: string, tag: string, options: FigureOptions): Promise<readonly string[]>;
}
