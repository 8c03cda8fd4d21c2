import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { selector } from '../inventory/selector.ts';
import { VirtflowError } from '../model/errors.ts';
import { durationForm, durationMs } from './duration.ts';

const longestSpanMs = 30 * 86_400_000;

const Span = (title: string) =>
  Type.String({ title, pattern: durationForm, description: 'For example 90s, 10m, 1h, 7d.' });
const Count = (title: string) => Type.Integer({ title, minimum: 1, maximum: 100_000 });
const Percent = Type.Number({ title: 'Percent of the VMs', minimum: 0, maximum: 100 });

const common = {
  id: Type.String({ title: 'Id', pattern: '^[a-z0-9][a-z0-9-]{0,39}$', description: 'Refusals name it.' }),
  name: Type.Optional(Type.String({ title: 'Name', maxLength: 100 })),
  enabled: Type.Optional(Type.Boolean({ title: 'In force', default: true })),
};
const about = {
  actions: Type.Array(Type.String({ pattern: '^[a-z*][a-z0-9.*-]{0,59}$' }), {
    title: 'Actions',
    minItems: 1,
    maxItems: 50,
    description: 'Ids (vm.delete), patterns (vm.*) or classes: destructive, disruptive, power-off, migrate.',
  }),
};
const where = {
  connection: Type.Optional(
    Type.String({
      title: 'Connection',
      minLength: 1,
      maxLength: 100,
      description: 'Its name, or a pattern such as lab-*.',
    }),
  ),
  selector: Type.Optional(
    Type.String({ title: 'Selector', minLength: 1, maxLength: 2_000, description: "Which objects: 'web' in tags." }),
  ),
};
const exemptUndo = Type.Optional(
  Type.Boolean({ title: 'What takes something back is never stopped by it', default: true }),
);
const onExceed = Type.Optional(Type.Enum(['refuse', 'wait'], { title: 'When it is exceeded', default: 'refuse' }));

export const scopes = ['all', 'connection', 'pool', 'host', 'object', 'flow', 'principal', 'action'] as const;
export type Scope = (typeof scopes)[number];
const per = Type.Optional(Type.Enum(scopes, { title: 'Counted for each', default: 'all' }));
const perPlace = Type.Optional(
  Type.Enum(['all', 'connection', 'pool', 'host'], { title: 'Counted for each', default: 'all' }),
);
const perAsker = Type.Optional(Type.Enum(['all', 'flow', 'principal'], { title: 'Counted for each', default: 'all' }));

const closed = { additionalProperties: false };

const Budget = Type.Object(
  {
    ...common,
    type: Type.Literal('budget'),
    ...about,
    ...where,
    limit: Type.Optional(Type.Integer({ title: 'At most', minimum: 0, maximum: 100_000 })),
    percent: Type.Optional(Percent),
    window: Span('Within'),
    per,
    onExceed,
    exemptUndo,
  },
  closed,
);
const Share = Type.Object(
  {
    ...common,
    type: Type.Literal('share'),
    ...about,
    ...where,
    limit: Type.Optional(Type.Integer({ title: 'At most', minimum: 0, maximum: 100_000 })),
    percent: Type.Optional(Percent),
    per: perPlace,
    onExceed,
    exemptUndo,
  },
  closed,
);
const CoolDown = Type.Object(
  { ...common, type: Type.Literal('coolDown'), ...about, ...where, for: Span('Rest'), onExceed, exemptUndo },
  closed,
);
const Breaker = Type.Object(
  {
    ...common,
    type: Type.Literal('breaker'),
    ...about,
    ...where,
    failures: Count('Failures'),
    window: Span('Within'),
    openFor: Span('Open for'),
    per,
    exemptUndo,
  },
  closed,
);
const Storm = Type.Object(
  {
    ...common,
    type: Type.Literal('storm'),
    submissions: Count('Submissions'),
    window: Span('Within'),
    calmFor: Span('Calm for'),
    per: perAsker,
    exemptUndo,
  },
  closed,
);
const ReadOnly = Type.Object({ ...common, type: Type.Literal('readOnly'), ...where }, closed);
const Protect = Type.Object({ ...common, type: Type.Literal('protect'), ...about, ...where }, closed);

const kinds = {
  budget: Budget,
  share: Share,
  coolDown: CoolDown,
  breaker: Breaker,
  storm: Storm,
  readOnly: ReadOnly,
  protect: Protect,
} as const;

export type BudgetRule = Static<typeof Budget>;
export type ShareRule = Static<typeof Share>;
export type CoolDownRule = Static<typeof CoolDown>;
export type BreakerRule = Static<typeof Breaker>;
export type StormRule = Static<typeof Storm>;
export type ReadOnlyRule = Static<typeof ReadOnly>;
export type ProtectRule = Static<typeof Protect>;
export type Rule = BudgetRule | ShareRule | CoolDownRule | BreakerRule | StormRule | ReadOnlyRule | ProtectRule;

/** What the governor goes by; the content of `governor.json`. */
export interface Rules {
  readonly version: 1;
  readonly rules: readonly Rule[];
}

export const rulesSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    version: Type.Literal(1),
    rules: Type.Array(Type.Union(Object.values(kinds)), { maxItems: 200 }),
  },
  { title: 'virtflow: rules of the governor', ...closed },
);

/** Reads rules from a file or a form. @throws GOVERNOR_RULES_INVALID with the rule and what is wrong */
export function parseRules(value: unknown): Rules {
  if (!isRecord(value)) throw invalid('it is not an object with "version" and "rules"');
  const { $schema: _, version, rules, ...odd } = value;
  const [unknown] = Object.keys(odd);
  if (unknown !== undefined) throw invalid(`"${unknown}" is none of version, rules`);
  if (version !== 1) throw invalid('"version" has to be 1');
  if (!Array.isArray(rules) || rules.length > 200) throw invalid('"rules" is not a list of at most 200 rules');
  const read = rules.map(parseRule);
  const twice = read.find(({ id }, index) => read.findIndex((rule) => rule.id === id) !== index);
  if (twice) throw invalid(`two rules have the id "${twice.id}"`);
  return { version: 1, rules: read };
}

function parseRule(value: unknown, index: number): Rule {
  const named =
    isRecord(value) && typeof value.id === 'string' ? `rule "${value.id.slice(0, 40)}"` : `rule ${index + 1}`;
  const kind = isRecord(value) ? Object.entries(kinds).find(([name]) => name === value.type)?.[1] : undefined;
  if (!kind) throw invalid(`${named}: "type" has to be one of ${Object.keys(kinds).join(', ')}`);
  const rule: unknown = structuredClone(value);
  if (!isRule(kind, rule)) throw invalid(`${named}: ${formProblem(kind, rule)}`);
  const problem = problemOf(rule);
  if (problem !== undefined) throw invalid(`${named}: ${problem}`);
  return rule;
}

function isRule(kind: TSchema, value: unknown): value is Rule {
  return Value.Check(kind, value);
}

function formProblem(kind: TSchema, value: unknown): string {
  const [error] = Value.Errors(kind, value);
  const place = error?.instancePath.slice(1).replaceAll('/', '.') ?? '';
  return `${place === '' ? 'it' : `"${place}"`} ${error?.message ?? 'has the wrong form'}`;
}

function problemOf(rule: Rule): string | undefined {
  const spans = ['window', 'for', 'openFor', 'calmFor'].flatMap((name) => textOf(rule, name));
  const long = spans.find((span) => durationMs(span) > longestSpanMs);
  if (long !== undefined) return `${long} is longer than 30 days`;
  if (rule.type === 'budget' || rule.type === 'share') {
    if ((rule.limit === undefined) === (rule.percent === undefined)) return 'it needs either "limit" or "percent"';
  }
  if (
    rule.type === 'budget' &&
    rule.percent !== undefined &&
    !['all', 'connection', 'pool', 'host'].includes(rule.per ?? 'all')
  ) {
    return 'a percentage is of all VMs, or of those of each connection, pool or host';
  }
  return 'selector' in rule && rule.selector !== undefined ? selectorProblem(rule.selector) : undefined;
}

function textOf(rule: Rule, name: string): string[] {
  const found: unknown = Object.entries(rule).find(([key]) => key === name)?.[1];
  return typeof found === 'string' ? [found] : [];
}

function selectorProblem(text: string): string | undefined {
  try {
    selector(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('GOVERNOR_RULES_INVALID', { reason });
}
