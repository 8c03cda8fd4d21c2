import type { InventoryFact } from '../inventory/inventory.ts';
import type { Feed, Unsubscribe } from '../model/feed.ts';
import type { AnyObject } from '../model/objects.ts';
import { formatRef, type ObjectRef } from '../model/reference.ts';
import type { Rule } from './rule.ts';
import { isAmong, type Targets } from './targets.ts';

/** What exists, as rules see it. */
export interface RuleInventory {
  readonly changes: Feed<InventoryFact>;
  get(ref: ObjectRef): AnyObject | undefined;
  list(): readonly AnyObject[];
}

/** So many objects are looked at before others have a turn. */
const atOnce = 500;

/** For which objects rules count, found out beforehand and kept up as the inventory changes: who judges cannot wait. */
export class Scopes {
  readonly #inventory: RuleInventory;
  /** An object that a rule does not count for, any more or at all. */
  readonly #isOut: (rule: string, object: ObjectRef) => void;
  readonly #scopes = new Map<string, { readonly targets: Targets; readonly among: Map<string, boolean> }>();
  #unsubscribe: Unsubscribe | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(inventory: RuleInventory, isOut: (rule: string, object: ObjectRef) => void) {
    this.#inventory = inventory;
    this.#isOut = isOut;
  }

  follow({ id, targets }: Rule): void {
    const known = this.#scopes.get(id);
    if (targets && JSON.stringify(known?.targets) === JSON.stringify(targets)) return;
    this.forget(id);
    if (!targets) return;
    this.#scopes.set(id, { targets, among: new Map() });
    this.#unsubscribe ??= this.#inventory.changes.subscribe((fact) => this.#take(fact));
    this.#look(this.#inventory.list(), [id]);
  }

  forget(id: string): void {
    this.#scopes.delete(id);
    if (this.#scopes.size === 0) this.stop();
  }

  /** Stays as it is, whatever becomes of the inventory. */
  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  /** Whether a rule counts for an object; no, as long as that is not known. */
  has(id: string, object: ObjectRef | null): boolean {
    const scope = this.#scopes.get(id);
    if (!scope) return true;
    return object !== null && scope.among.get(formatRef(object)) === true;
  }

  /** Resolves when all that is known now has been looked at. */
  async settled(): Promise<void> {
    await this.#looking;
  }

  #take(fact: InventoryFact): void {
    if (fact.type !== 'removed') this.#look([fact.object], [...this.#scopes.keys()]);
    else for (const { among } of this.#scopes.values()) among.delete(formatRef(fact.object));
  }

  #look(objects: readonly AnyObject[], ids: readonly string[]): void {
    this.#looking = this.#looking.then(async () => {
      for (const [index, object] of objects.entries()) {
        if (index % atOnce === atOnce - 1) await new Promise(setImmediate);
        for (const id of ids) await this.#ask(id, object);
      }
    });
  }

  async #ask(id: string, object: AnyObject): Promise<void> {
    const scope = this.#scopes.get(id);
    if (!scope) return;
    const holds = await isAmong(scope.targets, object);
    // One that has changed meanwhile is asked about again.
    if (this.#inventory.get(object) !== object || this.#scopes.get(id) !== scope) return;
    scope.among.set(formatRef(object), holds);
    if (!holds) this.#isOut(id, object);
  }
}
