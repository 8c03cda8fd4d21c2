import type { ActionRegistry } from '../actions/registry.ts';
import type { GroupRequest } from '../operations/groups/group.ts';
import { type ActionStep, membersOf, type WrittenGroup } from '../operations/groups/steps.ts';
import type { HistoryFilter, Operation, OperationMode, Origin } from '../operations/operation.ts';
import type { Sequel } from '../operations/sequels.ts';
import { type MeaningRooms, Meanings, type OwnKey } from './meanings.ts';

/** What requests for groups need of the house. */
export interface GroupRooms extends MeaningRooms {
  readonly actions: ActionRegistry;
  readonly operations: GroupDesk;
}

/** Where groups are asked for, and what follows from them. */
export interface GroupDesk {
  submitGroup(request: GroupRequest): Promise<Operation>;
  undo(id: string, sequel: Sequel): Promise<Operation>;
  retry(id: string, sequel: Sequel): Promise<Operation>;
  history(filter: HistoryFilter): readonly Operation[];
}

interface Asked {
  readonly mode: OperationMode;
  readonly origin: Origin;
  readonly key: OwnKey | undefined;
}

export interface AskedGroup extends Asked {
  readonly group: WrittenGroup;
  readonly timeoutSeconds: number | undefined;
}

export interface AskedSequel extends Asked {
  readonly operation: string;
}

/** The one way to a group, and to what follows from an operation, for MQTT and REST alike. */
export class GroupRequests {
  readonly #rooms: GroupRooms;
  readonly #meanings: Meanings;

  constructor(rooms: GroupRooms) {
    this.#rooms = rooms;
    this.#meanings = new Meanings(rooms);
  }

  /** @throws what `findTargets` and `Operations.submitGroup` throw, IDEMPOTENCY_KEY_REUSED */
  async start({ group, mode, origin, key, timeoutSeconds }: AskedGroup): Promise<Operation> {
    const { steps, ...shape } = group;
    const id = key && this.#meanings.record('group', origin, key).id;
    const members = await membersOf(steps, (step, place) => this.#find(step, origin, id, place));
    return this.#rooms.operations.submitGroup({
      ...shape,
      members,
      mode,
      origin,
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      ...(id === undefined ? {} : { idempotencyKey: id }),
    });
  }

  /** With a key, the same request is answered by what it began first. @throws what `Operations.undo` throws */
  async undo({ operation, mode, origin, key }: AskedSequel): Promise<Operation> {
    const { operations } = this.#rooms;
    const since = key && this.#meanings.record(`undo ${operation}`, origin, key).at;
    const begun = since === undefined ? [] : operations.history({ undoes: operation, since });
    const before = begun.find((one) => one.mode === mode && one.origin.principal === origin.principal);
    return before ?? operations.undo(operation, { origin, mode });
  }

  /** @throws what `Operations.retry` throws */
  async retry({ operation, mode, origin, key }: AskedSequel): Promise<Operation> {
    const id = key && this.#meanings.record(`retry ${operation}`, origin, key).id;
    const sequel = { origin, mode, ...(id === undefined ? {} : { idempotencyKey: id }) };
    return this.#rooms.operations.retry(operation, sequel);
  }

  /** A step has a key of its own, made from that of its group: what it meant at first it means when it comes again. */
  async #find({ action, target }: ActionStep, origin: Origin, group: string | undefined, place: string) {
    const key = group === undefined ? undefined : { key: `${group} ${place}` };
    return (await this.#meanings.targets(this.#rooms.actions.get(action), target, origin, key)).targets;
  }
}
