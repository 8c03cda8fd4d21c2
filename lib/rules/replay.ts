import { powerOfNumber } from '../model/objects.ts';
import type { Sample } from '../model/reading.ts';
import { formatRef, type ObjectRef } from '../model/reference.ts';
import { type Alert, alertOf } from './alert.ts';
import { goneAfterEvaluations } from './judge.ts';
import { membersIn } from './kinds/composite.ts';
import { momentOf, type Recorded } from './past.ts';
import { judgedBy, type Rule } from './rule.ts';
import { type Held, RuleRuns } from './runs.ts';
import { subjectOf, subjectOfObject } from './tracked.ts';

/** Whether a rule that names targets counts for an object. */
export type IsTarget = (rule: string, object: ObjectRef | null) => boolean;

/** So many transitions are kept, the first ones; the rest is counted. */
const mostAlerts = 50_000;

/** A rule and those that it stands on over recorded things, in memory alone. */
export class Replay {
  /** What the rule itself told. */
  readonly alerts: Alert[] = [];
  /** The members first. */
  readonly rules: readonly Rule[];
  samples = 0;
  /** Transitions that were too many to be kept. */
  more = 0;
  readonly #rule: Rule;
  readonly #runs: RuleRuns;
  readonly #held: readonly Held[];

  /** @throws RULE_INVALID */
  constructor(rule: Rule, members: readonly Rule[], isTarget: IsTarget = () => true) {
    this.#rule = rule;
    this.#runs = new RuleRuns(isTarget);
    this.rules = withMembers(rule, members);
    this.#held = this.rules.map((one) => this.#runs.add(judgedBy(one)));
  }

  take(batch: readonly Recorded[], now: number): void {
    for (const recorded of batch) {
      this.samples += 1;
      for (const held of this.#held) this.#takeUnder(held, recorded, Math.min(now, momentOf(recorded)));
      this.#collect();
    }
  }

  #takeUnder(held: Held, recorded: Recorded, now: number): void {
    if ('event' in recorded) {
      const { event } = recorded;
      this.#runs.event(held, event, now);
      if (event.type === 'vm.undefined') this.#end(held, event.object, now);
    } else if (held.judged.rule.kind === 'state') this.#stands(held, recorded.sample, now);
    else this.#runs.sample(held, recorded.sample, now);
  }

  /** A state is kept as a figure among others. */
  #stands(held: Held, sample: Sample, now: number): void {
    const { object, name } = subjectOf(sample);
    const state = powerOfNumber(sample.fields.state ?? Number.NaN);
    if (object?.kind !== 'vm' || state === undefined) return;
    this.#runs.tell(held, subjectOfObject(object, name), { type: 'state', at: sample.at, state }, now);
  }

  /** It is looked for as often as it takes until nobody looks any more. */
  #end(held: Held, object: ObjectRef, now: number): void {
    const tracked = held.tracked.get(formatRef(object));
    for (let looks = 0; tracked && looks < goneAfterEvaluations; looks += 1) this.#runs.miss(held, tracked, now);
  }

  end(now: number): void {
    this.#runs.pass(now);
    this.#collect();
  }

  /** How each object stands under the rule. */
  statuses(): readonly string[] {
    return [...(this.#runs.get(this.#rule.id)?.tracked.values() ?? [])].map(({ state }) => state.status);
  }

  #collect(): void {
    if (!this.#runs.hasChanges) return;
    for (const { held, tracked, transitions } of this.#runs.takeChanges()) {
      if (held.judged.rule.id !== this.#rule.id) continue;
      for (const transition of transitions) {
        if (this.alerts.length < mostAlerts) this.alerts.push(alertOf(held, tracked.subject, transition));
        else this.more += 1;
      }
    }
  }
}

/** A rule after the members of a composite and theirs, the deepest first. */
export function withMembers(rule: Rule, others: readonly Rule[], above: readonly string[] = []): readonly Rule[] {
  if (rule.kind !== 'composite') return [rule];
  const found = membersIn(rule.condition).flatMap((id) => {
    const member = others.find((one) => one.id === id);
    return member && !above.includes(id) ? withMembers(member, others, [...above, id]) : [];
  });
  return [...new Set(found), rule];
}
