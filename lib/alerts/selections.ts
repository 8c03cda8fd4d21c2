import type { Inventory } from '../inventory/inventory.ts';
import { holds } from '../inventory/selector.ts';
import type { AnyObject } from '../model/objects.ts';
import { formatRef, type ObjectRef } from '../model/reference.ts';

/** Whether selectors hold for objects, found out beforehand: the core asks and cannot wait. */
export class Selections {
  readonly #inventory: Inventory;
  readonly #known = new Map<string, { readonly of: AnyObject; readonly holds: boolean }>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  /** An object that has not changed is not asked about again; of one that vanished the last answer stays. */
  async learn(selectors: readonly string[], objects: readonly ObjectRef[]): Promise<void> {
    if (selectors.length === 0) return this.#known.clear();
    for (const ref of objects) {
      const object = this.#inventory.get(ref);
      if (object) for (const text of selectors) await this.#learn(text, object);
    }
  }

  /** False where it is not known: what cannot be told must not keep anybody quiet. */
  selected(text: string, object: ObjectRef | null): boolean {
    return object !== null && this.#known.get(keyOf(text, object))?.holds === true;
  }

  /** Forgets what nobody asks for any more. */
  keep(selectors: readonly string[], objects: readonly ObjectRef[]): void {
    const wanted = new Set(objects.flatMap((object) => selectors.map((text) => keyOf(text, object))));
    for (const key of this.#known.keys()) if (!wanted.has(key)) this.#known.delete(key);
  }

  async #learn(text: string, object: AnyObject): Promise<void> {
    const key = keyOf(text, object);
    if (this.#known.get(key)?.of === object) return;
    this.#known.set(key, { of: object, holds: await holds(text, object) });
  }
}

function keyOf(text: string, object: ObjectRef): string {
  return `${formatRef(object)}\n${text}`;
}
