import assert from 'node:assert/strict';
import { parseRule, type Severity, type ThresholdRule } from '../../lib/rules/rule.ts';
import { isObjectState, resume } from '../../lib/rules/state.ts';
import type { Transition } from '../../lib/rules/threshold.ts';
import { seeded } from '../seeded.ts';
import { brief, judge, rule, type Step } from './series.ts';

const cases = 1_000;

interface Case {
  readonly rule: ThresholdRule;
  readonly steps: readonly Step[];
}

/** Random rules on random series: walks, gaps, and objects that go away and come back. */
function randomCase(seed: number): Case {
  const random = seeded(seed);
  const pick = <T>(...choices: readonly [T, ...T[]]): T => choices[Math.floor(random() * choices.length)] ?? choices[0];
  const direction = pick('above', 'below');
  const sign = direction === 'above' ? 1 : -1;
  const severities = pick<readonly Severity[]>(['warning'], ['warning', 'critical'], ['info', 'warning', 'critical']);
  const levels = severities.map((severity, index) => ({
    severity,
    threshold: sign * (60 + index * 15),
    ...(random() < 0.5 && { clear: sign * (55 + index * 10) }),
  }));
  const m = pick(1, 1, 3, 5);
  const judged = rule({
    direction,
    levels,
    forSeconds: pick(0, 0, 15, 30, 60),
    keepFiringForSeconds: pick(0, 0, 20, 45),
    hits: { n: 1 + Math.floor(random() * m), m },
    ...(random() < 0.5 && { noDataAfterSeconds: pick(25, 60) }),
  });
  return { rule: parseRule(judged), steps: randomSteps(random, sign) };
}

function randomSteps(random: () => number, sign: number): Step[] {
  const steps: Step[] = [];
  let at = 0;
  let value = 50;
  for (let step = 0; step < 80; step += 1) {
    at += random() < 0.05 ? 30 + Math.floor(random() * 60) : 10;
    value = Math.min(110, Math.max(0, value + (random() - 0.5) * 50));
    const chance = random();
    if (chance < 0.03) steps.push([at, 'missing']);
    else if (chance < 0.06) steps.push([at, 'missing'], [at + 1, 'missing']);
    else if (chance > 0.1) steps.push([at, sign * value + 0]);
  }
  return steps;
}

function each(property: (given: Case, transitions: readonly Transition[]) => void): void {
  for (let seed = 1; seed <= cases; seed += 1) {
    const given = randomCase(seed);
    const transitions = judge(given.rule, given.steps);
    try {
      property(given, transitions);
    } catch (error) {
      throw new Error(`seed ${seed}: ${JSON.stringify(given)}\n${brief(transitions).join('\n')}`, { cause: error });
    }
  }
}

/** Which transition may come after which status. */
const from: Record<Transition['type'], readonly string[]> = {
  pending: ['ok'],
  lapsed: ['pending'],
  firing: ['ok', 'pending'],
  'severity-changed': ['firing'],
  resolved: ['firing'],
  'no-data': ['ok', 'pending', 'firing'],
  'data-back': ['no-data'],
  gone: ['pending', 'firing', 'no-data'],
};

describe('on random series a rule', () => {
  it('makes only the transitions that its status allows, each numbered and in order of time', () => {
    const seen = new Set<string>();
    each((_, transitions) => {
      let status = 'ok';
      let last: Transition | undefined;
      for (const transition of transitions) {
        assert.ok(
          from[transition.type].includes(status === 'gone' ? 'ok' : status),
          `${transition.type} after ${status}`,
        );
        assert.equal(transition.sequence, (last?.sequence ?? 0) + 1);
        assert.ok(transition.at >= (last?.at ?? 0));
        seen.add(transition.type);
        status = transition.status;
        last = transition;
      }
    });
    assert.deepEqual([...seen].sort(), Object.keys(from).sort());
  });

  it('never fires without having been pending when there is a hold time', () => {
    each(({ rule }, transitions) => {
      if (!rule.forSeconds) return;
      for (const [index, { type, at }] of transitions.entries()) {
        if (type !== 'firing') continue;
        const before = transitions[index - 1];
        assert.equal(before?.type, 'pending');
        assert.ok(at - before.at >= rule.forSeconds * 1000);
      }
    });
  });

  it('resolves once for each time that it fired, unless the object is gone or the series ends', () => {
    each((_, transitions) => {
      let open = 0;
      for (const { type } of transitions) {
        if (type === 'firing') open += 1;
        if (type === 'resolved') open -= 1;
        if (type === 'gone') open = 0;
        assert.ok(open === 0 || open === 1);
      }
    });
  });

  it('comes to the same each time', () => {
    each(({ rule, steps }, transitions) => assert.deepEqual(judge(rule, steps), transitions));
  });

  it('comes to the same over a restart at any point', () => {
    each(({ rule, steps }, transitions) => {
      const restarted = judge(rule, steps, (state, now) => {
        const stored: unknown = JSON.parse(JSON.stringify(state));
        assert.ok(isObjectState(stored));
        // Where the last step was no sample, the wait for data would begin anew: that is meant, and tested elsewhere.
        return { ...resume(rule, stored, 0, now), seenAt: state.seenAt };
      });
      assert.deepEqual(restarted, transitions);
    });
  });

  it('comes to the same however often time is let go by', () => {
    each(({ rule, steps }, transitions) => {
      const ticked = steps.flatMap(([at, seen], index): Step[] => {
        const next = steps[index + 1]?.[0] ?? at;
        const ticks = Array.from({ length: Math.max(0, next - at - 1) }, (_, n): Step => [at + n + 0.5, 'nothing']);
        return [[at, seen], ...ticks];
      });
      assert.deepEqual(brief(judge(rule, ticked)), brief(transitions));
    });
  });
});
