import { VirtflowError } from '../../lib/model/errors.ts';
import { eventTypes, type HypervisorEvent } from '../../lib/model/event.ts';
import { parseJson } from '../../lib/model/json.ts';
import { isObjectKind } from '../../lib/model/reference.ts';
import { parseRule, type Rule } from '../../lib/rules/rule.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { samplesOf } from '../metrics/samples.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { NodeRed } from '../runtime/red.ts';
import { alerting } from './alerting.ts';

const example = `{
  "kind": "absence",
  "measurement": "vm",
  "levels": [{ "severity": "warning", "threshold": 300 }]
}`;

const fields = [
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
  {
    kind: 'switch',
    name: 'passThrough',
    label: 'Second output with what came in',
    description: 'Sends every message on, so that nodes can stand in a row.',
    default: false,
  },
] as const satisfies readonly Field[];

export const ruleDescription = {
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
} as const satisfies NodeDescription<typeof fields>;

type RuleNode = NodeContext<typeof fields>;

export function registerRule(RED: NodeRed): void {
  defineNode(RED, { description: ruleDescription, open });
}

function open(node: RuleNode): LiveNode {
  const { rules } = node.platform;
  return alerting(node, ruleOf(node), node.config.passThrough, ({ payload }) => {
    const all: readonly unknown[] = Array.isArray(payload) ? payload : [payload];
    if (all.length > 0 && all.every(isEvent)) for (const event of all) rules.event(node.id, event);
    else rules.observe(node.id, samplesOf(payload));
  });
}

/** @throws RULE_INVALID */
function ruleOf(node: RuleNode): Rule {
  const { id, name } = node;
  const value = read(node.config.rule);
  if (typeof value !== 'object' || value === null)
    throw new VirtflowError('RULE_INVALID', { reason: 'it is no object' });
  return parseRule({ ...value, id, name: name === id ? node.words('virtflow-rule.label') : name });
}

function read(text: string): unknown {
  try {
    return parseJson(text);
  } catch (thrown) {
    throw new VirtflowError('RULE_INVALID', { reason: 'it is not JSON' }, { cause: thrown });
  }
}

/** What a vm events node sends. */
function isEvent(value: unknown): value is HypervisorEvent {
  if (typeof value !== 'object' || value === null) return false;
  if (!('type' in value && 'at' in value && 'object' in value && 'name' in value && 'reason' in value)) return false;
  const { type, at, object, name, reason } = value;
  if (!eventTypes.some((one) => one === type) || !Number.isFinite(at) || typeof name !== 'string') return false;
  return (reason === null || typeof reason === 'string') && isRef(object);
}

function isRef(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!('connection' in value && 'kind' in value && 'id' in value)) return false;
  const { connection, kind, id } = value;
  return typeof connection === 'string' && typeof id === 'string' && typeof kind === 'string' && isObjectKind(kind);
}
