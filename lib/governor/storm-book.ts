import { durationMs } from './duration.ts';
import type { Ask, Finding, RuleBook, Step, Usage } from './rule-book.ts';
import type { StormRule } from './rules.ts';
import { binds, counts, scopeKey } from './use.ts';

/** What one source has submitted lately; no more of it than is needed to see a storm. */
interface Source {
  readonly submissions: Map<string, number>;
  /** Until when it has to stay calm; a submission too many puts that off. */
  until: number;
}

/** Too many submissions in a short time: then none until it was calm. A group is one submission. */
export class StormBook implements RuleBook {
  readonly rule: StormRule;
  readonly #windowMs: number;
  readonly #calmForMs: number;
  readonly #sources = new Map<string, Source>();
  readonly #changed: (scope: string, until: number) => void;

  /** @param changed hears until when a storm lasts, to keep it */
  constructor(rule: StormRule, changed: (scope: string, until: number) => void) {
    this.rule = rule;
    this.#changed = changed;
    this.#windowMs = durationMs(rule.window);
    this.#calmForMs = durationMs(rule.calmFor);
  }

  /** Takes up what was kept. */
  restore(scope: string, until: number): void {
    this.#source(scope).until = until;
  }

  judge({ use, moment, now }: Ask): Finding | undefined {
    const { rule } = this;
    const scope = scopeKey(rule.per, use);
    // What was taken before the storm goes on.
    if (moment !== 'asked' || scope === null || !binds(rule, use)) return undefined;
    const source = this.#sources.get(scope);
    if (!source || now >= source.until) return undefined;
    const used = source.submissions.size;
    return {
      rule,
      code: 'GOVERNOR_STORM',
      outcome: 'refuse',
      scope,
      used,
      limit: rule.submissions,
      freesAt: source.until,
    };
  }

  note({ type, use, at }: Step): void {
    const scope = scopeKey(this.rule.per, use);
    if (type !== 'submitted' || scope === null || !counts(this.rule, use)) return;
    const source = this.#source(scope);
    const { submissions } = source;
    if (submissions.has(use.submission)) return;
    submissions.set(use.submission, at);
    forget(submissions, at - this.#windowMs, this.rule.submissions + 1);
    if (submissions.size <= this.rule.submissions) return;
    source.until = at + this.#calmForMs;
    this.#changed(scope, source.until);
  }

  usage(now: number): readonly Usage[] {
    return [...this.#sources].flatMap(([scope, { submissions, until }]) => {
      forget(submissions, now - this.#windowMs, Number.POSITIVE_INFINITY);
      const stops = now < until;
      if (submissions.size === 0 && !stops) this.#sources.delete(scope);
      const usage = {
        scope,
        used: submissions.size,
        limit: this.rule.submissions,
        freesAt: stops ? until : null,
        stops,
      };
      return this.#sources.has(scope) ? [usage] : [];
    });
  }

  #source(scope: string): Source {
    const known = this.#sources.get(scope);
    if (known) return known;
    const made = { submissions: new Map<string, number>(), until: Number.NEGATIVE_INFINITY };
    this.#sources.set(scope, made);
    return made;
  }
}

/** Drops what came before a time, and the oldest of what are too many. */
function forget(submissions: Map<string, number>, before: number, most: number): void {
  for (const [submission, at] of submissions) {
    if (at > before && submissions.size <= most) return;
    submissions.delete(submission);
  }
}
