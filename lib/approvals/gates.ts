import { randomUUID } from 'node:crypto';
import { VirtflowError } from '../model/errors.ts';
import type { Origin } from '../operations/operation.ts';
import type { Safe } from '../secrets/safe.ts';
import type { Approval } from './approval.ts';
import type { Approvals } from './approvals.ts';
import type { Terms } from './policy.ts';

/** A message that a node holds back. */
export interface HeldMessage {
  readonly node: string;
  readonly nodeName: string;
  readonly origin: Origin;
  readonly terms: Terms;
  readonly message: unknown;
}

const room = 'approval-message';
export const messageLimitBytes = 262_144;
const heldAtMost = 1_000;

/** Messages that wait for approval; they are on disk until they have gone on, encrypted, for a message may hold anything. */
export class Gates {
  readonly #approvals: Approvals;
  readonly #safe: Safe;
  /** Whose message has not gone on yet; the messages themselves are read when they are needed. */
  readonly #held: Set<string>;

  constructor(approvals: Approvals, safe: Safe) {
    this.#approvals = approvals;
    this.#safe = safe;
    this.#held = new Set(safe.list(room).map(({ name }) => name));
  }

  /** @throws APPROVAL_MESSAGE_TOO_LARGE, APPROVALS_TOO_MANY, MESSAGE_INVALID, STORE_*, SECRET_KEY_* */
  hold({ node, nodeName, origin, terms, message }: HeldMessage): Approval {
    if (this.of(node).length >= heldAtMost) throw new VirtflowError('APPROVALS_TOO_MANY', { limit: heldAtMost });
    const id = randomUUID();
    this.#safe.put(room, id, plain(message));
    this.#held.add(id);
    const subject = { type: 'message', node, nodeName } as const;
    return this.#approvals.ask({
      id,
      subject,
      asker: origin,
      ...terms,
      lends: null,
      plan: null,
      blast: null,
      digest: null,
    });
  }

  /** Those of a node whose message has not gone on yet, oldest first. */
  of(node: string): readonly Approval[] {
    const held = [...this.#held].flatMap((id) => this.#approvals.find(id) ?? []);
    const own = held.filter(({ subject }) => isOf(subject, node));
    return own.sort((a, b) => a.requestedAt - b.requestedAt);
  }

  /** Undefined once it has gone on. @throws STORE_*, SECRET_* */
  message(id: string): unknown {
    const text = this.#safe.get(room, id);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** The message has gone on. */
  done(id: string): void {
    this.#safe.delete(room, id);
    this.#held.delete(id);
  }

  /** The node is no more: nobody waits for an answer. */
  drop(node: string): void {
    for (const { id } of this.of(node)) {
      this.#approvals.withdraw(id, 'virtflow');
      this.done(id);
    }
  }

  /** A message whose approval was never asked for, for the process died in between, or is forgotten. */
  sweep(): void {
    for (const id of this.#held) if (!this.#approvals.find(id)) this.done(id);
  }
}

function isOf(subject: Approval['subject'], node: string): boolean {
  return subject.type === 'message' && subject.node === node;
}

/** @throws MESSAGE_INVALID, APPROVAL_MESSAGE_TOO_LARGE */
function plain(message: unknown): string {
  const text = jsonOf(message);
  const size = Buffer.byteLength(text);
  if (size > messageLimitBytes) {
    throw new VirtflowError('APPROVAL_MESSAGE_TOO_LARGE', { size, limit: messageLimitBytes });
  }
  return text;
}

function jsonOf(message: unknown): string {
  try {
    return JSON.stringify(message) ?? 'null';
  } catch (error) {
    const reason = 'it holds what cannot be kept on disk';
    throw new VirtflowError('MESSAGE_INVALID', { reason }, { cause: error });
  }
}
