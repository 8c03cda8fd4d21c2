import { appendFileSync, renameSync, statSync } from 'node:fs';
import { VirtflowError } from '../model/errors.ts';
import type { Sample } from '../model/reading.ts';

const limitBytes = 64 * 2 ** 20;

/** What is kept: samples that were refused, or what of the buffer cannot be read as samples. */
type Refused = { readonly samples: readonly Sample[] } | { readonly body: string };

/**
 * Keeps what a server will never take, a JSON line for each refusal: `{ at, reason, samples }`. A full file is kept as
 * `….old`, in place of the one before.
 */
export class RefusedFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Returns when it is on disk. @throws STORE_FULL */
  append(refused: Refused, reason: string, at: number): void {
    try {
      const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
      if (size > limitBytes) renameSync(this.path, `${this.path}.old`);
      appendFileSync(this.path, `${JSON.stringify({ at, reason, ...refused })}\n`, { flush: true });
    } catch (cause) {
      const full = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
      throw full ? new VirtflowError('STORE_FULL', { path: this.path }, { cause }) : cause;
    }
  }
}
