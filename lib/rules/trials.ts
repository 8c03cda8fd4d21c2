import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { VirtflowError } from '../model/errors.ts';
import type { Input } from './meter.ts';
import { judgedBy, type Rule } from './rule.ts';
import { type Held, RuleRuns } from './runs.ts';

const Trial = Type.Object({
  name: Type.String({ minLength: 1 }),
  /** The id of the rule whose transitions are expected; all rules of the file run. */
  rule: Type.String({ minLength: 1 }),
  everySeconds: Type.Number({ exclusiveMinimum: 0 }),
  series: Type.Record(Type.String(), Type.String()),
  /** How long time goes on; to the end of the longest series when not given. */
  untilSeconds: Type.Optional(Type.Number({ minimum: 0 })),
  expect: Type.Array(Type.String()),
});
type Trial = Static<typeof Trial>;

const TrialFile = Type.Object({ rules: Type.Array(Type.Unknown()), tests: Type.Array(Trial, { minItems: 1 }) });

export interface TrialResult {
  readonly name: string;
  readonly passed: boolean;
  /** `-` was expected and did not come, `+` came and was not expected; in order of time. */
  readonly difference: readonly string[];
}

const mostSteps = 100_000;

/** Runs the tests of a file of rules. @throws RULE_INVALID */
export function runTrials(file: unknown): readonly TrialResult[] {
  if (!Value.Check(TrialFile, file)) {
    const [error] = Value.Errors(TrialFile, file);
    throw invalid(`${error?.instancePath.slice(1).replaceAll('/', '.') || 'the file'} ${error?.message ?? 'is wrong'}`);
  }
  return file.tests.map((trial) => runTrial(file.rules, trial));
}

function runTrial(rules: readonly unknown[], trial: Trial): TrialResult {
  const runs = new RuleRuns();
  const held = rules.map((rule) => runs.add(judgedBy(rule)));
  if (!runs.get(trial.rule)) throw invalid(`the test "${trial.name}" is of a rule ${trial.rule} that the file lacks`);
  const series = Object.entries(trial.series).map(([key, text]) => ({ key, tokens: tokensOf(text) }));
  const steps = Math.max(0, ...series.map(({ tokens }) => tokens.length));
  for (let step = 0; step < steps; step += 1) {
    const at = step * trial.everySeconds * 1000;
    for (const { key, tokens } of series) for (const one of held) take(runs, one, key, tokens[step], at);
  }
  runs.pass((trial.untilSeconds ?? Math.max(0, steps - 1) * trial.everySeconds) * 1000 + 1);
  const got = runs.takeChanges().flatMap(({ held: one, tracked, transitions }) => {
    if (one.judged.rule.id !== trial.rule) return [];
    return transitions.map(({ at, type, severity }) =>
      [tracked.subject.key, at / 1000, type, severity].join(' ').trim(),
    );
  });
  return { name: trial.name, passed: got.join('\n') === trial.expect.join('\n'), difference: apart(trial.expect, got) };
}

function take(runs: RuleRuns, held: Held, key: string, token: string | undefined, at: number): void {
  const subject = { key, name: key, object: null, tags: {} };
  const input = token === undefined ? undefined : inputOf(held.judged.rule, token, at);
  if (input?.type === 'missing') {
    const tracked = held.tracked.get(key);
    if (tracked) runs.miss(held, tracked, at);
  } else if (input && (input.type !== 'sample' || held.judged.rule.kind !== 'composite')) {
    runs.tell(held, subject, input, at);
  }
}

/** `_` says nothing, `!vm.crashed` is an event, `=paused` a state, a number the figure in the rule's unit. */
function inputOf(rule: Rule, token: string, at: number): Input | undefined {
  if (token === '_' || rule.kind === 'composite') return undefined;
  if (token === 'missing') return { type: 'missing' };
  if (rule.kind === 'event-count') {
    return token.startsWith('!') ? { type: 'event', at, event: token.slice(1), reason: null } : undefined;
  }
  if (rule.kind === 'state') return token.startsWith('=') ? { type: 'state', at, state: token.slice(1) } : undefined;
  const figure = Number(token);
  return Number.isFinite(figure) ? { type: 'sample', at, fields: fieldsOf(rule, figure) } : undefined;
}

function fieldsOf(rule: Rule, figure: number): Record<string, number> {
  if (!('value' in rule) || !rule.value) return {};
  const { field, of } = rule.value;
  if (of !== undefined) return { [field]: figure, [of]: 100 };
  return { [field]: 'unit' in rule && rule.unit === 'percent' ? figure / 100 : figure };
}

/** `90x3 _x2 10`: what, and how often where that is more than once. */
function tokensOf(text: string): readonly string[] {
  const tokens = text
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word) => {
      const [, what = '', times = '1'] = /^(\S+?)(?:x(\d+))?$/.exec(word) ?? [];
      const known = what === '_' || what === 'missing' || /^[!=]./.test(what) || Number.isFinite(Number(what));
      if (!known || Number(times) > mostSteps) throw invalid(`"${word}" is nothing that a series may hold`);
      return Array.from({ length: Number(times) }, () => what);
    });
  if (tokens.length > mostSteps) throw invalid(`a series has more than ${mostSteps} steps`);
  return tokens;
}

function apart(expected: readonly string[], got: readonly string[]): readonly string[] {
  const missing = expected.filter((line) => !got.includes(line)).map((line) => `- ${line}`);
  return [...missing, ...got.filter((line) => !expected.includes(line)).map((line) => `+ ${line}`)];
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('RULE_INVALID', { reason });
}
