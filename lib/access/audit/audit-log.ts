import type { AuditTrail, Store } from '../../store/store.ts';
import { type AuditEntry, type AuditHead, type AuditRow, type AuditVerdict, nextRow, verifyAudit } from './chain.ts';
import { masked } from './mask.ts';

const rowsAtOnce = 1000;

/** The record of everything that changed anything: appended to, never edited, each entry tied to the one before. */
export class AuditLog {
  readonly #store: Pick<Store, 'transaction'>;
  readonly #trail: AuditTrail;

  constructor(store: Pick<Store, 'transaction'> & { readonly access: { readonly audit: AuditTrail } }) {
    this.#store = store;
    this.#trail = store.access.audit;
  }

  /** How far it goes. */
  get head(): AuditHead {
    return this.#trail.head();
  }

  /**
   * Is on disk when it returns, or with the transaction that it is part of. Secrets in `about` are masked.
   * @throws STORE_FULL, STORE_BROKEN
   */
  append(what: string, who: string, about: AuditEntry['about']): void {
    const event = { at: Date.now(), what, who, about: recordOf(masked(about)) };
    // Another process may have written since: the head is read inside.
    this.#store.transaction(() => this.#trail.append(nextRow(this.#trail.head(), event)));
  }

  /** Does a change and records it: both are on disk, or neither. */
  change<T>(work: () => T, what: string, who: string, about: AuditEntry['about']): T {
    return this.#store.transaction(() => {
      const done = work();
      this.append(what, who, about);
      return done;
    });
  }

  /** Checks all of it. `anchors` are heads that were noted before. */
  verify(anchors: readonly AuditHead[]): AuditVerdict {
    return verifyAudit(this.rows(), [this.head, ...anchors]);
  }

  /** All of it, oldest first; read in parts, while it may be written. */
  *rows(): Generator<AuditRow> {
    for (let after = 0; ; ) {
      const rows = this.#trail.rows(after, rowsAtOnce);
      yield* rows;
      const last = rows.at(-1);
      if (!last) return;
      after = last.sequence;
    }
  }

  row(sequence: number): AuditRow | undefined {
    const [row] = this.#trail.rows(sequence - 1, 1);
    return row?.sequence === sequence ? row : undefined;
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
