import { createHash } from 'node:crypto';
import type { Authority } from './authority.ts';
import { type GroupRequest, isGroup, requestOf } from './groups/group.ts';
import { retryOf } from './groups/retry.ts';
import { backwardsShape, cannotBeTakenBack, type TakingBack, takingBack } from './groups/take-back.ts';
import type { HistoryFilter, Operation, OperationMode, OperationRequest, Origin } from './operation.ts';
import { everyPage } from './pages.ts';

/** Who asks for what follows from an operation, and whether only to know. */
export interface Sequel {
  readonly origin: Origin;
  readonly mode?: OperationMode;
  /** Of a retry: the same key never begins a second one. An undo needs none. */
  readonly idempotencyKey?: string;
}

/** Where operations are looked up and asked for. */
export interface SequelDesk {
  get(id: string): Operation;
  children(id: string): readonly Operation[];
  history(filter: HistoryFilter): readonly Operation[];
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

  /** Takes back all that one trigger of a flow set off and that can be taken back, the last first. */
  async undoRun(run: string, { origin, mode = 'run' }: Sequel): Promise<Operation> {
    const done = this.#doneBy(run);
    for (const operation of done) await this.#authority?.authoriseReading(origin, operation);
    const members = done.flatMap((operation) => {
      const way = this.undoOf(operation);
      return 'member' in way ? [way.member] : [];
    });
    const shape = backwardsShape(`run ${run}`, members);
    // The same things are never taken back twice at once.
    const what = createHash('sha256')
      .update(JSON.stringify(members.map(({ undoes }) => undoes)))
      .digest('hex');
    return this.#desk.submitGroup({ ...shape, origin, mode, idempotencyKey: `undo run ${run} ${what}` });
  }

  /** What stands in no group of the run itself, and is no undo, the last first. */
  #doneBy(run: string): readonly Operation[] {
    const all = everyPage((page) => this.#desk.history({ run, ...page }));
    const ids = new Set(all.map(({ id }) => id));
    const own = all.filter(({ parent, undoes }) => undoes === undefined && !(parent !== undefined && ids.has(parent)));
    return own.filter((one) => !isUndoOfRun(one)).sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0));
  }

  async retry(id: string, { origin, mode = 'run', idempotencyKey }: Sequel): Promise<Operation> {
    const shape = retryOf(await this.#read(id, origin));
    const key = idempotencyKey === undefined ? {} : { idempotencyKey };
    return this.#desk.submitGroup({ ...shape, origin, mode, retries: id, ...key });
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

/** What took back a run belongs to it as well, where a flow asked for it. */
function isUndoOfRun({ group }: Operation): boolean {
  return group?.members.every(({ undoes }) => undoes !== undefined) ?? false;
}
