import { parameterFields } from '../forms/action-description.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { approvalField, giveUpField, modeField, quietField } from '../forms/shared-fields.ts';
import { ActionRunner } from '../runtime/action-runner.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import { approvalOf, modeOf, parametersOf, timeoutOf } from '../runtime/parameters.ts';
import type { Message, NodeRed } from '../runtime/red.ts';
import { targetOf } from '../runtime/targets.ts';
import {
  actionField,
  actionId,
  anyTargetField,
  configuredParameters,
  parametersField,
  showConfiguredRights,
  typeIn,
} from './action-setting.ts';

const fields = [
  actionField,
  anyTargetField,
  parametersField,
  giveUpField,
  modeField,
  approvalField,
  quietField,
] as const satisfies readonly Field[];

export const actionDescription = {
  type: 'virtflow-action',
  version: 1,
  category: 'virtflow',
  colour: colours.generic,
  icon: 'font-awesome/fa-bolt',
  inputs: 1,
  outputs: 1,
  label: 'action',
  summary: 'Does whatever action is chosen here or named by the message.',
  outputLabels: ['result'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

export function registerAction(RED: NodeRed): void {
  defineNode(RED, { description: actionDescription, open });
}

function open(node: NodeContext<typeof fields>): LiveNode {
  const ask = async (message: Message) => {
    const action = node.platform.actions.get(actionId(node.config.action, message));
    const type = typeIn(node.raw.parametersType);
    const configured = await configuredParameters(node, node.config.parameters, type, message);
    return {
      action,
      target: targetOf(node, message, node.config.target),
      parameters: { ...configured, ...parametersOf(parameterFields(action), configured, message) },
      timeoutSeconds: timeoutOf(node.config.timeoutSeconds, message),
      mode: modeOf(node, node.config.mode, message),
      approval: approvalOf(node.config.approval),
      quiet: node.config.quiet,
    };
  };
  showConfiguredRights(node, node.config);
  return new ActionRunner(node).live(ask);
}
