import type { Sight } from '../access/sight.ts';
import type { AnyAction } from '../actions/action.ts';
import type { OperationRequest, Origin } from '../operations/operation.ts';
import type { States } from '../store/store.ts';
import { type RequestKey, RequestLog, type RequestRecord } from './request-log.ts';
import { findTargets, type TargetRooms } from './targets.ts';

type Target = OperationRequest['target'];

export interface MeaningRooms extends TargetRooms {
  readonly states: States;
  readonly access: { sightOf(origin: Origin): Sight };
}

/** A key that somebody sends with what they ask for; whose it is, their origin says. */
export type OwnKey = Omit<RequestKey, 'principal'>;

/** What requests mean. With a key, that is on disk before anything is done, and is the same when they come again. */
export class Meanings {
  readonly #rooms: MeaningRooms;
  readonly #log: RequestLog;

  constructor(rooms: MeaningRooms) {
    this.#rooms = rooms;
    this.#log = new RequestLog(rooms.states);
  }

  /** @throws what `findTargets` throws, IDEMPOTENCY_KEY_REUSED, STORE_* */
  async targets(
    action: AnyAction,
    target: unknown,
    origin: Origin,
    key: OwnKey | undefined,
  ): Promise<{ readonly targets: readonly Target[]; readonly id?: string }> {
    const find = () => findTargets(this.#rooms, action, target, this.#rooms.access.sightOf(origin));
    if (key === undefined) return { targets: await find() };
    const own = ownKey(origin, key);
    const before = this.#log.find(own, action.id);
    if (before) return before;
    const targets = await find();
    // The same request may have come once more in between.
    return this.#log.find(own, action.id) ?? this.#log.keep(own, action.id, targets);
  }

  /** What a key stands for beside actions: a group, an undo. @throws IDEMPOTENCY_KEY_REUSED, STORE_* */
  record(what: string, origin: Origin, key: OwnKey): RequestRecord {
    const own = ownKey(origin, key);
    return this.#log.find(own, what) ?? this.#log.keep(own, what, []);
  }
}

function ownKey({ through, principal }: Origin, key: OwnKey): RequestKey {
  return { principal: `${through} ${principal}`, ...key };
}
