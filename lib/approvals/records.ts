import type { States } from '../store/store.ts';
import type { Approval } from './approval.ts';

const room = 'approval';
const keptMs = 90 * 86_400_000;
const keptAtMost = 1_000;

/** All approvals, on disk and at hand; those that ended are kept for 90 days, the latest thousand of them. */
export class Records {
  readonly #states: States;
  readonly #all = new Map<string, Approval>();

  /** @throws STORE_BROKEN */
  constructor(states: States) {
    this.#states = states;
    for (const { key, value } of states.list(room)) if (isApproval(value)) this.#all.set(key, value);
  }

  get(id: string): Approval | undefined {
    return this.#all.get(id);
  }

  /** Newest first. */
  list(): Approval[] {
    return [...this.#all.values()].sort((a, b) => b.requestedAt - a.requestedAt || (a.id < b.id ? 1 : -1));
  }

  /** Is on disk when it returns, or with the transaction that it is part of. @throws STORE_* and then nothing has changed */
  put(approval: Approval): void {
    this.#states.put(room, approval.id, approval);
  }

  /** What was put is on disk now, and counts. */
  take(approval: Approval): void {
    this.#all.set(approval.id, approval);
  }

  /** Forgets what ended long ago, and of the rest what is too much. */
  prune(now: number): void {
    const ended = this.list().filter(({ endedAt }) => endedAt !== null);
    const old = ended.filter(({ endedAt }, index) => index >= keptAtMost || (endedAt ?? now) < now - keptMs);
    for (const { id } of old) {
      this.#states.delete(room, id);
      this.#all.delete(id);
    }
  }
}

/** Only `put` writes there. */
function isApproval(value: unknown): value is Approval {
  return typeof value === 'object' && value !== null && 'id' in value && 'round' in value && 'answers' in value;
}
