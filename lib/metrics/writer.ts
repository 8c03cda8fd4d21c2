import type { Sample } from '../model/reading.ts';

/**
 * What became of a write. `bad`: the server understood it and does not take these points; how many, where it says so.
 * `denied`: it takes nothing from us. `away`: no answer, or none that settles it.
 */
export type WriteOutcome =
  | { readonly type: 'written' }
  | { readonly type: 'bad'; readonly reason: string; readonly dropped: number | undefined }
  | { readonly type: 'denied'; readonly reason: string }
  | { readonly type: 'away'; readonly reason: string };

/** The way to one store. */
export interface SampleWriter {
  /** Where it is, for messages. */
  readonly address: string;
  /** Writes samples; none at all asks whether writing would be allowed. */
  write(samples: readonly Sample[], signal: AbortSignal): Promise<WriteOutcome>;
  close(): void;
}
