import type { AnyAction } from '../actions/action.ts';
import { type ErrorRecord, toVirtflowError } from '../model/errors.ts';
import { formatRef } from '../model/reference.ts';
import type { Operation, OperationMode, OperationRequest, Origin } from '../operations/operation.ts';
import { readParameters } from '../operations/parameters.ts';
import { type MeaningRooms, Meanings, type OwnKey } from './meanings.ts';

type Target = OperationRequest['target'];

/** What requests need of the house. */
export interface RequestRooms extends MeaningRooms {
  readonly operations: { submit(request: OperationRequest): Promise<Operation> };
}

/** What somebody asks for from outside, by whatever way they come. */
export interface Request {
  readonly action: AnyAction;
  /** A name, an id, a reference, a selector or a list, as they wrote it. */
  readonly target: unknown;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds: number | undefined;
  readonly mode: OperationMode;
  readonly origin: Origin;
  readonly key: OwnKey | undefined;
}

/** A target on which nothing was started, and why. */
export interface RefusedTarget {
  readonly target: Target;
  readonly error: ErrorRecord;
}

export interface Started {
  readonly operations: readonly Operation[];
  readonly refused: readonly RefusedTarget[];
}

/** The one way from action, target and parameters to operations, for MQTT and REST alike. */
export class Requests {
  readonly #rooms: RequestRooms;
  readonly #meanings: Meanings;

  constructor(rooms: RequestRooms) {
    this.#rooms = rooms;
    this.#meanings = new Meanings(rooms);
  }

  /**
   * Starts an operation for each target, in their order. One that is refused does not keep the others from being
   * started; where it is the only one, its error is thrown.
   * @throws what `findTargets` and `Operations.submit` throw, IDEMPOTENCY_KEY_REUSED
   */
  async start(request: Request): Promise<Started> {
    const { targets, id } = await this.#meanings.targets(request.action, request.target, request.origin, request.key);
    if (targets.length === 0) readParameters(request.action.parameters, request.parameters);
    const operations: Operation[] = [];
    const refused: RefusedTarget[] = [];
    for (const target of targets) {
      try {
        operations.push(await this.#submit(request, target, id));
      } catch (thrown) {
        if (targets.length === 1) throw thrown;
        refused.push({ target, error: toVirtflowError(thrown).toJSON() });
      }
    }
    return { operations, refused };
  }

  #submit({ action, parameters, mode, origin, timeoutSeconds }: Request, target: Target, id: string | undefined) {
    return this.#rooms.operations.submit({
      action: action.id,
      target,
      parameters,
      mode,
      origin,
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      ...(id === undefined ? {} : { idempotencyKey: `${id}:${textOf(target)}` }),
    });
  }
}

function textOf(target: Target): string {
  return target.kind === 'connection' ? target.connection : formatRef(target);
}
