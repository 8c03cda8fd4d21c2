import assert from 'node:assert/strict';
import type { Transition } from '../../lib/rules/judge.ts';
import type { Severity } from '../../lib/rules/levels.ts';
import { judgedBy, parseRule, type Rule } from '../../lib/rules/rule.ts';
import { isObjectState, resume } from '../../lib/rules/state.ts';
import { seeded } from '../seeded.ts';
import { brief, judge, type Step } from './series.ts';

const cases = 1_000;

interface Case {
  readonly rule: Rule;
  readonly steps: readonly Step[];
}

type Pick = <T>(...choices: readonly [T, ...T[]]) => T;

/** Random rules of every kind that judges one object, on random series: walks, gaps, errors, objects that go and return. */
function randomCase(seed: number): Case {
  const random = seeded(seed);
  const pick: Pick = (...choices) => choices[Math.floor(random() * choices.length)] ?? choices[0];
  const direction = pick<'above' | 'below'>('above', 'below');
  const hold = {
    id: 'r',
    name: 'random',
    forSeconds: pick(0, 0, 15, 30, 60),
    keepFiringForSeconds: pick(0, 0, 20, 45),
  };
  const m = pick(1, 1, 3, 5);
  const figures = {
    ...hold,
    value: { field: 'value' },
    unit: 'absolute',
    hits: { n: 1 + Math.floor(random() * m), m },
    ...(random() < 0.5 && { noDataAfterSeconds: pick(25, 60) }),
  };
  const levels = (first: number, step: number, clear: number) => randomLevels(random, pick, first, step, clear);
  const sign = direction === 'above' ? 1 : -1;
  const judged = pick<object>(
    { ...figures, kind: 'threshold', direction, levels: levels(sign * 60, sign * 15, sign * 5) },
    {
      ...figures,
      kind: 'rate',
      overSeconds: 30,
      per: 'minute',
      direction,
      levels: levels(sign * 30, sign * 20, sign * 5),
    },
    { ...hold, kind: 'absence', levels: levels(15, 10, 0) },
    { ...hold, kind: 'state', states: ['paused', 'crashed'], levels: levels(15, 20, 0) },
    { ...hold, kind: 'event-count', events: ['boom'], windowSeconds: 45, over: 'object', levels: levels(2, 1, 0) },
    {
      ...figures,
      kind: 'forecast',
      reaches: sign * 100,
      direction,
      pastSeconds: 200,
      levels: levels(0.003, -0.001, -0.001),
    },
    {
      ...figures,
      kind: 'anomaly',
      direction: pick('above', 'below', 'both'),
      weeks: 2,
      leastWeeks: 1,
      levels: levels(2, 1, 0.5),
    },
  );
  const rule = parseRule(judged);
  return { rule, steps: randomSteps(random, sign, rule.kind) };
}

function randomLevels(random: () => number, pick: Pick, first: number, step: number, clear: number) {
  const severities = pick<readonly Severity[]>(['warning'], ['warning', 'critical'], ['info', 'warning', 'critical']);
  return severities.map((severity, index) => {
    const threshold = first + index * step;
    return { severity, threshold, ...(random() < 0.5 && { clear: threshold - clear }) };
  });
}

const week = 7 * 86_400;

function randomSteps(random: () => number, sign: number, kind: Rule['kind']): Step[] {
  const steps: Step[] = [];
  let at = 0;
  let value = 50;
  for (let step = 0; step < 80; step += 1) {
    at += random() < 0.05 ? 30 + Math.floor(random() * 60) : 10;
    // Anomalies need weeks: the same hour of each.
    if (kind === 'anomaly' && step % 16 === 15) at = Math.ceil(at / week) * week;
    value = Math.min(110, Math.max(0, value + (random() - 0.5) * 50));
    const chance = random();
    if (chance < 0.01) steps.push([at, 'withdrawn']);
    else if (chance < 0.03) steps.push([at, 'missing']);
    else if (chance < 0.06) steps.push([at, 'missing'], [at + 1, 'missing']);
    else if (chance < 0.08) steps.push([at, 'broken']);
    else if (chance > 0.1) steps.push([at, seenBy(kind, random, sign * value + 0)]);
  }
  return steps;
}

function seenBy(kind: Rule['kind'], random: () => number, value: number): Step[1] {
  if (kind === 'event-count') return random() < 0.3 ? '!boom' : '!other';
  if (kind === 'state') return random() < 0.5 ? '=running' : random() < 0.5 ? '=paused' : '=crashed';
  return value;
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
  'no-data': ['ok', 'pending', 'firing', 'error', 'learning'],
  error: ['ok', 'pending', 'firing', 'no-data', 'learning'],
  learning: ['firing', 'no-data', 'error'],
  'data-back': ['no-data', 'error', 'learning'],
  gone: ['pending', 'firing', 'no-data', 'error', 'learning'],
  withdrawn: ['pending', 'firing', 'no-data', 'error', 'learning'],
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

  it('resolves once for each time that it fired, unless the object is gone or withdrawn, or the series ends', () => {
    each((_, transitions) => {
      let open = 0;
      for (const { type } of transitions) {
        if (type === 'firing') open += 1;
        if (type === 'resolved') open -= 1;
        if (type === 'gone' || type === 'withdrawn') open = 0;
        assert.ok(open === 0 || open === 1);
      }
    });
  });

  it('comes to the same each time', () => {
    each(({ rule, steps }, transitions) => assert.deepEqual(judge(rule, steps), transitions));
  });

  it('comes to the same over a restart at any point', () => {
    each(({ rule, steps }, transitions) => {
      const judged = judgedBy(rule);
      const restarted = judge(rule, steps, (state, now) => {
        const stored: unknown = JSON.parse(JSON.stringify(state));
        assert.ok(isObjectState(stored));
        // Where the last step was no sample, the wait for data would begin anew: that is meant, and tested elsewhere.
        return { ...resume(judged, stored, 0, now), seenAt: state.seenAt };
      });
      assert.deepEqual(restarted, transitions);
    });
  });

  it('never says ok or resolved of what cannot be judged', () => {
    each((_, transitions) => {
      for (const [index, { type, status }] of transitions.entries()) {
        const before = transitions[index - 1];
        const isBlind = before !== undefined && ['no-data', 'error', 'learning'].includes(before.status);
        if (isBlind) assert.ok(type !== 'resolved' && type !== 'firing', `${type} after ${before.status}`);
        if (type === 'data-back') assert.ok(isBlind && status !== 'no-data');
      }
    });
  });

  it('tells nothing of what it only gets to know', () => {
    each(({ rule, steps }) => {
      if (rule.kind !== 'forecast') return;
      const figures = steps.filter(([, seen]) => typeof seen === 'number').slice(0, 5);
      const told = judge({ ...rule, leastSeconds: rule.pastSeconds }, figures);
      assert.ok(told.every(({ type }) => type === 'no-data' || type === 'data-back' || type === 'learning'));
    });
  });

  it('comes to the same however often time is let go by', () => {
    each(({ rule, steps }, transitions) => {
      const ticked = steps.flatMap(([at, seen], index): Step[] => {
        const next = steps[index + 1]?.[0] ?? at;
        const ticks = Array.from(
          { length: Math.min(100, Math.max(0, next - at - 1)) },
          (_, n): Step => [at + n + 0.5, 'nothing'],
        );
        return [[at, seen], ...ticks];
      });
      assert.deepEqual(brief(judge(rule, ticked)), brief(transitions));
    });
  });
});
