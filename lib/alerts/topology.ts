import type { ConnectionFact } from '../connections/connections.ts';
import type { Inventory, InventoryFact } from '../inventory/inventory.ts';
import type { AnyObject, Vm } from '../model/objects.ts';
import { formatRef, type ObjectRef, parseRef, refOf } from '../model/reference.ts';
import type { Subject } from '../rules/tracked.ts';
import type { Place } from './world.ts';

/** So long after it left its host a VM counts as having been there: a host that dies loses its VMs before anybody knows. */
const rememberedMs = 10 * 60_000;

export interface NamedNode {
  readonly node: string;
  readonly kind: string;
  readonly name: string;
}

/** Where a connection stands among those that depend on one another. */
export function connectionNode(connection: ConnectionFact['connection']): string {
  return `${connection}/connection/${connection}`;
}

/** What depends on what: VM → host → pool, VM → storage pool, VM → network, and all of them on their connection. */
export class Topology {
  readonly #inventory: Inventory;
  readonly #now: () => number;
  /** Where VMs were that have no host any more. */
  readonly #lastHosts = new Map<string, { readonly host: string; readonly at: number }>();
  #unsubscribe: (() => void) | undefined;

  constructor(inventory: Inventory, now: () => number) {
    this.#inventory = inventory;
    this.#now = now;
  }

  start(): void {
    this.#unsubscribe ??= this.#inventory.changes.subscribe((fact) => this.#follow(fact));
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  /** Undefined where the object is not known, or not any more. */
  place({ object, tags, key }: Pick<Subject, 'object' | 'tags' | 'key'>): Place | undefined {
    const { connection } = tags;
    if (!object)
      return {
        node: key,
        above: connection === undefined || key === connectionNode(connection) ? [] : [connectionNode(connection)],
      };
    const known = this.#inventory.get(object);
    if (known) return { node: formatRef(object), above: [...this.#above(known), connectionNode(object.connection)] };
    return undefined;
  }

  /** The VMs that depend on a node, by name. */
  below(node: string): readonly { readonly ref: ObjectRef; readonly name: string }[] {
    const [connection = '', kind = ''] = node.split('/');
    const isAll = kind === 'connection';
    return this.#inventory
      .list({ connection, kind: 'vm' })
      .filter((vm) => !vm.template && (isAll || this.#above(vm).includes(node)))
      .map((vm) => ({ ref: refOf(vm), name: vm.name }))
      .toSorted((a, b) => a.name.localeCompare(b.name));
  }

  /** What stands at a node: an object by its name, or by its id where it is not known any more. */
  named(node: string): NamedNode {
    const [connection = '', kind = '', ...id] = node.split('/');
    if (kind === 'connection') return { node, kind, name: connection };
    const known = this.#inventory.get(parseRef(node));
    return { node, kind, name: known?.name ?? id.join('/') };
  }

  #above(object: AnyObject): readonly string[] {
    switch (object.kind) {
      case 'vm':
        return [...this.#hostsOf(object), ...this.#storageOf(object), ...this.#networksOf(object)];
      case 'host':
        return object.pool === null ? [] : [nodeOf(object, 'pool', object.pool)];
      case 'snapshot':
        return [nodeOf(object, 'vm', object.vm)];
      case 'volume':
        return [nodeOf(object, 'storage-pool', object.pool)];
      default:
        return [];
    }
  }

  #hostsOf(vm: Vm): readonly string[] {
    const last = this.#lastHosts.get(formatRef(vm));
    const id = vm.host ?? (last && this.#now() - last.at < rememberedMs ? last.host : null);
    if (id === null) return [];
    const host = this.#inventory.get({ connection: vm.connection, kind: 'host', id });
    return [nodeOf(vm, 'host', id), ...(host ? this.#above(host) : [])];
  }

  #storageOf({ connection, disks }: Vm): readonly string[] {
    const sources = new Set(disks.flatMap(({ source }) => source ?? []));
    if (sources.size === 0) return [];
    const volumes = this.#inventory.list({ connection, kind: 'volume' }).filter((one) => {
      return sources.has(one.id) || (one.path !== null && sources.has(one.path));
    });
    return [...new Set(volumes.map((volume) => nodeOf(volume, 'storage-pool', volume.pool)))];
  }

  #networksOf({ connection, nics }: Vm): readonly string[] {
    const names = new Set(nics.flatMap(({ network }) => network ?? []));
    const networks = this.#inventory.list({ connection, kind: 'network' });
    return networks
      .filter((one) => names.has(one.name) || (one.bridge !== null && names.has(one.bridge)))
      .map(formatRef);
  }

  #follow(fact: InventoryFact): void {
    if (fact.object.kind !== 'vm') return;
    const key = formatRef(fact.object);
    if (fact.type === 'removed' || fact.object.host !== null) this.#lastHosts.delete(key);
    else if (fact.type === 'changed' && fact.before.kind === 'vm' && fact.before.host !== null)
      this.#lastHosts.set(key, { host: fact.before.host, at: this.#now() });
  }
}

function nodeOf({ connection }: AnyObject, kind: ObjectRef['kind'], id: string): string {
  return formatRef({ connection, kind, id });
}
