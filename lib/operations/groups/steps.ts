import { VirtflowError } from '../../model/errors.ts';
import type { OperationRequest } from '../operation.ts';
import { deepestGroup, type GroupOrder, type Member, type OnError } from './group.ts';

type Target = OperationRequest['target'];

/** A group as people write it: with targets by name or selector, which are looked for when it begins. */
export interface WrittenGroup {
  readonly title: string;
  readonly order: GroupOrder;
  readonly onError: OnError;
  readonly limit?: number;
  readonly steps: readonly Step[];
}

export type Step = ActionStep | GroupStep;

export interface ActionStep {
  readonly action: string;
  /** A name, an id, a reference, a selector or a list. */
  readonly target: unknown;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds?: number;
  readonly weight?: number;
}

/** A group within a group. */
export interface GroupStep {
  readonly group: WrittenGroup;
  readonly weight?: number;
}

/** Finds what the target of a step means; `place` tells the step from all others of its group: `2`, `2.1`. */
export type FindTargets = (step: ActionStep, place: string) => Promise<readonly Target[]>;

const knownOfGroup: readonly string[] = ['title', 'order', 'onError', 'limit', 'steps'];
const knownOfStep: readonly string[] = ['action', 'target', 'parameters', 'timeoutSeconds', 'weight'];
const longestTitle = 200;

/**
 * Reads `{ title, order, onError, limit, steps }`; what is left out is a sequence that stops at an error.
 * @throws GROUP_INVALID on what is unknown or of another type; whether the group can be done `submitGroup` says
 */
export function readGroup(value: unknown, titleOfNone: string, depth = 1): WrittenGroup {
  if (!isRecord(value)) throw invalid('it is not an object');
  refuseUnknown(value, knownOfGroup, 'the group');
  if (depth > deepestGroup) throw invalid(`groups stand more than ${deepestGroup} deep in each other`);
  const { title = titleOfNone, order = 'sequence', onError = 'stop', limit, steps } = value;
  if (typeof title !== 'string' || title.length > longestTitle) throw invalid('title is no text, or too long');
  return {
    title: title === '' ? titleOfNone : title,
    order: oneOf('order', order, ['sequence', 'parallel', 'per-connection']),
    onError: oneOf('onError', onError, ['stop', 'continue', 'roll-back']),
    ...optionalNumber('limit', limit),
    steps: readSteps(steps, depth),
  };
}

/** @throws GROUP_INVALID */
export function readSteps(value: unknown, depth = 1): readonly Step[] {
  if (!Array.isArray(value)) throw invalid('steps is not a list');
  return value.map((step: unknown, index) => readStep(step, index + 1, depth));
}

function readStep(value: unknown, number: number, depth: number): Step {
  if (!isRecord(value)) throw invalid(`step ${number} is not an object`);
  if ('steps' in value) {
    const { weight, ...group } = value;
    return { group: readGroup(group, `step ${number}`, depth + 1), ...optionalNumber('weight', weight) };
  }
  refuseUnknown(value, knownOfStep, `step ${number}`);
  const { action, target, parameters = {}, timeoutSeconds, weight } = value;
  if (typeof action !== 'string') throw invalid(`step ${number} names no action`);
  if (!isRecord(parameters)) throw invalid(`the parameters of step ${number} are not an object`);
  return {
    action,
    target,
    parameters,
    ...optionalNumber('timeoutSeconds', timeoutSeconds),
    ...optionalNumber('weight', weight),
  };
}

/**
 * The members of a group. A step that means several objects becomes as many members, which share its weight; one whose
 * selector matches nothing becomes none.
 * @throws what `find` throws
 */
export async function membersOf(steps: readonly Step[], find: FindTargets, above = ''): Promise<readonly Member[]> {
  const members: Member[] = [];
  for (const [index, step] of steps.entries()) {
    const place = `${above}${index + 1}`;
    if ('group' in step) members.push(await groupMember(step, find, place));
    else members.push(...actionMembers(step, await find(step, place)));
  }
  return members;
}

async function groupMember({ group, weight }: GroupStep, find: FindTargets, place: string): Promise<Member> {
  const { steps, ...shape } = group;
  const members = await membersOf(steps, find, `${place}.`);
  return { group: { ...shape, members }, ...(weight === undefined ? {} : { weight }) };
}

function actionMembers({ action, parameters, timeoutSeconds, weight }: ActionStep, targets: readonly Target[]) {
  return targets.map((target) => ({
    action,
    target,
    parameters,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(weight === undefined ? {} : { weight: weight / targets.length }),
  }));
}

function oneOf<T extends string>(name: string, value: unknown, all: readonly T[]): T {
  const found = all.find((one) => one === value);
  if (found !== undefined) return found;
  throw invalid(`${name} is none of ${all.join(', ')}`);
}

function optionalNumber<K extends string>(name: K, value: unknown): { readonly [P in K]?: number } {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(`${name} is not a number`);
  const found: { [P in K]?: number } = {};
  found[name] = value;
  return found;
}

function refuseUnknown(value: object, known: readonly string[], where: string): void {
  const odd = Object.keys(value).find((key) => !known.includes(key));
  if (odd !== undefined) throw invalid(`"${odd.slice(0, 50)}" in ${where} is none of ${known.join(', ')}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('GROUP_INVALID', { reason });
}
