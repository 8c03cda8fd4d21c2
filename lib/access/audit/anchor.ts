import { join } from 'node:path';
import { readPrivateJson, writePrivateFile } from '../../store/private-file.ts';
import type { AuditLog } from './audit-log.ts';
import { type AuditHead, noEntries } from './chain.ts';

/**
 * How far the audit record went, noted in a file beside the store: a store that was replaced, rolled back or cut off
 * does not fit it any more. For more certainty, keep what `virtflow audit verify` prints somewhere else.
 */
export class AuditAnchor {
  readonly #path: string;
  readonly #audit: AuditLog;
  #noted: AuditHead = noEntries;

  constructor(dataDirectory: string, audit: AuditLog) {
    this.#path = join(dataDirectory, 'audit-anchor.json');
    this.#audit = audit;
  }

  /** Undefined when nothing was noted yet; a file that was spoilt holds a head that no record has. */
  read(): AuditHead | undefined {
    try {
      const value = readPrivateJson(this.#path);
      return value === undefined ? undefined : parse(value);
    } catch {
      return parse(undefined);
    }
  }

  /** Whether the record still has the entry that was noted. @throws STORE_* */
  holds(): boolean {
    const noted = this.read();
    return noted === undefined || noted.sequence === 0 || this.#audit.row(noted.sequence)?.hash === noted.hash;
  }

  /** Notes how far the record goes, unless it does not hold: then the file is the proof. @throws STORE_* */
  note(): void {
    const { head } = this.#audit;
    if (head.sequence === this.#noted.sequence || !this.holds()) return;
    writePrivateFile(this.#path, `${JSON.stringify(head)}\n`);
    this.#noted = head;
  }
}

function parse(value: unknown): AuditHead {
  if (typeof value === 'object' && value !== null && 'sequence' in value && 'hash' in value) {
    const { sequence, hash } = value;
    if (typeof sequence === 'number' && typeof hash === 'string') return { sequence, hash };
  }
  return { sequence: Number.MAX_SAFE_INTEGER, hash: '' };
}
