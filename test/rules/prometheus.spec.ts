import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rule } from '../../lib/rules/rule.ts';
import { requireLab } from '../lab/availability.ts';
import { run } from '../lab/command.ts';
import { ownDirectory } from '../lab/runs.ts';
import { seeded } from '../seeded.ts';
import { judge, rule, type Step } from './series.ts';

const stepSeconds = 60;
const steps = 60;
const rulesCount = 25;
const seriesEach = 40;

/** What is seen of a series at each step; null where nothing comes. */
type Series = readonly (number | null)[];
type State = 'pending' | 'firing';

interface Alerting {
  readonly name: string;
  readonly rule: Rule;
  readonly series: readonly Series[];
}

/** Rules with hold times of whole steps, each with series that wander about its threshold, some with gaps. */
function randomRules(seed: number): Alerting[] {
  const random = seeded(seed);
  const whole = (most: number) => Math.floor(random() * (most + 1));
  return Array.from({ length: rulesCount }, (_, index) => {
    const times = { forSeconds: whole(4) * stepSeconds, keepFiringForSeconds: whole(4) * stepSeconds };
    const series = Array.from({ length: seriesEach }, () => randomSeries(random));
    return { name: `r${index}`, rule: rule({ levels: [{ severity: 'warning', threshold: 50 }], ...times }), series };
  });
}

function randomSeries(random: () => number): Series {
  const restless = random() * 0.6;
  let isHigh = random() < 0.5;
  let gap = 0;
  return Array.from({ length: steps }, (_, index) => {
    if (random() < restless) isHigh = !isHigh;
    // Prometheus takes a value for 5 minutes; what is gone for longer is for no-data, which it does not have.
    gap = index > 0 && gap < 3 && random() < 0.08 ? gap + 1 : 0;
    return gap > 0 ? null : Math.round((isHigh ? 51 : 0) + random() * 49);
  });
}

/** How a rule of ours stands after each step. */
function statesOf(of: Rule, series: Series): (State | undefined)[] {
  const given = series.map((value, index): Step => [index * stepSeconds, value ?? 'nothing']);
  // What is due in a moment waits for what comes in at the same moment, until time has gone on.
  const transitions = judge(of, [...given, [steps * stepSeconds, 'nothing']]);
  return series.map((_, index) => {
    const last = transitions.findLast(({ at }) => at <= index * stepSeconds * 1000);
    return last?.status === 'pending' || last?.status === 'firing' ? last.status : undefined;
  });
}

/** A test file for promtool that expects just these states, at every step. */
function trialOf(all: readonly Alerting[], states: readonly (readonly (State | undefined)[][])[]): object {
  const labels = (alerting: number, series: number) => `rule="r${alerting}", id="s${series}"`;
  const input = all.flatMap((one, alerting) =>
    one.series.map((series, index) => ({
      series: `figure{${labels(alerting, index)}}`,
      values: series.map((value) => value ?? '_').join(' '),
    })),
  );
  const expected = (step: number) =>
    states.flatMap((ofRule, alerting) =>
      ofRule.flatMap((ofSeries, series) => {
        const state = ofSeries[step];
        if (state === undefined) return [];
        const own = `alertname="r${alerting}", alertstate="${state}", ${labels(alerting, series)}`;
        return [{ labels: `ALERTS{${own}}`, value: 1 }];
      }),
    );
  return {
    rule_files: ['rules.json'],
    evaluation_interval: `${stepSeconds}s`,
    tests: [
      {
        interval: `${stepSeconds}s`,
        input_series: input,
        promql_expr_test: Array.from({ length: steps }, (_, step) => ({
          expr: 'ALERTS',
          eval_time: `${step * stepSeconds}s`,
          exp_samples: expected(step),
        })),
      },
    ],
  };
}

function groupOf(all: readonly Alerting[]): object {
  const rules = all.map(({ name, rule: { forSeconds = 0, keepFiringForSeconds = 0 } }) => ({
    alert: name,
    expr: `figure{rule="${name}"} > 50`,
    for: `${forSeconds}s`,
    keep_firing_for: `${keepFiringForSeconds}s`,
  }));
  return { groups: [{ name: 'all', rules }] };
}

describe('the states of an alert', function () {
  this.timeout(120_000);
  before(async function () {
    await requireLab(this, 'prometheus');
  });

  /** JSON is YAML. */
  async function promtool(all: readonly Alerting[], trial: object): Promise<string> {
    const directory = await ownDirectory(`promtool-${all.length}`);
    await writeFile(join(directory, 'rules.json'), JSON.stringify(groupOf(all)));
    await writeFile(join(directory, 'trial.json'), JSON.stringify(trial));
    return run('promtool', ['test', 'rules', join(directory, 'trial.json')], { timeoutMs: 110_000 });
  }

  it('are those of Prometheus at every step of 1,000 random series, with hold times before and after', async () => {
    const all = randomRules(1);
    const states = all.map((one) => one.series.map((series) => statesOf(one.rule, series)));
    const flat = states.flat(2);
    assert.equal(states.flat().length, 1_000);
    for (const state of ['pending', 'firing'] as const) {
      assert.ok(flat.filter((one) => one === state).length > 5_000, `${state} too seldom to say anything`);
    }
    assert.match(await promtool(all, trialOf(all, states)), /SUCCESS/);
  });

  it('would be seen to differ in a single one', async () => {
    const all = randomRules(2).slice(0, 1);
    const states = all.map((one) => one.series.map((series) => statesOf(one.rule, series)));
    const [[series] = []] = states;
    const at = series?.indexOf('firing') ?? -1;
    assert.ok(series && at >= 0);
    series[at] = undefined;
    await assert.rejects(promtool(all, trialOf(all, states)), /FAILED/);
  });
});
