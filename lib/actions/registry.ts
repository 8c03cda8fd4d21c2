import { VirtflowError } from '../model/errors.ts';
import type { AnyAction } from './action.ts';
import { callActions } from './connection-call.ts';
import { definitionActions } from './vm-definition.ts';
import { powerActions } from './vm-power.ts';
import { shutdownActions } from './vm-shutdown.ts';
import { snapshotActions } from './vm-snapshot.ts';
import { taskActions } from './vm-task.ts';

/** Every action there is, in the order of the palette. */
export const allActions: readonly AnyAction[] = [
  ...powerActions,
  ...shutdownActions,
  ...snapshotActions,
  ...taskActions,
  ...definitionActions,
  ...callActions,
];

export class ActionRegistry {
  readonly #actions: ReadonlyMap<string, AnyAction>;

  constructor(actions: readonly AnyAction[] = allActions) {
    this.#actions = new Map(actions.map((one) => [one.id, one]));
  }

  list(): readonly AnyAction[] {
    return [...this.#actions.values()];
  }

  /** @throws ACTION_UNKNOWN */
  get(id: string): AnyAction {
    const found = this.#actions.get(id);
    if (found) return found;
    throw new VirtflowError('ACTION_UNKNOWN', { action: id, known: [...this.#actions.keys()].join(', ') });
  }
}
