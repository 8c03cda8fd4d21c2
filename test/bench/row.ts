import type { Facility } from '../lab/packages.ts';
import type { Figure } from './figures.ts';

export interface RowOptions {
  readonly rounds: number;
  /** How long a row that watches something over time does so. */
  readonly minutes: number;
  /** Of how many days the figures are that a row keeps in stores. */
  readonly days: number;
  /** Sees what is being done. */
  readonly log: (line: string) => void;
}

/** A part of the report. It brings up what it measures and takes it down again. */
export interface Row {
  /** For `--only`. */
  readonly id: string;
  readonly title: string;
  /** What of the lab it needs. */
  readonly needs: readonly Facility[];
  /** What a reader must know to judge the figures. */
  readonly notes: readonly string[];
  measure(options: RowOptions): Promise<readonly Figure[]>;
}
