import { type Static, Type } from 'typebox';
import { type Severity, SeverityName, severities } from '../levels.ts';
import type { MemberStanding, Memory } from '../memory.ts';
import { type Blind, type Meter, type Step, stillMeter } from '../meter.ts';
import { closed, common } from './shared.ts';

/** How deep conditions may stand in one another. */
const deepest = 10;

const Member = Type.Object({ rule: Type.String({ minLength: 1 }), atLeast: Type.Optional(SeverityName) }, closed);

/** A tree of other rules: one fires, all of some, any of some, not one. */
export type Condition =
  | Static<typeof Member>
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

const Tree = Type.Cyclic(
  {
    Condition: Type.Union([
      Member,
      Type.Object({ all: Type.Array(Type.Ref('Condition'), { minItems: 1 }) }, closed),
      Type.Object({ any: Type.Array(Type.Ref('Condition'), { minItems: 1 }) }, closed),
      Type.Object({ not: Type.Ref('Condition') }, closed),
    ]),
  },
  'Condition',
);

export const CompositeRule = Type.Object(
  {
    ...common,
    kind: Type.Literal('composite'),
    severity: SeverityName,
    condition: Tree,
    /** `object`: the members stand for one object together. `all`: a member holds when it fires for any. */
    over: Type.Union([Type.Literal('object'), Type.Literal('all')]),
  },
  closed,
);
export type CompositeRule = Static<typeof CompositeRule>;

/** Reads 1 when a condition over other rules holds, and 0 when it does not. */
export function compositeMeter(rule: CompositeRule): Meter {
  return {
    ...stillMeter,
    take(memory, input): Step {
      if (input.type !== 'members') return { memory };
      const kept: Memory = { kind: 'members', members: { ...input.members } };
      const truth = truthOf(rule.condition, input.members);
      if (typeof truth === 'boolean') return { memory: kept, reading: truth ? 1 : 0 };
      const blind = blindness(input.members);
      return blind ? { memory: kept, reading: blind } : { memory: kept };
    },
    is: (value, memory) => `${wordsOf(rule.condition, membersOf(memory))} is ${value ? 'true' : 'false'}`,
    lack: 'no state of its members',
    figure: () => 'true',
    evidence: (memory) => ({ condition: rule.condition, over: rule.over, members: membersOf(memory) }),
  };
}

function membersOf(memory: Memory): Readonly<Record<string, MemberStanding>> {
  return memory?.kind === 'members' ? memory.members : {};
}

/** Undefined where that hangs on a member of which nothing is known. */
function truthOf(condition: Condition, members: Readonly<Record<string, MemberStanding>>): boolean | undefined {
  if ('rule' in condition) return holds(members[condition.rule], condition.atLeast);
  if ('not' in condition) {
    const truth = truthOf(condition.not, members);
    return truth === undefined ? undefined : !truth;
  }
  const isAll = 'all' in condition;
  const truths = (isAll ? condition.all : condition.any).map((one) => truthOf(one, members));
  if (truths.includes(!isAll)) return !isAll;
  return truths.includes(undefined) ? undefined : isAll;
}

function holds(member: MemberStanding | undefined, atLeast: Severity = 'info'): boolean | undefined {
  if (member?.status === 'firing') return rank(member.severity) >= rank(atLeast);
  return member?.status === 'ok' || member?.status === 'pending' || member?.status === 'gone' ? false : undefined;
}

function rank(severity: Severity | null): number {
  return severity === null ? -1 : severities.indexOf(severity);
}

/** The gravest of what keeps the members from being known; nothing while they just have not been seen yet. */
function blindness(members: Readonly<Record<string, MemberStanding>>): Blind | undefined {
  const named = (...statuses: readonly string[]) =>
    Object.entries(members)
      .filter(([, { status }]) => statuses.includes(status))
      .map(([id]) => id)
      .join(', ');
  const broken = named('error', 'unknown');
  if (broken !== '') return { status: 'error', reason: `${broken} cannot be judged or does not exist` };
  const dataless = named('no-data');
  if (dataless !== '') return { status: 'no-data', reason: `${dataless} has no data` };
  const learning = named('learning');
  return learning === '' ? undefined : { status: 'learning', reason: `${learning} has not enough history` };
}

function wordsOf(condition: Condition, members: Readonly<Record<string, MemberStanding>>): string {
  if ('rule' in condition) return `${condition.rule} (${members[condition.rule]?.status ?? 'unseen'})`;
  if ('not' in condition) return `not ${wordsOf(condition.not, members)}`;
  const [list, word] = 'all' in condition ? [condition.all, 'and'] : [condition.any, 'or'];
  const words = list.map((one) => wordsOf(one, members)).join(` ${word} `);
  return list.length > 1 ? `(${words})` : words;
}

/** The ids of the rules that a composite stands on. */
export function membersIn(condition: Condition): readonly string[] {
  if ('rule' in condition) return [condition.rule];
  if ('not' in condition) return membersIn(condition.not);
  return [...new Set(('all' in condition ? condition.all : condition.any).flatMap(membersIn))];
}

export function compositeProblem(rule: CompositeRule): string | undefined {
  if (depthOf(rule.condition) > deepest) return `its condition is nested more than ${deepest} deep`;
  return membersIn(rule.condition).includes(rule.id) ? 'it is a member of itself' : undefined;
}

function depthOf(condition: Condition): number {
  if ('rule' in condition) return 1;
  if ('not' in condition) return 1 + depthOf(condition.not);
  return 1 + Math.max(...('all' in condition ? condition.all : condition.any).map(depthOf));
}
