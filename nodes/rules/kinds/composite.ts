import type { MemberSetting } from '../../forms/field.ts';
import { backtestField, holdFields, overField, targetsField, targetsOf } from '../rule-fields.ts';
import { ruleNode } from '../rule-node.ts';

export const composite = ruleNode({
  kind: 'composite',
  label: 'composite',
  icon: 'fa-sitemap',
  summary: 'Joins other rules: fires when all of them do, or any, and others do not.',
  fields: [
    {
      kind: 'choice',
      name: 'join',
      label: 'Fires when',
      description: 'Whether each line has to hold, or one of them.',
      icon: 'fa-link',
      default: 'all',
      options: [
        { value: 'all', label: 'all of these hold' },
        { value: 'any', label: 'any of these holds' },
      ],
    },
    {
      kind: 'members',
      name: 'members',
      label: 'Rules',
      description: 'Of nodes and of rules.json. Conditions within conditions are for the node “rule”.',
      icon: 'fa-list',
    },
    {
      kind: 'choice',
      name: 'severity',
      label: 'Severity',
      description: 'That of the alert.',
      icon: 'fa-exclamation-triangle',
      default: 'critical',
      options: [
        { value: 'critical', label: 'critical' },
        { value: 'warning', label: 'warning' },
        { value: 'info', label: 'info' },
      ],
    },
    overField,
    targetsField,
    ...holdFields,
    backtestField,
  ],
  partsOf: (config) => {
    const { join, members, severity, over, forSeconds, keepFiringForSeconds } = config;
    const condition = { [join]: members.map(conditionOf) };
    return { condition, severity, over, ...targetsOf(config.targets), forSeconds, keepFiringForSeconds };
  },
});

function conditionOf({ rule, fires, atLeast }: MemberSetting) {
  const member = atLeast === 'info' ? { rule } : { rule, atLeast };
  return fires ? member : { not: member };
}
