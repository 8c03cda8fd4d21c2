import { VirtflowError } from '../model/errors.ts';
import type { Admission } from './admission.ts';
import { waitsForOperation, waitsForPlace, wouldWaitForOperation, wouldWaitForPlace } from './facts.ts';
import { InOrder } from './in-order.ts';
import type { Obstacle } from './lanes.ts';
import type { Ledger } from './ledger.ts';
import type { Line } from './line.ts';
import { LiveOperation, objectKey } from './live-operation.ts';
import { newOperation } from './new-operation.ts';
import type { Fact, Operation, OperationRequest } from './operation.ts';
import type { World } from './world.ts';

export interface EntranceParts {
  readonly admission: Admission;
  readonly world: World;
  readonly ledger: Ledger;
  readonly line: Line;
  readonly live: Map<string, LiveOperation>;
}

/** Where a request becomes an operation: checked, recorded, and sent on its way. */
export class Entrance {
  readonly #parts: EntranceParts;
  readonly #arrivals = new InOrder();
  #closed = false;

  constructor(parts: EntranceParts) {
    this.#parts = parts;
  }

  close(): void {
    this.#closed = true;
  }

  /** @throws STOPPING */
  refuseWhenClosed(): void {
    if (this.#closed) throw new VirtflowError('STOPPING');
  }

  /** Requests for one object are looked at in the order in which they came. @throws why it is refused */
  enter(request: OperationRequest, key: string | undefined): Promise<Operation> {
    const object = objectKey(request.target) ?? request.target.connection;
    return this.#arrivals.run(object, () => this.#enter(request, key));
  }

  async #enter(request: OperationRequest, key: string | undefined): Promise<Operation> {
    const { admission, world, ledger, line, live } = this.#parts;
    const allowedBy = await admission.authorise(request);
    const admitted = admission.admit(request);
    const isFirst = this.#obstacle(request)?.rule !== 'object-busy';
    const target = await admission.look(request, admitted, isFirst);
    const draft = newOperation(request, admitted, target, world.touched(target), allowedBy);
    const passage = await admission.pass(draft, admitted, target, isFirst);
    this.refuseWhenClosed();
    const operation = { ...draft, why: [...draft.why, ...passage.why, ...this.#reasonToWait(request)] };
    const { confidential } = admitted;
    const inserted = ledger.insert(operation, key, confidential);
    const entered = new LiveOperation(operation, false, confidential && (() => confidential));
    entered.target = target;
    entered.recorded = inserted.then(
      (recorded) => recorded === operation,
      () => false,
    );
    // It has its place before it is on disk, so that whoever comes next sees it there; it goes on when it is.
    live.set(entered.id, entered);
    line.join(entered, passage.hold);
    if (!(await entered.recorded)) {
      line.withdraw(entered);
      admission.withdraw(operation);
    }
    return inserted;
  }

  #obstacle({ target }: OperationRequest): Obstacle | undefined {
    return this.#parts.line.obstacle(target.connection, objectKey(target));
  }

  #reasonToWait(request: OperationRequest): Fact[] {
    const obstacle = this.#obstacle(request);
    if (!obstacle) return [];
    const plans = request.mode === 'plan';
    if (obstacle.rule === 'connection-limit') {
      return [(plans ? wouldWaitForPlace : waitsForPlace)(request.target.connection, obstacle.running)];
    }
    const ahead = this.#parts.live.get(obstacle.operation);
    return ahead ? [(plans ? wouldWaitForOperation : waitsForOperation)(ahead.operation)] : [];
  }
}
