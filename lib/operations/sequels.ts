import type { Authority } from './authority.ts';
import { type GroupRequest, isGroup, requestOf } from './groups/group.ts';
import { retryOf } from './groups/retry.ts';
import { cannotBeTakenBack, type TakingBack, takingBack } from './groups/take-back.ts';
import type { Operation, OperationMode, OperationRequest, Origin } from './operation.ts';

/** Who asks for what follows from an operation, and whether only to know. */
export interface Sequel {
  readonly origin: Origin;
  readonly mode?: OperationMode;
}

/** Where operations are looked up and asked for. */
export interface SequelDesk {
  get(id: string): Operation;
  children(id: string): readonly Operation[];
  history(filter: { readonly undoes: string }): readonly Operation[];
  submit(request: OperationRequest): Promise<Operation>;
  submitGroup(request: GroupRequest): Promise<Operation>;
}

/** What follows from an operation that has ended: it is taken back, or what failed of it is done again. */
export class Sequels {
  readonly #desk: SequelDesk;
  readonly #authority: Authority | undefined;

  constructor(desk: SequelDesk, authority: Authority | undefined) {
    this.#desk = desk;
    this.#authority = authority;
  }

  async undo(id: string, { origin, mode = 'run' }: Sequel): Promise<Operation> {
    const operation = await this.#read(id, origin);
    const way = this.undoOf(operation);
    if ('none' in way) throw cannotBeTakenBack(operation, way.none);
    const about = { origin, mode, undoes: id, idempotencyKey: `undo ${id} ${this.#attempts(id).length}` };
    if (isGroup(way.member)) return this.#desk.submitGroup({ ...way.member.group, ...about });
    return this.#desk.submit({ ...requestOf(way.member), ...about });
  }

  undoOf(operation: Operation): TakingBack {
    const before = this.#attempts(operation.id).find((one) => !hasFailed(one));
    if (before) return { none: before.endedAt === null ? 'That is under way already.' : 'It was taken back already.' };
    return takingBack(operation, (id) => this.#desk.children(id));
  }

  async retry(id: string, { origin, mode = 'run' }: Sequel): Promise<Operation> {
    const shape = retryOf(await this.#read(id, origin));
    return this.#desk.submitGroup({ ...shape, origin, mode, retries: id });
  }

  async #read(id: string, origin: Origin): Promise<Operation> {
    const operation = this.#desk.get(id);
    await this.#authority?.authoriseReading(origin, operation);
    return operation;
  }

  #attempts(undoes: string): readonly Operation[] {
    return this.#desk.history({ undoes }).filter(({ mode }) => mode !== 'plan');
  }
}

/** An attempt that came to nothing may be repeated. */
function hasFailed({ state }: Operation): boolean {
  return state === 'failed' || state === 'cancelled' || state === 'refused';
}
