import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { VirtflowError } from '../model/errors.ts';
import { parseRule, type Rule } from './rule.ts';

/** Not as ids of nodes are, which Node-RED makes of 16 hexadecimal digits. */
const ownId = /^(?![0-9a-f]{16}$)[a-z0-9][a-z0-9-]{0,39}$/;
const mostRules = 1_000;

/** A rule of the file. */
export interface ListedRule {
  readonly rule: Rule;
  readonly enabled: boolean;
}

const RuleFile = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    version: Type.Literal(1),
    rules: Type.Array(Type.Record(Type.String(), Type.Unknown()), { maxItems: mostRules }),
  },
  { additionalProperties: false, title: 'virtflow: rules' },
);

/** Reads what `rules.json` holds. @throws RULE_INVALID with the rule and what is wrong */
export function parseRuleFile(value: unknown): readonly ListedRule[] {
  if (!Value.Check(RuleFile, value)) {
    const [error] = Value.Errors(RuleFile, value);
    throw invalid(`${error?.instancePath.slice(1).replaceAll('/', '.') || 'it'} ${error?.message ?? 'is wrong'}`);
  }
  const rules = value.rules.map(parseListedRule);
  const ids = new Set<string>();
  for (const { rule } of rules) {
    if (ids.has(rule.id)) throw invalid(`two rules have the id "${rule.id}"`);
    ids.add(rule.id);
  }
  return rules;
}

/** Reads a rule as it stands in the file, with `enabled` beside what its kind has. @throws RULE_INVALID */
export function parseListedRule(value: unknown): ListedRule {
  if (typeof value !== 'object' || value === null) throw invalid('it is no object');
  const { enabled = true, ...rest } = { ...value } as Readonly<Record<string, unknown>>;
  const { id, name = id } = rest;
  if (typeof id !== 'string' || !ownId.test(id)) {
    throw invalid('its id has to be up to 40 of a-z, 0-9 and "-", and not as those of nodes are');
  }
  if (typeof enabled !== 'boolean') throw invalid(`"${id}": enabled is neither true nor false`);
  try {
    return { rule: parseRule({ ...rest, name }), enabled };
  } catch (thrown) {
    if (!(thrown instanceof VirtflowError)) throw thrown;
    throw new VirtflowError('RULE_INVALID', { reason: `"${id}": ${String(thrown.details.reason)}` }, { cause: thrown });
  }
}

/** What the file holds of them. */
export function ruleFileOf(rules: readonly ListedRule[]): object {
  return { version: 1, rules: rules.map(({ rule, enabled }) => (enabled ? rule : { ...rule, enabled })) };
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('RULE_INVALID', { reason });
}
