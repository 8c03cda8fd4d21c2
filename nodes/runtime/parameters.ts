import { VirtflowError } from '../../lib/model/errors.ts';
import type { OperationMode, OperationRequest } from '../../lib/operations/operation.ts';
import type { Field } from '../forms/field.ts';
import { type RawConfig, readNumber, readSwitch } from './config.ts';
import type { NodeContext } from './node-context.ts';
import type { Message } from './red.ts';

type Parameters = Readonly<Record<string, unknown>>;

/**
 * The one input service: each parameter comes from `msg.parameters`, else from the node's configuration, else from the
 * declaration (where the engine fills it in). Texts that are numbers or switches are taken as such; what is out of its
 * limits or unknown is left for the engine to refuse.
 * @throws PARAMETER_INVALID when msg.parameters is no object
 */
export function parametersOf(fields: readonly Field[], config: RawConfig, message: Message): Parameters {
  const configured = fields.flatMap(({ name }) => (config[name] === undefined ? [] : [[name, config[name]] as const]));
  const given = Object.entries(givenParameters(message)).map(([name, value]) => {
    const field = fields.find((one) => one.name === name);
    return [name, field ? forgiving(field, value) : value] as const;
  });
  return Object.fromEntries([...configured, ...given]);
}

/** `msg.parameters`, as it was sent. @throws PARAMETER_INVALID */
export function givenParameters(message: Message): Parameters {
  const given = message.parameters;
  if (given === undefined) return {};
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return { ...given };
  throw new VirtflowError('PARAMETER_INVALID', { parameter: 'parameters', reason: 'it is not an object' });
}

/** @throws PARAMETER_INVALID */
export function timeoutOf(configured: number | undefined, message: Message): number | undefined {
  const given = message.timeoutSeconds;
  if (given === undefined) return configured;
  const seconds = readNumber(given);
  if (seconds !== undefined && Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw new VirtflowError('PARAMETER_INVALID', {
    parameter: 'timeoutSeconds',
    reason: 'a whole number from 1 to 86400 is needed',
  });
}

/** The setting of a tab, a subflow or a group that puts all its action nodes in plan mode, whatever messages say. */
export const modeSetting = 'VIRTFLOW_MODE';

/** @throws PARAMETER_INVALID, for what is not understood must not run */
export function modeOf(node: NodeContext, configured: string, message: Message): OperationMode {
  if (isPlanOnly(node)) return 'plan';
  const given = message.plan;
  if (given === undefined) return configured === 'plan' ? 'plan' : 'run';
  const plans = readSwitch(given);
  if (plans !== undefined) return plans ? 'plan' : 'run';
  throw new VirtflowError('PARAMETER_INVALID', { parameter: 'plan', reason: 'true or false is needed' });
}

/** Whether the tab, subflow or group of a node is for plans alone. @throws PARAMETER_INVALID */
export function isPlanOnly(node: NodeContext): boolean {
  const setting = node.setting(modeSetting);
  if (setting === 'plan') return true;
  if (setting === undefined || setting === null || setting === '' || setting === 'run') return false;
  throw new VirtflowError('PARAMETER_INVALID', { parameter: modeSetting, reason: 'one of "run", "plan" is needed' });
}

/** What the node itself wants; a message cannot waive what its node asks for. */
export function approvalOf(configured: string): OperationRequest['approval'] {
  return configured === 'always' || configured === 'never' ? configured : undefined;
}

function forgiving(field: Field, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (field.kind === 'number') return readNumber(value) ?? value;
  return field.kind === 'switch' ? (readSwitch(value) ?? value) : value;
}
