import { allActions } from '../../lib/actions/registry.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { describeAction, parameterFields } from '../forms/action-description.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { approvalField, giveUpField, modeField, quietField, targetField } from '../forms/shared-fields.ts';
import { ActionRunner } from '../runtime/action-runner.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import { approvalOf, modeOf, parametersOf, timeoutOf } from '../runtime/parameters.ts';
import type { Message, NodeRed } from '../runtime/red.ts';
import { targetOf } from '../runtime/targets.ts';

/** The choice that leaves it to the message. */
const fromMessage = 'msg';

const fields = [
  {
    kind: 'choice',
    name: 'action',
    label: 'Action',
    description: 'What to do. msg.action wins over it.',
    icon: 'fa-bolt',
    default: fromMessage,
    options: [
      { value: fromMessage, label: 'as msg.action says' },
      ...allActions.map((action) => ({ value: action.id, label: describeAction(action).label })),
    ],
  },
  {
    ...targetField,
    label: 'Target',
    shared: false,
    description: 'What to work on; for an action that makes something new, the name of a connection. msg.target wins.',
  },
  {
    kind: 'typed',
    name: 'parameters',
    label: 'Parameters',
    description: 'An object with the parameters of the action; single ones are replaced by those in msg.parameters.',
    icon: 'fa-list-ul',
    default: '{}',
    types: ['json', 'jsonata', 'msg', 'flow', 'global'],
  },
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
    const configured = await configuredParameters(node, message);
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
  return new ActionRunner(node).live(ask);
}

function actionId(configured: string, message: Message): string {
  const given = message.action;
  if (typeof given === 'string') return given;
  if (given === undefined && configured !== fromMessage) return configured;
  throw new VirtflowError('MESSAGE_INVALID', { reason: 'msg.action does not name an action' });
}

async function configuredParameters(node: NodeContext<typeof fields>, message: Message) {
  const { raw } = node;
  const type = typeof raw.parametersType === 'string' ? raw.parametersType : 'json';
  if (type === 'json' && node.config.parameters.trim() === '') return {};
  const value = await evaluated(node, node.config.parameters, type, message);
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new VirtflowError('PARAMETER_INVALID', { parameter: 'parameters', reason: 'they are not an object' });
}

async function evaluated(node: NodeContext<typeof fields>, value: string, type: string, message: Message) {
  try {
    return await node.evaluate(value, type, message);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'they cannot be evaluated';
    throw new VirtflowError('PARAMETER_INVALID', { parameter: 'parameters', reason }, { cause: error });
  }
}
