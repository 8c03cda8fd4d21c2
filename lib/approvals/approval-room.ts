import { join } from 'node:path';
import type { Access } from '../access/access.ts';
import type { Objects } from '../access/subject.ts';
import { type Clock, systemClock } from '../calendar/clock.ts';
import { toVirtflowError } from '../model/errors.ts';
import type { Feed, Unsubscribe } from '../model/feed.ts';
import type { Log } from '../model/log.ts';
import type { Authority } from '../operations/authority.ts';
import {
  endStates,
  type HistoryFilter,
  type Operation,
  type OperationEvent,
  objectOf,
} from '../operations/operation.ts';
import type { Safe } from '../secrets/safe.ts';
import { SettingsFile } from '../store/settings-file.ts';
import type { States } from '../store/store.ts';
import { ApprovalGuard } from './approval-guard.ts';
import { ApprovalLinks } from './approval-links.ts';
import { Approvals } from './approvals.ts';
import { Demands } from './demand.ts';
import { Gates } from './gates.ts';
import { LendingAuthority } from './lending.ts';
import { cautiousPolicies, noPolicies, type Policies, parsePolicies } from './policy.ts';

export interface ApprovalRoomParts {
  readonly states: States;
  readonly access: Access;
  readonly inventory: Objects;
  readonly dataDirectory: string;
  /** Where messages wait. */
  readonly safe: Safe;
  readonly log: Log;
  readonly clock?: Clock;
}

/** What approvals see of the operations. */
export interface OperationsSight {
  readonly events: Feed<OperationEvent>;
  get(id: string): Operation;
  history(filter: HistoryFilter): readonly Operation[];
}

/** Everything about approvals, built around one data directory. */
export class ApprovalRoom {
  readonly policies: SettingsFile<Policies>;
  readonly approvals: Approvals;
  readonly links: ApprovalLinks;
  readonly gates: Gates;
  readonly guard: ApprovalGuard;
  readonly authority: Authority;
  readonly #parts: ApprovalRoomParts;
  #operations: OperationsSight | undefined;
  #unsubscribe: Unsubscribe | undefined;

  /** @throws STORE_* */
  constructor(parts: ApprovalRoomParts) {
    const { states, access, inventory, dataDirectory, safe, log, clock = systemClock } = parts;
    this.#parts = parts;
    this.policies = new SettingsFile({
      path: join(dataDirectory, 'approvals.json'),
      parse: parsePolicies,
      absent: noPolicies,
      unusable: cautiousPolicies,
      states,
      log,
    });
    this.policies.changes.subscribe(({ before, now }) => {
      access.audit.append('approval.policies-changed', 'file', { path: this.policies.path, before, now });
    });
    this.approvals = new Approvals({ states, access, log, clock });
    this.links = new ApprovalLinks(this.approvals, access, dataDirectory, () => clock.now());
    this.gates = new Gates(this.approvals, safe);
    const demands = new Demands(access, inventory, () => this.policies.current);
    const unfinished = (operation: Operation) => this.#unfinished(operation);
    this.guard = new ApprovalGuard({ approvals: this.approvals, demands, access, unfinished });
    this.authority = new LendingAuthority(access, demands);
  }

  /** Takes up what the last process left open; to be called when the operations have started. */
  start(operations: OperationsSight): void {
    this.#operations = operations;
    this.#unsubscribe = operations.events.subscribe(({ operation }) => this.#follow(operation));
    this.#withdrawLeftovers(operations);
    this.policies.start();
    this.approvals.start();
    this.gates.sweep();
  }

  /** Stopping twice is fine. */
  stop(): void {
    this.#unsubscribe?.();
    this.policies.stop();
    this.approvals.stop();
  }

  /** An operation that has ended, however it did, waits for nobody. */
  #follow(operation: Operation): void {
    if (!endStates.has(operation.state)) return;
    const { principal } = operation.error?.details ?? {};
    this.approvals.withdraw(operation.id, typeof principal === 'string' ? principal : 'virtflow');
  }

  #withdrawLeftovers(operations: OperationsSight): void {
    for (const { id, subject } of this.approvals.list('pending')) {
      if (subject.type !== 'operation') continue;
      const operation = found(operations, id);
      if (operation) this.#follow(operation);
      else this.approvals.withdraw(id, 'virtflow');
    }
  }

  #unfinished(operation: Operation): readonly Operation[] {
    const object = objectOf(operation.target);
    if (!object || !this.#operations) return [];
    try {
      return this.#operations.history({ object, states: ['queued', 'waiting', 'running'] });
    } catch (error) {
      this.#parts.log.warn(`Other operations could not be looked up: ${toVirtflowError(error).message}`);
      return [];
    }
  }
}

function found(operations: OperationsSight, id: string): Operation | undefined {
  try {
    return operations.get(id);
  } catch (thrown) {
    if (toVirtflowError(thrown).code === 'OPERATION_UNKNOWN') return undefined;
    throw thrown;
  }
}
