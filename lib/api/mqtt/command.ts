import { VirtflowError } from '../../model/errors.ts';
import type { OperationMode } from '../../operations/operation.ts';
import { payloadLimitBytes } from './broker.ts';

/** What every command message may say. */
export interface Common {
  readonly correlationId: string | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly mode: OperationMode;
}

/** What the command of an action asks for. */
export interface Command extends Common {
  readonly target: unknown;
  readonly parameters: Readonly<Record<string, unknown>>;
}

const correlationIdLimit = 200;

/**
 * Reads a command's payload: JSON `{ target, parameters, correlationId, timeoutSeconds, plan }`.
 * @throws MESSAGE_INVALID
 */
export function parseCommand(payload: Buffer): Command {
  const { rest, ...common } = parseCommon(payload);
  for (const key of Object.keys(rest)) {
    if (!known.includes(key)) throw invalid(`"${key.slice(0, 50)}" is none of ${known.join(', ')}`);
  }
  return { ...common, target: rest.target, parameters: parseParameters(rest.parameters) };
}

/** Reads what is common to all commands; `rest` is what else is there. @throws MESSAGE_INVALID */
export function parseCommon(payload: Buffer): Common & { readonly rest: Readonly<Record<string, unknown>> } {
  const { correlationId, timeoutSeconds, plan, ...rest } = parseObject(payload);
  return {
    correlationId: parseCorrelationId(correlationId),
    timeoutSeconds: parseTimeout(timeoutSeconds),
    mode: parseMode(plan),
    rest,
  };
}

/** The correlation id of a message that is otherwise of no use, so that its sender can be told. */
export function correlationIdIn(payload: Buffer): string | undefined {
  try {
    return parseCorrelationId(parseObject(payload).correlationId);
  } catch {
    return undefined;
  }
}

const known: readonly string[] = ['target', 'parameters', 'correlationId', 'timeoutSeconds', 'plan'];

export function parseObject(payload: Buffer): Record<string, unknown> {
  if (payload.length > payloadLimitBytes) throw invalid(`it is longer than ${payloadLimitBytes} bytes`);
  const value = parseJson(payload);
  if (!isObject(value)) throw invalid('it is not a JSON object');
  return value;
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    throw invalid('it is not JSON');
  }
}

function parseParameters(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw invalid('parameters is not an object');
  return value;
}

function parseCorrelationId(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || text === '' || text.length > correlationIdLimit) {
    throw invalid(`correlationId is not a text of 1 to ${correlationIdLimit} characters`);
  }
  return text;
}

function parseTimeout(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value) && value > 0 && value <= 7 * 86_400) return value;
  throw invalid('timeoutSeconds is not a number of seconds between 0 and a week');
}

function parseMode(plan: unknown): OperationMode {
  if (plan === undefined || plan === null || plan === false) return 'run';
  if (plan === true) return 'plan';
  throw invalid('plan is neither true nor false');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('MESSAGE_INVALID', { reason });
}
