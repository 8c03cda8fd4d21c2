import { VirtflowError } from '../../model/errors.ts';
import { readGroup, type WrittenGroup } from '../../operations/groups/steps.ts';
import { type Common, parseCommon } from './command.ts';

/** What a message on `command/group` asks for. */
export interface GroupCommand extends Common {
  readonly group: WrittenGroup;
}

/** What a message on `command/undo`, `command/retry` or `command/cancel` asks for. */
export interface SequelCommand extends Common {
  readonly operation: string;
}

/**
 * Reads `{ title, order, onError, limit, steps, correlationId, timeoutSeconds, plan }`.
 * @throws MESSAGE_INVALID, GROUP_INVALID
 */
export function parseGroupCommand(payload: Buffer): GroupCommand {
  const { rest, ...common } = parseCommon(payload);
  return { ...common, group: readGroup(rest, 'asked for over MQTT') };
}

/** Reads `{ operation, correlationId, plan }`. @throws MESSAGE_INVALID */
export function parseSequelCommand(payload: Buffer): SequelCommand {
  const { rest, ...common } = parseCommon(payload);
  const { operation, ...others } = rest;
  const [odd] = Object.keys(others);
  if (odd !== undefined) throw invalid(`"${odd.slice(0, 50)}" is none of operation, correlationId, plan`);
  if (typeof operation === 'string' && operation !== '' && operation.length <= 100) return { ...common, operation };
  throw invalid('operation is not the id of one');
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('MESSAGE_INVALID', { reason });
}
