import type { TObject, TSchema } from 'typebox';
import { VirtflowError } from '../model/errors.ts';
import type { Operation } from './operation.ts';
import type { Parameters } from './parameters.ts';

/**
 * Keeps what the record of an operation does not show of its parameters, encrypted and over restarts, until the
 * operation has ended.
 */
export interface Confidence {
  /** @throws STORE_*, SECRET_KEY_* */
  keep(operation: string, parameters: Parameters): void;
  /** Undefined when nothing is kept. @throws STORE_*, SECRET_* */
  find(operation: string): Parameters | undefined;
  forget(operation: string): void;
  /** The operations of which something is kept. */
  list(): readonly string[];
}

/** For those who have no safe: kept in memory, gone with the process. */
export function inMemory(): Confidence {
  const kept = new Map<string, Parameters>();
  return {
    keep: (operation, parameters) => void kept.set(operation, parameters),
    find: (operation) => kept.get(operation),
    forget: (operation) => void kept.delete(operation),
    list: () => [...kept.keys()],
  };
}

/**
 * The parameters that are taken and never given back (`writeOnly`, as in OpenAPI): a definition may hold the passwords
 * of a display or of a disk. Undefined when there are none.
 */
export function confidentialOf(schema: TObject, parameters: Parameters): Parameters | undefined {
  const names = Object.keys(parameters).filter((name) => isConfidential(schema.properties[name]));
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, parameters[name]]));
}

/** The parameters as the record shows them to everybody. */
export function shownOf(parameters: Parameters, confidential: Parameters | undefined): Parameters {
  if (!confidential) return parameters;
  const told = Object.entries(confidential).map(([name, value]) => [name, toldOf(value)] as const);
  return { ...parameters, ...Object.fromEntries(told) };
}

/** The parameters that an operation which was found in the journal needs. @throws OPERATION_INTERRUPTED, SECRET_* */
export function recall(confidence: Confidence, schema: TObject, operation: Operation): Parameters | undefined {
  if (!confidentialOf(schema, operation.parameters)) return undefined;
  const kept = confidence.find(operation.id);
  if (kept) return kept;
  const { action, targetName: target } = operation;
  throw new VirtflowError('OPERATION_INTERRUPTED', { action, target, reason: 'its parameters were not kept' });
}

function isConfidential(schema: TSchema | undefined): boolean {
  return schema !== undefined && 'writeOnly' in schema && schema.writeOnly === true;
}

/** No digest: of a short secret, or of a short one in a text that is known, it would tell which it is. */
function toldOf(value: unknown): string {
  return typeof value === 'string' ? `${value.length} characters, not shown` : 'not shown';
}
