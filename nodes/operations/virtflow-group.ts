import { VirtflowError } from '../../lib/model/errors.ts';
import { membersOf, readSteps, type Step } from '../../lib/operations/groups/steps.ts';
import type { Field, StepSetting } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { giveUpField, modeField } from '../forms/shared-fields.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import { type AskedGroup, GroupRunner } from '../runtime/group-runner.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import { modeOf, timeoutOf } from '../runtime/parameters.ts';
import type { Message, NodeRed } from '../runtime/red.ts';
import { showMissingRights } from '../runtime/rights.ts';
import { configuredTarget, findTargets, fixedTarget } from '../runtime/targets.ts';
import { actionField, anyTargetField, configuredParameters } from './action-setting.ts';
import { limitField, onErrorField, orderField } from './group-fields.ts';
import { operationIn, shapeOf } from './group-setting.ts';

const fields = [
  {
    kind: 'steps',
    name: 'steps',
    label: 'Steps',
    description: 'What to do, on what. msg.steps, a list of { action, target, parameters }, wins over it.',
    icon: 'fa-list-ol',
    target: anyTargetField,
    options: actionField.options.slice(1),
  },
  orderField,
  limitField,
  onErrorField,
  { ...giveUpField, shared: false, description: 'The whole fails when it has not ended by then; in seconds.' },
  modeField,
] as const satisfies readonly Field[];

export const groupDescription = {
  type: 'virtflow-group',
  version: 1,
  category: 'virtflow',
  colour: colours.generic,
  icon: 'font-awesome/fa-list-ol',
  inputs: 1,
  outputs: 1,
  label: 'steps',
  summary: 'Does several actions as one operation: one after the other, side by side, or in order on each connection.',
  outputLabels: ['result'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

export function registerGroup(RED: NodeRed): void {
  defineNode(RED, { description: groupDescription, open });
}

function open(node: NodeContext<typeof fields>): LiveNode {
  showMissingRights(node, () =>
    node.config.steps
      .filter(({ action }) => action !== '')
      .map(({ action, target }) => ({ action: node.platform.actions.get(action), target: fixedTarget(target) })),
  );
  return new GroupRunner(node, {
    read: (message) => (message.retry === true ? retryOf(node, message) : groupOf(node, message)),
    payload: ({ result }) => result,
  }).live();
}

async function retryOf(node: NodeContext<typeof fields>, message: Message): Promise<AskedGroup> {
  const operation = operationIn(message);
  return { work: { kind: 'retry', operation }, mode: modeOf(node, node.config.mode, message), said: operation };
}

async function groupOf(node: NodeContext<typeof fields>, message: Message): Promise<AskedGroup> {
  const { config, platform } = node;
  const mode = modeOf(node, config.mode, message);
  const timeoutSeconds = timeoutOf(config.timeoutSeconds, message);
  const steps = message.steps === undefined ? await configuredSteps(node, message) : readSteps(message.steps);
  const members = await membersOf(steps, async ({ action, target }) => {
    const { all } = await findTargets(platform, platform.actions.get(action), target);
    return all.map((wanted) => wanted.target);
  });
  const shape = { ...shapeOf(node, config, `${steps.length} steps`), members };
  return { work: { kind: 'group', shape }, mode, timeoutSeconds, said: steps };
}

function configuredSteps(node: NodeContext<typeof fields>, message: Message): Promise<readonly Step[]> {
  return Promise.all(node.config.steps.map((setting, index) => configuredStep(node, setting, index, message)));
}

async function configuredStep(
  node: NodeContext,
  { action, target, parameters, parametersType, weight, timeoutSeconds }: StepSetting,
  index: number,
  message: Message,
): Promise<Step> {
  if (action === '') throw new VirtflowError('GROUP_INVALID', { reason: `step ${index + 1} names no action` });
  return {
    action,
    target: configuredTarget(node, message, target),
    parameters: await configuredParameters(node, parameters, parametersType, message),
    ...(weight === undefined ? {} : { weight }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  };
}
