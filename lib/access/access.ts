import type { AnyAction } from '../actions/action.ts';
import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { AnyObject } from '../model/objects.ts';
import { formatRef, type ObjectRef } from '../model/reference.ts';
import { type Fact, type Operation, type OperationTarget, type Origin, objectOf } from '../operations/operation.ts';
import type { Journal, Store } from '../store/store.ts';
import type { TokenRecord } from './account.ts';
import { Accounts } from './accounts.ts';
import { AuditAnchor } from './audit/anchor.ts';
import { AuditLog } from './audit/audit-log.ts';
import { auditedJournal } from './audit/audited-journal.ts';
import { decide, type Principal } from './decision.ts';
import { Logins } from './logins.ts';
import { type Permission, permissionOf, standingPermissions } from './permission.ts';
import { askerOf, Principals } from './principals.ts';
import type { Subject } from './scope.ts';
import { Sight } from './sight.ts';
import { subjectOf } from './subject.ts';
import { Tokens } from './tokens.ts';

export interface AccessParts {
  readonly store: Store;
  readonly inventory: {
    get(ref: ObjectRef): AnyObject | undefined;
    list(filter?: { readonly connection: string }): readonly AnyObject[];
  };
  readonly dataDirectory: string;
  readonly log: Log;
}

type Target = OperationTarget;

/** No object of a hypervisor, but virtflow as a whole. */
const house: Target = { connection: 'virtflow', kind: 'connection' };
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
   * @throws ACCESS_DENIED, TOKEN_INVALID, STORE_*
   */
  async authorise(
    origin: Origin,
    action: AnyAction,
    target: Target,
    object?: AnyObject | null,
  ): Promise<readonly Fact[]> {
    const who = this.#principalFor(origin, action.id, target);
    const permission = permissionOf(action);
    const { allowed, why } = await decide(who, permission, this.#subject(target, object));
    if (allowed) return why;
    throw this.#refused(origin, who, permission, target, why);
  }

  /** @throws ACCESS_DENIED, TOKEN_INVALID, STORE_* */
  async authoriseReading(origin: Origin, operation: Operation): Promise<void> {
    const permission = standingPermissions.readInventory;
    const who = this.#principalFor(origin, permission.id, operation.target);
    if (await this.sight(who).operation(operation)) return;
    const { why } = await decide(who, permission, this.#subject(operation.target));
    throw this.#refused(origin, who, permission, operation.target, why);
  }

  /**
   * Who asked for an operation may cancel it; so may who may do its action there, or answers for what runs there.
   * @throws ACCESS_DENIED, TOKEN_INVALID, STORE_*
   */
  async authoriseCancel(origin: Origin, operation: Operation, action: AnyAction | undefined): Promise<void> {
    const { target } = operation;
    const who = this.#principalFor(origin, standingPermissions.operate.id, target);
    if (this.sight(who).isOwn(operation.origin)) return;
    const subject = this.#subject(target);
    if (action && (await decide(who, permissionOf(action), subject)).allowed) return;
    const { allowed, why } = await decide(who, standingPermissions.operate, subject);
    if (!allowed) throw this.#refused(origin, who, standingPermissions.operate, target, why);
  }

  /** Whether they may do something to the house itself. @throws ACCESS_DENIED, TOKEN_INVALID, STORE_* */
  async authoriseHouse(origin: Origin, permission: Permission): Promise<void> {
    const who = this.#principalFor(origin, permission.id, house);
    const { allowed, why } = await decide(who, permission, null);
    if (!allowed) throw this.#refused(origin, who, permission, house, why);
  }

  /** Why whoever asks could not do something now, in a sentence; undefined when they could. Nothing is recorded. @throws TOKEN_INVALID */
  async reasonAgainst(origin: Origin, permission: Permission, subject: Subject | null): Promise<string | undefined> {
    const { allowed, why } = await decide(this.principalOf(origin), permission, subject);
    return allowed ? undefined : reasonIn(why);
  }

  /** Flows and MQTT ask as the service of that name, unless a flow runs as a service of somebody's. @throws TOKEN_INVALID */
  principalOf(origin: Origin): Principal {
    const name = askerOf(origin);
    const { through, owner } = origin;
    if (through === 'flow' && owner !== undefined) return this.principals.identity(name, owner);
    if (origin.token === undefined) return this.principals.named(name);
    const record = this.tokens.living(origin.token);
    if (record.owner !== name) throw new VirtflowError('TOKEN_INVALID', { reason: 'it is of somebody else' });
    return this.principals.ofToken(record);
  }

  /**
   * The record of a token that somebody comes with. A right one is always let in; wrong ones make their source wait.
   * @throws TOKEN_INVALID, LOCKED_OUT, STORE_*
   */
  present(token: string, source: string | undefined): TokenRecord {
    try {
      return this.tokens.use(token);
    } catch (thrown) {
      if (toVirtflowError(thrown).code === 'TOKEN_INVALID') this.logins.wrongToken(source);
      throw thrown;
    }
  }

  /** What somebody may see. */
  sight(who: Principal): Sight {
    return new Sight(who, this.#parts.inventory);
  }

  /** @throws TOKEN_INVALID */
  sightOf(origin: Origin): Sight {
    return this.sight(this.principalOf(origin));
  }

  /** @throws TOKEN_INVALID, and then that is recorded */
  #principalFor(origin: Origin, permission: string, target: Target): Principal {
    try {
      return this.principalOf(origin);
    } catch (thrown) {
      const { through, token } = origin;
      const about = { action: permission, target, through, token, error: toVirtflowError(thrown).code };
      this.audit.append('operation.refused', askerOf(origin), about);
      throw thrown;
    }
  }

  #refused({ through, token }: Origin, who: Principal, { id }: Permission, target: Target, why: readonly Fact[]) {
    this.audit.append('operation.refused', who.name, { action: id, target, through, token, why });
    return accessDenied(who, id, target, why);
  }

  /** A group as such may reach anywhere; its members are asked for one by one. */
  #subject(target: Target, object?: AnyObject | null): Subject | null {
    return subjectOf(this.#parts.inventory, target, object);
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
  const ref = objectOf(target);
  const where = ref ? formatRef(ref) : target.connection;
  return new VirtflowError('ACCESS_DENIED', { principal: name, permission, target: where, reason: reasonIn(why), why });
}

function reasonIn(why: readonly Fact[]): string {
  return why
    .map(({ says }) => says)
    .join(' ')
    .replace(/\.$/, '');
}

function brokenAudit(): string {
  const { message, advice } = new VirtflowError('AUDIT_BROKEN', {
    sequence: 'noted last time',
    reason: 'it is not there any more, or another',
  });
  return `${message} ${advice}`;
}
