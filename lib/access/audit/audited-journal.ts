import { endStates, type Operation, type OperationState } from '../../operations/operation.ts';
import type { Journal, Store } from '../../store/store.ts';
import type { AuditLog } from './audit-log.ts';

/**
 * The journal, with each transition of an operation in the audit record as well: one transaction for both, so that
 * neither is ever there without the other, and the disk is waited for once.
 */
export function auditedJournal(store: Store, audit: AuditLog): Journal {
  const { journal } = store;
  const states = new Map<string, OperationState>();
  const before = ({ id }: Operation) => states.get(id) ?? journal.get(id)?.state;

  /** What access refused it has recorded itself. */
  const append = (operation: Operation) => {
    const isRefused = operation.state === 'refused';
    if (isRefused && (operation.error?.code === 'ACCESS_DENIED' || operation.error?.code === 'TOKEN_INVALID')) return;
    const about = isRefused ? { ...intentOf(operation), error: operation.error?.code } : intentOf(operation);
    audit.append(`operation.${operation.state}`, whoAsked(operation), about);
  };

  const remember = ({ id, state }: Operation) => {
    if (endStates.has(state)) states.delete(id);
    else states.set(id, state);
  };

  return {
    started: (key) => journal.started(key),
    get: (id) => journal.get(id),
    unfinished: () => journal.unfinished(),
    history: (filter) => journal.history(filter),
    prune: (until) => journal.prune(until),
    together: (work) => {
      try {
        journal.together(work);
      } catch (error) {
        // What is remembered may not have been written; the journal knows.
        states.clear();
        throw error;
      }
    },
    insert: (operation, key) => {
      // What others did at the hypervisor nobody asked virtflow for, and virtflow did not change.
      if (operation.origin.through === 'external') return journal.insert(operation, key);
      const recorded = store.transaction(() => {
        const inserted = journal.insert(operation, key);
        if (inserted === operation) append(operation);
        return inserted;
      });
      if (recorded === operation) remember(operation);
      return recorded;
    },
    update: (operation) => {
      if (before(operation) === operation.state) return journal.update(operation);
      store.transaction(() => {
        journal.update(operation);
        audit.append(`operation.${operation.state}`, whoAsked(operation), outcomeOf(operation));
      });
      remember(operation);
    },
  };
}

function whoAsked({ origin }: Operation): string {
  return origin.principal;
}

function intentOf({ id, action, target, targetName, parameters, origin, mode, timeoutSeconds, ...more }: Operation) {
  const { through, token, flow, node } = origin;
  const { parent, undoes, retries } = more;
  const asked = {
    operation: id,
    action,
    target,
    targetName,
    parameters,
    mode,
    through,
    token,
    flow,
    node,
    timeoutSeconds,
  };
  return { ...asked, parent, undoes, retries };
}

/** The error by its code alone: its sentence may repeat what the hypervisor said, and the journal has it. */
function outcomeOf({ id, action, target, targetName, result, error, sent }: Operation) {
  const outcome = { changed: result?.changed, error: error?.code, sent: sent.map(({ name }) => name) };
  return { operation: id, action, target, targetName, ...outcome };
}
