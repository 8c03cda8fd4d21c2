import { VirtflowError } from '../../lib/model/errors.ts';
import { parseJson } from '../../lib/model/json.ts';
import { parseRule, type Rule } from '../../lib/rules/rule.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { type RawConfig, readConfig } from '../runtime/config.ts';
import { defineNode } from '../runtime/define-node.ts';
import { alerting } from './alerting.ts';
import { observed } from './observed.ts';
import { backtestField, passThroughField, sourceField } from './rule-fields.ts';
import type { RuleNode } from './rule-node.ts';

const example = `{
  "kind": "absence",
  "measurement": "vm",
  "levels": [{ "severity": "warning", "threshold": 300 }]
}`;

const fields = [
  { ...sourceField, default: 'messages', initial: 'collected' },
  {
    kind: 'code',
    name: 'rule',
    label: 'Rule',
    description: 'The rule in JSON: its kind and what that kind needs. Its id is that of this node.',
    icon: 'fa-gavel',
    language: 'json',
    default: example,
    required: true,
  },
  passThroughField,
  backtestField,
] as const satisfies readonly Field[];

const description = {
  type: 'virtflow-rule',
  version: 1,
  category: 'virtflow',
  colour: colours.rule,
  icon: 'font-awesome/fa-gavel',
  inputs: 1,
  outputs: 2,
  outputsWhenOff: { field: 'passThrough', outputs: 1 },
  label: 'rule',
  summary:
    'Judges samples or events by a rule of any kind: threshold, rate of change, absence, state, event count, forecast, anomaly, or other rules together.',
  inputLabel: 'samples or events',
  outputLabels: ['alert', 'what came in'],
  fields,
  help: ['rule', 'virtflow-rule'],
} as const satisfies NodeDescription<typeof fields>;

/** A rule of any kind, in JSON. */
export const anyRule: RuleNode = {
  description,
  register: (RED) =>
    defineNode(RED, {
      description,
      open: (node) => {
        const name = node.name === node.id ? node.words('virtflow-rule.label') : node.name;
        return alerting(node, ruleOf(node.id, name, node.config.rule), observed(node));
      },
    }),
  ruleOf: (id, name, raw: RawConfig) => ruleOf(id, name, readConfig(fields, raw).rule),
};

/** @throws RULE_INVALID */
function ruleOf(id: string, name: string, text: string): Rule {
  const value = read(text);
  if (typeof value !== 'object' || value === null)
    throw new VirtflowError('RULE_INVALID', { reason: 'it is no object' });
  return parseRule({ ...value, id, name });
}

function read(text: string): unknown {
  try {
    return parseJson(text);
  } catch (thrown) {
    throw new VirtflowError('RULE_INVALID', { reason: 'it is not JSON' }, { cause: thrown });
  }
}
