import type { TObject, TSchema } from 'typebox';
import Value from 'typebox/value';
import { VirtflowError } from '../model/errors.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/**
 * Reads the parameters of an action: defaults are filled in, nothing is converted, and what the action does not know
 * is refused, for a misspelt parameter that is passed over would do something else than was asked.
 * @throws PARAMETER_INVALID
 */
export function readParameters(schema: TObject, given: unknown): Parameters {
  const known = copyKnown(schema, given);
  const complete: unknown = Value.Default(schema, known);
  if (isParameters(complete) && Value.Check(schema, complete)) return complete;
  throw firstProblem(schema, complete);
}

function copyKnown(schema: TObject, given: unknown): Record<string, unknown> {
  if (!isParameters(given)) throw invalid('parameters', `an object is needed, ${nameOf(given)} was given`);
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(schema.properties, name)) throw unknownParameter(schema, name);
    copy[name] = copied(name, value);
  }
  return copy;
}

function copied(name: string, value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    throw invalid(name, 'it is not plain data');
  }
}

function isParameters(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownParameter(schema: TObject, name: string): VirtflowError {
  const known = Object.keys(schema.properties);
  const hint = known.length > 0 ? `there are ${known.join(', ')}` : 'the action has none';
  return invalid(name.slice(0, 100), `there is no such parameter; ${hint}`);
}

function firstProblem(schema: TObject, complete: unknown): VirtflowError {
  const [problem] = Value.Errors(schema, complete);
  if (!problem) return invalid('parameters', 'they do not fit the action');
  if (problem.keyword === 'required') {
    const where = [...steps(problem.instancePath), ...problem.params.requiredProperties.slice(0, 1)];
    return invalid(where.join('.'), 'it is missing');
  }
  const path = steps(problem.instancePath);
  const [name = 'parameters', ...inner] = path;
  const declared: TSchema = schema.properties[name] ?? schema;
  const given = path.reduce<unknown>((value, step) => (isHolder(value) ? value[step] : undefined), complete);
  if (inner.length > 0) return invalid(path.join('.'), problem.message);
  return invalid(name, `${allowed(declared)} is needed, ${nameOf(given)} was given`);
}

function isHolder(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The steps of a JSON pointer (RFC 6901). */
function steps(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What a schema lets in, in words: "a whole number from 1 to 3600". */
function allowed(schema: TSchema): string {
  const facts: Record<string, unknown> = { ...schema };
  const choices = choicesOf(facts);
  if (choices) return `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
  if (facts.type === 'integer') return `a whole number${span(facts.minimum, facts.maximum)}`;
  if (facts.type === 'number') return `a number${span(facts.minimum, facts.maximum)}`;
  if (facts.type === 'boolean') return 'true or false';
  if (facts.type === 'array') return `a list${counted(facts.minItems, facts.maxItems, 'entries')}`;
  if (facts.type !== 'string') return `a valid ${String(facts.type ?? 'value')}`;
  const shape = typeof facts.pattern === 'string' ? ` that matches ${facts.pattern}` : '';
  return `a text${counted(facts.minLength, facts.maxLength, 'characters')}${shape}`;
}

function choicesOf(facts: Record<string, unknown>): unknown[] | undefined {
  if (Array.isArray(facts.enum)) return facts.enum;
  if ('const' in facts) return [facts.const];
  if (!Array.isArray(facts.anyOf)) return undefined;
  const branches: unknown[] = facts.anyOf;
  return branches.every((branch) => isHolder(branch) && 'const' in branch)
    ? branches.map((branch) => (isHolder(branch) ? branch.const : undefined))
    : undefined;
}

function span(least: unknown, most: unknown): string {
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return ` of at least ${least}`;
  return most === undefined ? '' : ` of at most ${most}`;
}

function counted(least: unknown, most: unknown, unit: string): string {
  const of = span(least, most);
  return of === '' ? '' : `${of.replace(' from', ' of')} ${unit}`;
}

/** A text is not repeated, for it may be a secret. */
function nameOf(value: unknown): string {
  if (value === null) return 'nothing (null)';
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function invalid(parameter: string, reason: string): VirtflowError {
  return new VirtflowError('PARAMETER_INVALID', { parameter, reason });
}
