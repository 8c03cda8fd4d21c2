import { allActions } from '../../lib/actions/registry.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { describeAction } from '../forms/action-description.ts';
import type { ChoiceField, TargetField, TargetSetting, TypedField } from '../forms/field.ts';
import { targetField } from '../forms/shared-fields.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { Message } from '../runtime/red.ts';
import { showMissingRights } from '../runtime/rights.ts';
import { fixedTarget } from '../runtime/targets.ts';

/** The choice that leaves it to the message. */
const fromMessage = 'msg';

export const actionField = {
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
} as const satisfies ChoiceField;

export const anyTargetField = {
  ...targetField,
  label: 'Target',
  shared: false,
  description: 'What to work on; for an action that makes something new, the name of a connection. msg.target wins.',
} as const satisfies TargetField;

export const parametersField = {
  kind: 'typed',
  name: 'parameters',
  label: 'Parameters',
  description: 'An object with the parameters of the action; single ones are replaced by those in msg.parameters.',
  icon: 'fa-list-ul',
  default: '{}',
  types: ['json', 'jsonata', 'msg', 'flow', 'global'],
} as const satisfies TypedField;

/** @throws MESSAGE_INVALID */
export function actionId(configured: string, message: Message): string {
  const given = message.action;
  if (typeof given === 'string') return given;
  if (given === undefined && configured !== fromMessage) return configured;
  throw new VirtflowError('MESSAGE_INVALID', { reason: 'msg.action does not name an action' });
}

/** The parameters that a form holds, as text and its type. @throws PARAMETER_INVALID */
export async function configuredParameters(node: NodeContext, text: string, type: string, message: Message) {
  if (type === 'json' && text.trim() === '') return {};
  const value = await evaluated(node, text, type, message);
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new VirtflowError('PARAMETER_INVALID', { parameter: 'parameters', reason: 'they are not an object' });
}

async function evaluated(node: NodeContext, value: string, type: string, message: Message) {
  try {
    return await node.evaluate(value, type, message);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'they cannot be evaluated';
    throw new VirtflowError('PARAMETER_INVALID', { parameter: 'parameters', reason }, { cause: error });
  }
}

/** Shows whether the node may do the action of its form; one that the message names is not known beforehand. */
export function showConfiguredRights(
  node: NodeContext,
  { action, target }: { readonly action: string; readonly target: TargetSetting },
): void {
  if (action === fromMessage) return;
  showMissingRights(node, () => [{ action: node.platform.actions.get(action), target: fixedTarget(target) }]);
}

/** The type beside a typed field's text, as the flow file has it. */
export function typeIn(value: unknown): string {
  return typeof value === 'string' ? value : 'json';
}
