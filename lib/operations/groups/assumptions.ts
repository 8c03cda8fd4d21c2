import { formatRef } from '../../model/reference.ts';
import { type Operation, objectOf } from '../operation.ts';
import type { ActionMember } from './group.ts';

type Properties = Readonly<Record<string, unknown>>;

/**
 * What objects would be like after the steps that were planned so far: the next step of a sequence is planned on that,
 * for a VM that the step before shuts down can be started.
 */
export class Assumptions {
  readonly #objects = new Map<string, Properties>();

  of({ target }: ActionMember): Properties | undefined {
    const object = objectOf(target);
    return object ? this.#objects.get(formatRef(object)) : undefined;
  }

  /** Where `what` of a planned change is a property of the object, the next step finds it changed. */
  learn({ target, result }: Operation): void {
    const object = objectOf(target);
    if (object === null || !Array.isArray(result?.changes)) return;
    const changes: readonly unknown[] = result.changes;
    const key = formatRef(object);
    for (const change of changes) {
      if (isPowerChange(change)) this.#objects.set(key, { ...this.#objects.get(key), power: change.after });
    }
  }
}

function isPowerChange(change: unknown): change is { readonly after: string } {
  if (typeof change !== 'object' || change === null || !('what' in change) || !('after' in change)) return false;
  return change.what === 'power' && typeof change.after === 'string';
}
