import type { Inventory } from '../../lib/inventory/inventory.ts';
import { type ErrorRecord, VirtflowError } from '../../lib/model/errors.ts';
import { isGroup, type Member } from '../../lib/operations/groups/group.ts';
import { type Operation, objectOf } from '../../lib/operations/operation.ts';
import type { TargetOutcome } from '../runtime/action-runner.ts';

/** How a group tells of a member: of one that was done in `items`, of one that was planned in `steps`. */
interface Told {
  readonly name?: unknown;
  readonly action?: unknown;
  readonly state?: unknown;
  readonly result?: unknown;
  readonly plan?: unknown;
  readonly error?: unknown;
  readonly because?: unknown;
}

/** What `msg.payload` of a batch tells: for each object whether it succeeded, in their order. */
export function batchItems({ group, result }: Operation, inventory: Inventory): readonly TargetOutcome[] {
  return itemsOf(group?.members ?? [], result, inventory);
}

/** Of a group within it, such as a level, what its members tell. */
function itemsOf(members: readonly Member[], result: Operation['result'], inventory: Inventory): TargetOutcome[] {
  const told = listIn(result?.items ?? result?.steps);
  return members.flatMap((member, index) => {
    const one = told[index] ?? {};
    if (!isGroup(member)) return [itemOf(member, one, inventory)];
    return itemsOf(member.group.members, recordIn(one.result ?? one.plan) ?? null, inventory);
  });
}

function itemOf(member: Exclude<Member, { group: unknown }>, told: Told, inventory: Inventory): TargetOutcome {
  const { target, action } = member;
  const object = objectOf(target);
  const name =
    (object && inventory.get(object)?.name) ?? (typeof told.name === 'string' ? told.name : target.connection);
  const ok = told.state === 'succeeded' || told.state === 'planned';
  const result = recordIn(told.result ?? told.plan);
  const part = { target, name, ok, ...(result === undefined ? {} : { result }) };
  return ok ? part : { ...part, error: errorIn(told) ?? skipped(action, name, told.because) };
}

function skipped(action: string, target: string, because: unknown): ErrorRecord {
  const reason = typeof because === 'string' ? because : 'its group ended before';
  return new VirtflowError('STEP_SKIPPED', { action, target, reason }).toJSON();
}

function errorIn({ error }: Told): ErrorRecord | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if (!('code' in error && 'message' in error && 'advice' in error)) return undefined;
  const { code, message, advice } = error;
  if (typeof code !== 'string' || typeof message !== 'string' || typeof advice !== 'string') return undefined;
  return { ...error, code, message, advice };
}

function recordIn(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}

function listIn(value: unknown): readonly Told[] {
  return Array.isArray(value) ? value.map((one: unknown) => (typeof one === 'object' && one !== null ? one : {})) : [];
}
