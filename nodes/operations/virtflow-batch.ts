import type { ActionMember, Member } from '../../lib/operations/groups/group.ts';
import { inLevels, levelOf } from '../../lib/operations/groups/levels.ts';
import { parameterFields } from '../forms/action-description.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { giveUpField, modeField } from '../forms/shared-fields.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import { type AskedGroup, GroupRunner } from '../runtime/group-runner.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import { modeOf, parametersOf, timeoutOf } from '../runtime/parameters.ts';
import type { Message, NodeRed } from '../runtime/red.ts';
import { findTargets, targetOf } from '../runtime/targets.ts';
import {
  actionField,
  actionId,
  anyTargetField,
  configuredParameters,
  parametersField,
  showConfiguredRights,
  typeIn,
} from './action-setting.ts';
import { batchItems } from './batch-items.ts';
import { batchOrderField, levelTagField, limitField, onErrorField } from './group-fields.ts';
import { onErrorIn, operationIn, shapeOf } from './group-setting.ts';

const fields = [
  actionField,
  { ...anyTargetField, modes: ['selector', 'list', 'message'] },
  parametersField,
  batchOrderField,
  levelTagField,
  limitField,
  { ...onErrorField, default: 'continue' },
  {
    ...giveUpField,
    label: 'Give up each after',
    shared: false,
    description: 'The operation on an object fails when it has not ended by then. msg.timeoutSeconds wins over it.',
  },
  {
    kind: 'switch',
    name: 'failedOutput',
    label: 'Second output for when some failed',
    description: 'It then takes the messages of which not all succeeded, and Catch nodes do not hear of them.',
    default: false,
  },
  modeField,
] as const satisfies readonly Field[];

export const batchDescription = {
  type: 'virtflow-batch',
  version: 1,
  category: 'virtflow',
  colour: colours.generic,
  icon: 'font-awesome/fa-clone',
  inputs: 1,
  outputs: 2,
  outputsWhenOff: { field: 'failedOutput', outputs: 1 },
  label: 'for each',
  summary: 'Does one action on each of many objects, as one operation with a result for each.',
  outputLabels: ['results', 'some failed'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

export function registerBatch(RED: NodeRed): void {
  defineNode(RED, { description: batchDescription, open });
}

function open(node: NodeContext<typeof fields>): LiveNode {
  showConfiguredRights(node, node.config);
  return new GroupRunner(node, {
    read: (message) => (message.retry === true ? retryOf(node, message) : batchOf(node, message)),
    payload: (operation) => batchItems(operation, node.platform.inventory),
    hasFailedOutput: node.config.failedOutput,
  }).live();
}

/** What failed of a former batch, once more. */
async function retryOf(node: NodeContext<typeof fields>, message: Message): Promise<AskedGroup> {
  const operation = operationIn(message);
  return { work: { kind: 'retry', operation }, mode: modeOf(node, node.config.mode, message), said: operation };
}

async function batchOf(node: NodeContext<typeof fields>, message: Message): Promise<AskedGroup> {
  const { config, platform } = node;
  const action = platform.actions.get(actionId(config.action, message));
  const said = targetOf(node, message, config.target);
  const type = typeIn(node.raw.parametersType);
  const configured = await configuredParameters(node, config.parameters, type, message);
  const parameters = { ...configured, ...parametersOf(parameterFields(action), configured, message) };
  const timeoutSeconds = timeoutOf(config.timeoutSeconds, message);
  const mode = modeOf(node, config.mode, message);
  const { all } = await findTargets(platform, action, said);
  const each = { action: action.id, parameters, ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) };
  const shape = {
    ...shapeOf(node, config, `${action.id} for each of ${all.length}`),
    members: arranged(
      node,
      all.map(({ target }) => ({ ...each, target })),
    ),
  };
  return { work: { kind: 'group', shape }, mode, said: [action.id, parameters, timeoutSeconds, said] };
}

/** Where levels are wanted, the members of each as a group. */
function arranged(
  { config, platform }: NodeContext<typeof fields>,
  members: readonly ActionMember[],
): readonly Member[] {
  const { order, levelTag, limit, onError } = config;
  if (order !== 'levels-up' && order !== 'levels-down') return members;
  const levelled = members.map((member) => {
    const object = 'id' in member.target ? platform.inventory.get(member.target) : undefined;
    return { member, level: levelOf(object?.tags ?? [], levelTag) };
  });
  return inLevels(levelled, { onError: onErrorIn(onError), direction: order === 'levels-up' ? 'up' : 'down', limit });
}
