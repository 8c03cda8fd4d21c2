import type { InventoryFact } from '../inventory/inventory.ts';
import { standingSample } from '../metrics/happened.ts';
import type { AnyObject, Vm } from '../model/objects.ts';
import type { Sample } from '../model/reading.ts';
import { formatRef } from '../model/reference.ts';
import { hostOf } from './operation-sample.ts';

/**
 * How each VM stands, as points: whenever its power changes, and of all every so often, so that whoever looks at a part
 * of the past finds it there.
 */
export class PowerStates {
  /** VMs that went out of the inventory, and when; that may be for its connection was taken away. */
  readonly #removed = new Map<string, { readonly vm: Vm; readonly at: number }>();

  /** The point of a change in the inventory; none where the power is as it was. */
  hear(fact: InventoryFact, at: number): readonly Sample[] {
    const { object } = fact;
    if (!isCounted(object)) return [];
    const key = formatRef(object);
    if (fact.type === 'removed') {
      this.#removed.set(key, { vm: object, at });
      return [];
    }
    this.#removed.delete(key);
    if (fact.type === 'changed' && isCounted(fact.before) && fact.before.power === object.power) return [];
    return [pointOf(object, at)];
  }

  all(vms: readonly Vm[], at: number): readonly Sample[] {
    return vms.filter(isCounted).map((vm) => pointOf(vm, at));
  }

  /** Those that are gone: removed by now where the connection is there to tell, undefined where it was taken away. */
  gone(isConnected: (connection: string) => boolean | undefined): readonly Sample[] {
    return [...this.#removed].flatMap(([key, { vm, at }]) => {
      const connected = isConnected(vm.connection);
      if (connected !== false) this.#removed.delete(key);
      return connected ? [standingSample({ at, object: vm, name: vm.name, power: 'gone' }, hostOf(vm))] : [];
    });
  }
}

function pointOf(vm: Vm, at: number): Sample {
  return standingSample({ at, object: vm, name: vm.name, power: vm.power }, hostOf(vm));
}

/** Templates are never on. */
function isCounted(object: AnyObject): object is Vm {
  return object.kind === 'vm' && !object.template;
}
