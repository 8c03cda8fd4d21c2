import type { AnyObject } from '../model/objects.ts';
import type { ObjectRef } from '../model/reference.ts';
import type { Operation } from '../operations/operation.ts';
import { decide, type Principal } from './decision.ts';
import { type Permission, standingPermissions } from './permission.ts';
import { askerOf } from './principals.ts';
import type { Subject } from './scope.ts';
import { subjectOf } from './subject.ts';

const { readInventory } = standingPermissions;

interface Objects {
  get(ref: ObjectRef): AnyObject | undefined;
  list(filter?: { readonly connection: string }): readonly AnyObject[];
}

/** What somebody may see, with the rights of this moment: it is made anew for each request, and not kept. */
export class Sight {
  readonly who: Principal;
  readonly #objects: Objects;
  #everything: Promise<boolean> | undefined;

  constructor(who: Principal, objects: Objects) {
    this.who = who;
    this.#objects = objects;
  }

  /** Whether there is nothing that they may not see. */
  everything(): Promise<boolean> {
    this.#everything ??= this.may(readInventory, null);
    return this.#everything;
  }

  async object(object: AnyObject): Promise<boolean> {
    const { connection, kind } = object;
    return (await this.everything()) || this.may(readInventory, { connection, kind, object });
  }

  /** Something of which only the reference is at hand. */
  async reference(ref: ObjectRef): Promise<boolean> {
    const { connection, kind } = ref;
    const subject = { connection, kind, object: this.#objects.get(ref) };
    return (await this.everything()) || this.may(readInventory, subject);
  }

  /**
   * Which figures they may see, told by their tags; undefined when all. Those of what is not in the inventory any more
   * are seen by who may see everything.
   */
  async figures(): Promise<((tags: Readonly<Record<string, string>>) => boolean) | undefined> {
    if (await this.everything()) return undefined;
    const seen = new Set<string>();
    for (const object of this.#objects.list()) if (await this.object(object)) seen.add(keyOf(object));
    return ({ connection = '', id = '' }) => seen.has(keyOf({ connection, id }));
  }

  /** A connection is seen by whoever may see it, or anything on it. */
  async connection(connection: string): Promise<boolean> {
    if ((await this.everything()) || (await this.may(readInventory, { connection, kind: 'connection' }))) return true;
    for (const object of this.#objects.list({ connection })) if (await this.object(object)) return true;
    return false;
  }

  /** An operation is seen by whoever may see what it works on, and by who asked for it. */
  async operation({ origin, target }: Pick<Operation, 'origin' | 'target'>): Promise<boolean> {
    return (await this.everything()) || this.isOwn(origin) || this.may(readInventory, this.subjectOf(target));
  }

  /** Whether they asked themselves, or a service of theirs did; somebody with a token is only who came with that token. */
  isOwn(origin: Operation['origin']): boolean {
    const { name, limit } = this.who;
    if (limit !== undefined && limit.token !== origin.token) return false;
    return askerOf(origin) === name || (origin.through === 'flow' && origin.owner === name);
  }

  /** Null is everything: a group reaches wherever its members do. */
  subjectOf(target: Operation['target']): Subject | null {
    return subjectOf(this.#objects, target);
  }

  async may(permission: Permission, subject: Subject | null): Promise<boolean> {
    return (await decide(this.who, permission, subject)).allowed;
  }
}

function keyOf({ connection, id }: { readonly connection: string; readonly id: string }): string {
  return JSON.stringify([connection, id]);
}
