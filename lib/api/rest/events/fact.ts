import type { Sight } from '../../../access/sight.ts';
import type { AlertChange, AlertRoom } from '../../../alerts/alert-room.ts';
import type { Answerers } from '../../../approvals/answerers.ts';
import type { ApprovalEvent } from '../../../approvals/approval.ts';
import type { ConnectionFact } from '../../../connections/connections.ts';
import type { InventoryFact } from '../../../inventory/inventory.ts';
import type { HypervisorEvent } from '../../../model/event.ts';
import { formatRef, type ObjectRef, refOf } from '../../../model/reference.ts';
import { type Operation, type OperationEvent, objectOf } from '../../../operations/operation.ts';
import type { Alert } from '../../../rules/engine.ts';
import type { AlertRequests } from '../../alert-requests.ts';
import { alertView } from '../../alert-view.ts';
import { operationView } from '../../operation-view.ts';

export const factTypes = [
  'operation',
  'approval',
  'inventory',
  'hypervisor',
  'alert',
  'alert-change',
  'connection',
] as const;
export type FactType = (typeof factTypes)[number];

/** Something that is told on a stream of events. */
export interface StreamFact {
  readonly type: FactType;
  readonly connection: string;
  /** What it is about; a connection itself is no object. */
  readonly object: ObjectRef | undefined;
  readonly operation: string | undefined;
  /** A later fact of the same name always takes its place while it waits. */
  readonly replaces: string | undefined;
  /** The same, once the reader is slow: only how it stands in the end is told. Without one each counts. */
  readonly whenSlow: string | undefined;
  /** What is told to somebody, with the rights of that moment; undefined when it is not for them. */
  tell(sight: Sight): Promise<unknown>;
}

export function operationFact({
  type,
  operation,
}: OperationEvent | { type: 'state'; operation: Operation }): StreamFact {
  const { id, target } = operation;
  const object = objectOf(target);
  return {
    type: 'operation',
    connection: target.connection,
    object: object ? refOf(object) : undefined,
    operation: id,
    replaces: type === 'progress' ? `progress ${id}` : undefined,
    whenSlow: `operation ${id}`,
    tell: async (sight) =>
      (await sight.operation(operation)) ? { event: type, ...operationView(operation) } : undefined,
  };
}

/** Whoever may see or answer it hears of it; the whole of it stands at `/approvals/{id}`. */
export function approvalFact({ type, approval }: ApprovalEvent, answerers: Answerers): StreamFact {
  const { id, subject, state, round, policy, expiresAt } = approval;
  const object = subject.type === 'operation' ? objectOf(subject.target) : null;
  const tell: StreamFact['tell'] = async ({ who }) => {
    if (!(await answerers.maySee(who, approval))) return undefined;
    const mayAnswer = state === 'pending' && (await answerers.may(who, approval));
    return { event: type, id, state, round, subject, policy, expiresAt, mayAnswer };
  };
  return { ...about('approval', object, tell), operation: object ? id : undefined, whenSlow: `approval ${id}` };
}

/** What somebody loses from sight by a change is, to them, removed. */
export function inventoryFact(fact: InventoryFact): StreamFact {
  const { object } = fact;
  const before = fact.type === 'changed' ? fact.before : object;
  return {
    type: 'inventory',
    connection: object.connection,
    object: refOf(object),
    operation: undefined,
    replaces: undefined,
    whenSlow: `object ${formatRef(object)}`,
    tell: async (sight) => {
      if (await sight.object(object)) return { change: fact.type, object };
      const lost = fact.type === 'changed' && (await sight.object(before));
      return lost ? { change: 'removed', object: refOf(object) } : undefined;
    },
  };
}

export function hypervisorFact(event: HypervisorEvent): StreamFact {
  const { object } = event;
  return about('hypervisor', object, async (sight) => ((await sight.reference(object)) ? event : undefined));
}

/** One that is about no object of the inventory is for whoever may see everything. */
export function alertFact(alert: Alert): StreamFact {
  const { object } = alert;
  const sees = (sight: Sight) => (object ? sight.reference(object) : sight.everything());
  return about('alert', object, async (sight) => ((await sees(sight)) ? alert : undefined));
}

/** How an alert of the list stands, each time that something has become of it. */
export function alertChangeFact({ alert }: AlertChange, alerts: AlertRoom, requests: AlertRequests): StreamFact {
  return {
    ...about('alert-change', alert.object, async (sight) =>
      (await requests.sees(alert, sight)) ? alertView(alert, sight, alerts) : undefined,
    ),
    connection: alert.connection,
    replaces: `alert ${alert.id}`,
  };
}

export function connectionFact(fact: ConnectionFact): StreamFact {
  const { connection } = fact;
  return {
    type: 'connection',
    connection,
    object: undefined,
    operation: undefined,
    replaces: undefined,
    whenSlow: `connection ${connection}`,
    tell: async (sight) => ((await sight.connection(connection)) ? fact : undefined),
  };
}

function about(type: FactType, object: ObjectRef | null, tell: StreamFact['tell']): StreamFact {
  const told = object
    ? { connection: object.connection, object: refOf(object) }
    : { connection: '', object: undefined };
  return { type, ...told, operation: undefined, replaces: undefined, whenSlow: undefined, tell };
}
