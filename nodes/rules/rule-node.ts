import { VirtflowError } from '../../lib/model/errors.ts';
import { parseRule, type Rule, type RuleKind } from '../../lib/rules/rule.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { type ConfigOf, type RawConfig, readConfig } from '../runtime/config.ts';
import { defineNode } from '../runtime/define-node.ts';
import type { NodeRed } from '../runtime/red.ts';
import { alerting, type Taking } from './alerting.ts';
import { observed } from './observed.ts';

/** A kind of rule as a node: its words, its form, and what of a rule the form describes. */
export interface RuleNodeDeclaration<F extends readonly Field[]> {
  readonly kind: RuleKind;
  readonly label: string;
  readonly icon: string;
  readonly summary: string;
  /** What it judges; without it the node has no input. */
  readonly inputLabel?: string;
  readonly fields: F;
  /** What its kind has of a rule, beside id, name and kind. @throws RULE_INVALID */
  readonly partsOf: (config: ConfigOf<F>) => object;
  /** What it does with a message; judges samples or events unless told. */
  readonly taking?: Taking<F>;
}

/** A kind of rule, ready to be registered, drawn in the palette, and read from a form. */
export interface RuleNode {
  readonly description: NodeDescription;
  register(RED: NodeRed): void;
  /** The rule that a form describes. @throws RULE_INVALID */
  ruleOf(id: string, name: string, raw: RawConfig): Rule;
}

export function ruleNode<const F extends readonly Field[]>(declaration: RuleNodeDeclaration<F>): RuleNode {
  const { kind, fields, partsOf, taking = observed } = declaration;
  const description = describe(declaration);
  const ruleOf = (id: string, name: string, config: ConfigOf<F>) => parsed({ id, name, kind, ...partsOf(config) });
  return {
    description,
    register: (RED) =>
      defineNode(RED, {
        description,
        open: (node) => {
          const name = node.name === node.id ? node.words(`${description.type}.label`) : node.name;
          return alerting(node, ruleOf(node.id, name, node.config), taking(node));
        },
      }),
    ruleOf: (id, name, raw) => ruleOf(id, name, readConfig(fields, raw)),
  };
}

function describe<const F extends readonly Field[]>(declaration: RuleNodeDeclaration<F>): NodeDescription<F> {
  const { kind, label, icon, summary, inputLabel, fields } = declaration;
  const about = {
    type: `virtflow-${kind}`,
    version: 1,
    category: 'virtflow',
    colour: colours.rule,
    icon: `font-awesome/${icon}`,
    label,
    summary,
    fields,
    help: ['rule', `virtflow-${kind}`],
  } as const;
  if (inputLabel === undefined) return { ...about, inputs: 0, outputs: 1, outputLabels: ['alert'] };
  return {
    ...about,
    inputs: 1,
    outputs: 2,
    outputsWhenOff: { field: 'passThrough', outputs: 1 },
    inputLabel,
    outputLabels: ['alert', 'what came in'],
  };
}

/** @throws RULE_INVALID */
function parsed(rule: { readonly [part: string]: unknown }): Rule {
  if (Array.isArray(rule.levels) && rule.levels.length === 0) {
    throw new VirtflowError('RULE_INVALID', { reason: 'it has no threshold' });
  }
  return parseRule(rule);
}
