import { VirtflowError } from '../../model/errors.ts';

const mostWaiting = 500;
const mostWaitingEach = 100;

/** The requests that wait for their answer: so many in all, and fewer of each user, so that one leaves room for others. */
export class WaitingRoom {
  readonly #each = new Map<string, number>();
  #all = 0;

  /** A request of whoever came; `leave` once it is answered. */
  enter(): void {
    this.#all += 1;
  }

  leave(): void {
    this.#all -= 1;
  }

  /** @throws REQUESTS_TOO_MANY */
  refuseCrowd(): void {
    if (this.#all > mostWaiting) throw new VirtflowError('REQUESTS_TOO_MANY', { limit: mostWaiting });
  }

  /** Does what a user asks for. @throws REQUESTS_TOO_MANY, and what the work throws */
  async among<T>(user: string, work: () => Promise<T>): Promise<T> {
    const before = this.#each.get(user) ?? 0;
    if (before >= mostWaitingEach) throw new VirtflowError('REQUESTS_TOO_MANY', { limit: mostWaitingEach });
    this.#each.set(user, before + 1);
    try {
      return await work();
    } finally {
      const left = (this.#each.get(user) ?? 1) - 1;
      if (left > 0) this.#each.set(user, left);
      else this.#each.delete(user);
    }
  }
}
