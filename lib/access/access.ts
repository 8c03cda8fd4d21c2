import type { AnyAction } from '../actions/action.ts';
import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { AnyObject } from '../model/objects.ts';
import { formatRef, type ObjectRef } from '../model/reference.ts';
import type { Fact, OperationRequest, Origin } from '../operations/operation.ts';
import type { Journal, Store } from '../store/store.ts';
import { Accounts } from './accounts.ts';
import { AuditAnchor } from './audit/anchor.ts';
import { AuditLog } from './audit/audit-log.ts';
import { auditedJournal } from './audit/audited-journal.ts';
import { decide, type Principal } from './decision.ts';
import { Logins } from './logins.ts';
import { permissionOf } from './permission.ts';
import { Principals } from './principals.ts';
import type { Subject } from './scope.ts';
import { Tokens } from './tokens.ts';

export interface AccessParts {
  readonly store: Store;
  readonly inventory: { get(ref: ObjectRef): AnyObject | undefined };
  readonly dataDirectory: string;
  readonly log: Log;
}

type Target = OperationRequest['target'];

const anchorEveryMs = 300_000;

/** Who may do what, who did what. */
export class Access {
  readonly audit: AuditLog;
  readonly anchor: AuditAnchor;
  readonly accounts: Accounts;
  readonly principals: Principals;
  readonly tokens: Tokens;
  readonly logins: Logins;
  /** The store's journal; what is written to it is audited. */
  readonly journal: Journal;
  readonly #parts: AccessParts;
  #noting: NodeJS.Timeout | undefined;

  constructor(parts: AccessParts) {
    const { store, dataDirectory } = parts;
    this.#parts = parts;
    this.audit = new AuditLog(store);
    this.anchor = new AuditAnchor(dataDirectory, this.audit);
    this.accounts = new Accounts(store.access, this.audit);
    this.principals = new Principals(store.access);
    this.tokens = new Tokens(store.access, this.audit);
    this.logins = new Logins(store, this.audit);
    this.journal = auditedJournal(store, this.audit);
  }

  /** Makes the services at the first start, and sees whether the audit record is the one of last time. */
  start(): void {
    if (!this.anchor.holds()) this.#parts.log.error(brokenAudit());
    this.accounts.seed();
    this.#noting = setInterval(() => this.#note(), anchorEveryMs);
    this.#noting.unref();
    this.#note();
  }

  /** Stopping twice is fine. */
  stop(): void {
    if (!this.#noting) return;
    clearInterval(this.#noting);
    this.#noting = undefined;
    this.#note();
  }

  /**
   * Whether whoever asks may do this now; the check of every operation. Answers the fact that allows it.
   * @param object the target as the hypervisor has it; when it is not given, as the inventory has it
   * @throws ACCESS_DENIED, STORE_*
   */
  async authorise(
    origin: Origin,
    action: AnyAction,
    target: Target,
    object?: AnyObject | null,
  ): Promise<readonly Fact[]> {
    const who = this.principalOf(origin);
    const { allowed, why } = await decide(who, permissionOf(action), this.#subject(target, object));
    if (allowed) return why;
    const { through } = origin;
    this.audit.append('operation.refused', who.name, { action: action.id, target, through, why });
    throw accessDenied(who, action.id, target, why);
  }

  /** Flows and MQTT ask as the service of that name, whatever they call themselves. */
  principalOf({ through, principal }: Origin): Principal {
    return this.principals.named(through === 'flow' || through === 'mqtt' ? through : principal);
  }

  #subject(target: Target, object: AnyObject | null | undefined): Subject {
    const { connection, kind } = target;
    if (target.kind === 'connection') return { connection, kind };
    return { connection, kind, object: object ?? this.#parts.inventory.get(target) };
  }

  #note(): void {
    try {
      this.anchor.note();
    } catch (error) {
      this.#parts.log.warn(`How far the audit record goes could not be noted: ${toVirtflowError(error).message}`);
    }
  }
}

function accessDenied({ name }: Principal, permission: string, target: Target, why: readonly Fact[]): VirtflowError {
  const where = target.kind === 'connection' ? target.connection : formatRef(target);
  const reason = why.map(({ says }) => says).join(' ');
  return new VirtflowError('ACCESS_DENIED', {
    principal: name,
    permission,
    target: where,
    reason: reason.replace(/\.$/, ''),
    why,
  });
}

function brokenAudit(): string {
  const { message, advice } = new VirtflowError('AUDIT_BROKEN', {
    sequence: 'noted last time',
    reason: 'it is not there any more, or another',
  });
  return `${message} ${advice}`;
}
