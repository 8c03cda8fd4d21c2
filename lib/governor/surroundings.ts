import { covers } from '../access/pattern.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { selector } from '../inventory/selector.ts';
import type { AnyObject, Vm } from '../model/objects.ts';
import { formatRef, type ObjectRef } from '../model/reference.ts';
import type { Around, Member } from './rule-book.ts';
import type { Rule } from './rules.ts';

export type GovernedInventory = Pick<Inventory, 'get' | 'list'>;

/** What rules see of the hypervisors. Objects are never changed in place, so what one matched is kept with it. */
export class Surroundings {
  readonly #inventory: GovernedInventory;
  readonly #matched = new WeakMap<AnyObject, Map<string, boolean>>();

  constructor(inventory: GovernedInventory) {
    this.#inventory = inventory;
  }

  get(ref: ObjectRef): AnyObject | undefined {
    return this.#inventory.get(ref);
  }

  /** The selectors of these rules that an object matches; one that cannot be told counts as matched. */
  async selectorsOf(rules: readonly Rule[], object: AnyObject | null | undefined): Promise<ReadonlySet<string>> {
    const matched = new Set<string>();
    for (const rule of rules) {
      const text = 'selector' in rule ? rule.selector : undefined;
      if (text === undefined || object === null) continue;
      if (object === undefined || (await this.#matches(text, object))) matched.add(text);
    }
    return matched;
  }

  /** Finds which VMs each rule is about; how they are is looked up when it is asked for. */
  async look(rules: readonly Rule[]): Promise<Around> {
    const found = new Map<string, readonly Vm[]>();
    for (const rule of rules) found.set(rule.id, await this.#vmsOf(rule));
    return { members: ({ id }) => this.#now(found.get(id) ?? []) };
  }

  async #vmsOf(rule: Rule): Promise<readonly Vm[]> {
    const { connection = '*', selector: text } = rule.type === 'storm' ? {} : rule;
    const vms = this.#inventory.list({ kind: 'vm' }).filter((vm) => !vm.template && covers(connection, vm.connection));
    if (text === undefined) return vms;
    const matched = await Promise.all(vms.map((vm) => this.#matches(text, vm)));
    return vms.filter((_, index) => matched[index]);
  }

  #now(vms: readonly Vm[]): readonly Member[] {
    const pools = new Map(this.#inventory.list({ kind: 'host' }).map((host) => [formatRef(host), host.pool]));
    return vms.flatMap((vm) => {
      const now = this.#inventory.get(vm);
      return now?.kind === 'vm' ? [memberOf(now, pools)] : [];
    });
  }

  async #matches(text: string, object: AnyObject): Promise<boolean> {
    const known = this.#matched.get(object) ?? new Map<string, boolean>();
    this.#matched.set(object, known);
    const before = known.get(text);
    if (before !== undefined) return before;
    const matches = await selector(text)
      .matches(object)
      .catch(() => true);
    known.set(text, matches);
    return matches;
  }
}

function memberOf(vm: Vm, pools: ReadonlyMap<string, string | null>): Member {
  const { connection } = vm;
  const host = vm.host === null ? null : formatRef({ connection, kind: 'host', id: vm.host });
  const pool = host === null ? null : (pools.get(host) ?? null);
  return {
    object: formatRef(vm),
    connection,
    host,
    pool: pool === null ? null : formatRef({ connection, kind: 'pool', id: pool }),
    running: vm.power === 'running',
  };
}
