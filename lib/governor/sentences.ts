import { VirtflowError } from '../model/errors.ts';
import type { Fact, Operation } from '../operations/operation.ts';
import { describeRule } from './describe.ts';
import type { KillRecord } from './kill-switch.ts';
import type { Finding } from './rule-book.ts';
import type { Rule } from './rules.ts';

/** Turns a time of the book into one of the wall clock. */
type WallTime = (at: number) => number;

/** The refusal of an operation, with the rule and its numbers. */
export function refusal(finding: Finding, { action, targetName }: Operation, wall: WallTime): VirtflowError {
  const { frees, ...details } = detailsOf(finding, wall);
  const says = `The rule "${details.rule}" of the governor allows ${details.text}; ${details.numbers}.`;
  return new VirtflowError(finding.code, {
    action,
    target: targetName,
    ...details,
    frees: frees ?? 'not by itself',
    why: [{ ...details, rule: codeWords(finding.code), says, governorRule: details.rule }],
  });
}

/** What an operation waits for. */
export function waitsFor(finding: Finding, wall: WallTime): Fact {
  const { frees, ...details } = detailsOf(finding, wall);
  const until = frees === null ? 'until there is room' : `until ${frees}`;
  const says = `It waits ${until}: the rule "${finding.rule.id}" of the governor allows ${details.text}; ${details.numbers}.`;
  return { ...details, rule: codeWords(finding.code), says, governorRule: finding.rule.id, frees };
}

/** What an operation is counted by; with this in the journal a restart forgets nothing. */
export function countedBy(rules: readonly Rule[], selectors: ReadonlySet<string>): Fact {
  const ids = rules.map(({ id }) => id);
  const own = rules.flatMap((rule) => ('selector' in rule && rule.selector !== undefined ? [rule.selector] : []));
  const says = `The governor counts it by ${ids.length === 1 ? 'the rule' : 'the rules'} ${ids.join(', ')}.`;
  return { rule: countedRule, says, rules: ids, selectors: own.filter((text) => selectors.has(text)) };
}

export const countedRule = 'governor-counted';

export function stoppedBy({ by, reason, at }: KillRecord, { action, targetName }: Operation): VirtflowError {
  const since = timeText(at);
  const says = `${by} threw the kill switch at ${since}: ${reason}.`;
  const why = [{ rule: 'governor-stopped', says, by, reason, at }];
  return new VirtflowError('GOVERNOR_STOPPED', { action, target: targetName, by, reason, since, why });
}

function detailsOf(finding: Finding, wall: WallTime) {
  const { rule, scope, used, limit, freesAt, more } = finding;
  const numbers = [
    `${used} of ${limit} used`,
    ...(scope === '' ? [] : [`for ${scope}`]),
    ...(more === undefined ? [] : [more]),
  ];
  return {
    rule: rule.id,
    text: describeRule(rule),
    numbers: numbers.join(', '),
    used,
    limit,
    scope,
    ...('window' in rule ? { window: rule.window } : {}),
    freesAt: freesAt === null ? null : wall(freesAt),
    frees: freesAt === null ? null : timeText(wall(freesAt)),
  };
}

/** To the second, in UTC: it is read on another day as well. */
export function timeText(at: number): string {
  return new Date(Math.ceil(at / 1000) * 1000).toISOString().replace('.000', '');
}

function codeWords(code: string): string {
  return code.toLowerCase().replaceAll('_', '-');
}
