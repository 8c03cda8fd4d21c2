import { VirtflowError } from '../model/errors.ts';
import type { InventoryKind, ObjectOf } from '../model/objects.ts';
import { formatRef, isObjectKind, type ObjectRef } from '../model/reference.ts';
import type { Inventory } from './inventory.ts';
import { selector } from './selector.ts';

/** Narrows where a target is looked for. */
export interface TargetScope<K extends InventoryKind> {
  readonly kind: K;
  readonly connection?: string;
}

/**
 * Finds what a target means: a name, an id, `connection/name`, `connection/kind/id`, a reference, `{ selector }` or a
 * list of those. A name must be unique in its scope; a selector may match nothing.
 * @throws TARGET_MISSING, TARGET_INVALID, OBJECT_UNKNOWN, OBJECT_AMBIGUOUS, SELECTOR_INVALID
 */
export async function resolveTarget<K extends InventoryKind>(
  inventory: Inventory,
  target: unknown,
  scope: TargetScope<K>,
): Promise<ObjectOf<K>[]> {
  if (target === undefined || target === null || target === '') throw new VirtflowError('TARGET_MISSING');
  if (Array.isArray(target)) return resolveList(inventory, target, scope);
  if (typeof target === 'string') return [byText(inventory, target, scope)];
  if (typeof target !== 'object') throw new VirtflowError('TARGET_INVALID', { reason: `a ${typeof target} was given` });
  if ('selector' in target) return bySelector(inventory, target.selector, scope);
  if (isReference(target)) return [byReference(inventory, target, scope)];
  throw new VirtflowError('TARGET_INVALID', { reason: 'it has neither a selector nor connection, kind and id' });
}

async function resolveList<K extends InventoryKind>(
  inventory: Inventory,
  targets: readonly unknown[],
  scope: TargetScope<K>,
): Promise<ObjectOf<K>[]> {
  const found = new Map<string, ObjectOf<K>>();
  for (const target of targets) {
    if (Array.isArray(target)) throw new VirtflowError('TARGET_INVALID', { reason: 'a list holds another list' });
    for (const object of await resolveTarget(inventory, target, scope)) found.set(formatRef(object), object);
  }
  return [...found.values()];
}

async function bySelector<K extends InventoryKind>(
  inventory: Inventory,
  text: unknown,
  scope: TargetScope<K>,
): Promise<ObjectOf<K>[]> {
  if (typeof text !== 'string') throw new VirtflowError('TARGET_INVALID', { reason: 'the selector is not a text' });
  const condition = selector(text);
  const found: ObjectOf<K>[] = [];
  for (const object of inventory.list(scope)) {
    if (await condition.matches(object)) found.push(object);
  }
  return found;
}

function byText<K extends InventoryKind>(inventory: Inventory, text: string, scope: TargetScope<K>): ObjectOf<K> {
  const found = candidates(inventory, text, scope);
  const [first] = found;
  if (!first) throw unknown(inventory, text, scope);
  if (found.length > 1) {
    const matches = found.slice(0, 5).map((o) => `${o.connection}/${o.name} (${o.id})`);
    throw new VirtflowError('OBJECT_AMBIGUOUS', { target: text, count: found.length, matches });
  }
  return first;
}

/** An id wins over a name, and a name that holds a slash over `connection/name`. */
function candidates<K extends InventoryKind>(inventory: Inventory, text: string, scope: TargetScope<K>): ObjectOf<K>[] {
  const { kind, connection } = scope;
  const exact = inventory.withId(kind, text, connection);
  if (exact.length > 0) return exact;
  const named = inventory.named(kind, text, connection);
  if (named.length > 0) return named;
  const slash = text.indexOf('/');
  if (slash < 1) return [];
  const [where, rest] = [text.slice(0, slash), text.slice(slash + 1)];
  if (connection !== undefined && connection !== where) return [];
  if (rest.startsWith(`${kind}/`)) return inventory.withId(kind, rest.slice(kind.length + 1), where);
  return inventory.named(kind, rest, where);
}

function byReference<K extends InventoryKind>(
  inventory: Inventory,
  ref: ObjectRef,
  scope: TargetScope<K>,
): ObjectOf<K> {
  if (ref.kind !== scope.kind) {
    throw new VirtflowError('TARGET_INVALID', { reason: `a ${ref.kind} was given where a ${scope.kind} is needed` });
  }
  const [found] = inventory.withId(scope.kind, ref.id, ref.connection);
  if (!found) throw unknown(inventory, formatRef(ref), scope);
  return found;
}

function isReference(value: object): value is ObjectRef {
  if (!('connection' in value && 'kind' in value && 'id' in value)) return false;
  return typeof value.connection === 'string' && typeof value.id === 'string' && isObjectKind(value.kind);
}

function unknown(inventory: Inventory, target: string, scope: TargetScope<InventoryKind>): VirtflowError {
  const connection = scope.connection ?? connectionIn(inventory, target, scope);
  const names = inventory
    .list({ ...scope, connection })
    .map((o) => (connection ? o.name : `${o.connection}/${o.name}`));
  const where = connection === undefined ? 'there is' : `connection "${connection}" has`;
  const hint = `${where} ${names.length > 0 ? names.slice(0, 5).join(', ') : 'none'}${names.length > 5 ? ' …' : '.'}`;
  return new VirtflowError('OBJECT_UNKNOWN', { kind: scope.kind, target, hint });
}

/** The connection that a text names, where there is such a one: then its own objects help, not those of others. */
function connectionIn(inventory: Inventory, target: string, { kind }: TargetScope<InventoryKind>): string | undefined {
  const [where = ''] = target.split('/');
  return inventory.list({ kind, connection: where }).length > 0 ? where : undefined;
}
