import type { InventoryChange } from '../drivers/driver.ts';
import { Feed } from '../model/feed.ts';
import type { AnyObject, InventoryKind, ObjectOf } from '../model/objects.ts';
import { formatRef, type ObjectRef } from '../model/reference.ts';

export type InventoryFact =
  | { readonly type: 'added'; readonly object: AnyObject }
  | { readonly type: 'changed'; readonly object: AnyObject; readonly before: AnyObject }
  | { readonly type: 'removed'; readonly object: AnyObject };

export interface InventoryFilter {
  readonly connection?: string | undefined;
  readonly kind?: InventoryKind | undefined;
}

/** What exists now, on all connections, as the drivers told it. */
export class Inventory {
  readonly changes = new Feed<InventoryFact>();
  readonly #connections = new Map<string, Map<string, AnyObject>>();
  readonly #byName = new Map<string, Set<AnyObject>>();

  get(ref: ObjectRef): AnyObject | undefined {
    return this.#connections.get(ref.connection)?.get(formatRef(ref));
  }

  list<K extends InventoryKind>(filter: { readonly connection?: string | undefined; readonly kind: K }): ObjectOf<K>[];
  list(filter?: InventoryFilter): AnyObject[];
  list(filter: InventoryFilter = {}): AnyObject[] {
    const maps = filter.connection === undefined ? this.#connections.values() : [this.#objects(filter.connection)];
    const found: AnyObject[] = [];
    for (const map of maps) {
      for (const object of map.values()) {
        if (filter.kind === undefined || object.kind === filter.kind) found.push(object);
      }
    }
    return found;
  }

  /** Objects of a kind with exactly this name, on one connection or all. */
  named<K extends InventoryKind>(kind: K, name: string, connection?: string): ObjectOf<K>[] {
    const found: ObjectOf<K>[] = [];
    for (const object of this.#byName.get(name) ?? []) {
      if (isOfKind(object, kind) && (connection === undefined || object.connection === connection)) found.push(object);
    }
    return found;
  }

  /** Objects of a kind with this id, on one connection or all. */
  withId<K extends InventoryKind>(kind: K, id: string, connection?: string): ObjectOf<K>[] {
    const names = connection === undefined ? [...this.#connections.keys()] : [connection];
    const found: ObjectOf<K>[] = [];
    for (const name of names) {
      const object = this.get({ connection: name, kind, id });
      if (object && isOfKind(object, kind)) found.push(object);
    }
    return found;
  }

  apply(connection: string, change: InventoryChange): void {
    if (change.type === 'put') this.#put(connection, change.object);
    else if (change.type === 'delete') this.#delete(change.ref);
    else this.#reset(connection, change.objects);
  }

  /** A connection was taken away: its objects are no longer known. */
  forget(connection: string): void {
    this.#reset(connection, []);
    this.#connections.delete(connection);
  }

  #put(connection: string, object: AnyObject): void {
    const objects = this.#objects(connection);
    this.#connections.set(connection, objects);
    const key = formatRef(object);
    const before = objects.get(key);
    if (before) this.#unindex(before);
    objects.set(key, object);
    this.#index(object);
    this.changes.publish(before ? { type: 'changed', object, before } : { type: 'added', object });
  }

  #delete(ref: ObjectRef): void {
    const objects = this.#objects(ref.connection);
    const object = objects.get(formatRef(ref));
    if (!object) return;
    objects.delete(formatRef(ref));
    this.#unindex(object);
    this.changes.publish({ type: 'removed', object });
  }

  #reset(connection: string, objects: readonly AnyObject[]): void {
    const kept = new Set(objects.map(formatRef));
    for (const [key, object] of [...this.#objects(connection)]) {
      if (!kept.has(key)) this.#delete(object);
    }
    for (const object of objects) this.#put(connection, object);
  }

  #index(object: AnyObject): void {
    const named = this.#byName.get(object.name);
    if (named) named.add(object);
    else this.#byName.set(object.name, new Set([object]));
  }

  #unindex(object: AnyObject): void {
    const named = this.#byName.get(object.name);
    named?.delete(object);
    if (named?.size === 0) this.#byName.delete(object.name);
  }

  #objects(connection: string): Map<string, AnyObject> {
    return this.#connections.get(connection) ?? new Map();
  }
}

function isOfKind<K extends InventoryKind>(object: AnyObject, kind: K): object is ObjectOf<K> {
  return object.kind === kind;
}
