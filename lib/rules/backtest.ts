import type { Alert } from './alert.ts';
import { type Firing, type FiringsApart, firingsApart, firingsOf } from './firings.ts';
import { type HistorySource, momentOf, pastOf, type Range } from './past.ts';
import { type IsTarget, Replay } from './replay.ts';
import type { Rule } from './rule.ts';

export interface Backtest {
  /** `to` is earlier than was asked for when time ran out. */
  readonly range: Range;
  readonly rule: string;
  readonly samples: number;
  readonly objects: number;
  readonly tookMs: number;
  readonly firings: readonly Firing[];
  readonly transitions: readonly Alert[];
  /** Transitions that were too many to be kept; firings that come of them are missing. */
  readonly more: number;
  /** How many objects could not be judged for want of history at the end. */
  readonly learning: number;
}

export interface Tested {
  readonly rule: Rule;
  /** The rules that a composite stands on. */
  readonly members?: readonly Rule[];
  readonly isTarget?: IsTarget;
}

export interface BacktestOptions extends Range {
  readonly signal?: AbortSignal;
  /** Told how much of the range is done, from 0 to 1. */
  readonly progress?: (ratio: number) => void;
  /** After so long it ends where it is. */
  readonly limitMs?: number;
}

/** A draft and today's rule over the same past. */
export interface Comparison {
  readonly draft: Backtest;
  readonly today: Backtest | null;
  readonly apart: FiringsApart | null;
}

/** So much is judged before others have a turn. */
const atOnce = 2_000;

/**
 * Judges the past by a rule, with the code that judges the present. What lies before the range, as far as the rule needs
 * it, is looked at too, and not told. @throws RULE_INVALID and what the source throws
 */
export async function backtest(source: HistorySource, request: Tested & BacktestOptions): Promise<Backtest> {
  const { draft } = await compare(source, request, undefined, request);
  return draft;
}

/** The same for two rules, with one look at the past. @throws RULE_INVALID and what the source throws */
export async function compare(
  source: HistorySource,
  draft: Tested,
  today: Tested | undefined,
  options: BacktestOptions,
): Promise<Comparison> {
  const began = performance.now();
  const own = replayOf(draft);
  const other = today && replayOf(today);
  const to = await run(source, other ? [own, other] : [own], options);
  const about = { range: { from: options.from, to }, tookMs: performance.now() - began };
  const result = resultOf(draft.rule, own, about);
  if (!today || !other) return { draft: result, today: null, apart: null };
  const before = resultOf(today.rule, other, about);
  return { draft: result, today: before, apart: firingsApart(before.firings, result.firings) };
}

function replayOf({ rule, members = [], isTarget }: Tested): Replay {
  return new Replay(rule, members, isTarget);
}

/** Answers how far it came. */
async function run(source: HistorySource, replays: readonly Replay[], options: BacktestOptions): Promise<number> {
  const { from, to, signal, progress, limitMs = Number.POSITIVE_INFINITY } = options;
  const deadline = performance.now() + limitMs;
  const request = pastOf(
    replays.flatMap(({ rules }) => rules),
    { from, to },
  );
  let reached = request.from;
  for await (const batch of source.read({ ...request, ...(signal && { signal }) })) {
    for (let index = 0; index < batch.length; index += atOnce) {
      signal?.throwIfAborted();
      const part = batch.slice(index, index + atOnce);
      for (const replay of replays) replay.take(part, to);
      const last = part.at(-1);
      if (last) reached = Math.max(reached, momentOf(last));
      progress?.((reached - request.from) / (to - request.from));
      await new Promise(setImmediate);
    }
    if (performance.now() > deadline) return end(replays, Math.max(from, reached));
  }
  return end(replays, to);
}

function end(replays: readonly Replay[], to: number): number {
  for (const replay of replays) replay.end(to);
  return to;
}

function resultOf(rule: Rule, replay: Replay, about: Pick<Backtest, 'range' | 'tookMs'>): Backtest {
  const { range } = about;
  const statuses = replay.statuses();
  return {
    ...about,
    rule: rule.id,
    samples: replay.samples,
    objects: statuses.length,
    firings: firingsOf(replay.alerts, range.from),
    transitions: replay.alerts.filter(({ at }) => at >= range.from),
    more: replay.more,
    learning: statuses.filter((status) => status === 'learning').length,
  };
}
