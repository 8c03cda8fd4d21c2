import { createHash, createHmac, randomUUID } from 'node:crypto';
import { canonical } from '../access/audit/chain.ts';
import { VirtflowError } from '../model/errors.ts';
import { isObjectKind } from '../model/reference.ts';
import type { OperationRequest } from '../operations/operation.ts';
import type { States } from '../store/store.ts';

type Target = OperationRequest['target'];

/** What makes a request that comes twice one request. */
export interface RequestKey {
  /** By whose name it was asked: keys of others are others. */
  readonly principal: string;
  readonly key: string;
  /** All that was asked for, where a key stands for that and not just for the action. */
  readonly asked?: unknown;
}

/** What a request with a key was taken to mean, before any of it was done. */
export interface RequestRecord {
  /** In the place of the key from then on: nobody can guess it, and one that was forgotten never comes back. */
  readonly id: string;
  readonly action: string;
  readonly digest: string | null;
  readonly targets: readonly Target[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const room = 'request';
const keptMs = 7 * 86_400_000;
const pruneEveryMs = 3_600_000;

/**
 * Remembers requests on disk for a week. One that comes again means the targets that it meant the first time, and not
 * what its selector matches by now.
 */
export class RequestLog {
  readonly #states: States;
  #prunedAt = 0;

  constructor(states: States) {
    this.#states = states;
  }

  /** @throws IDEMPOTENCY_KEY_REUSED when the key stood for something else */
  find(key: RequestKey, action: string): RequestRecord | undefined {
    const record = parseRecord(this.#states.get(room, placeOf(key)));
    if (!record || record.at < Date.now() - keptMs) return undefined;
    if (record.action !== action) throw reused(`it stood for ${record.action}`);
    if (record.digest !== digestOf(key)) throw reused('it stood for another target or other parameters');
    return record;
  }

  keep(key: RequestKey, action: string, targets: readonly Target[]): RequestRecord {
    this.#prune();
    const record = { id: randomUUID(), action, digest: digestOf(key), targets, at: Date.now() };
    this.#states.put(room, placeOf(key), record);
    return record;
  }

  /** Forgets what nobody repeats any more. */
  #prune(): void {
    const now = Date.now();
    if (now - this.#prunedAt < pruneEveryMs) return;
    this.#prunedAt = now;
    for (const { key, value } of this.#states.list(room)) {
      const record = parseRecord(value);
      if (!record || record.at < now - keptMs) this.#states.delete(room, key);
    }
  }
}

function placeOf({ principal, key }: RequestKey): string {
  return sha256(JSON.stringify([principal, key]));
}

/** Keyed by what its sender alone has: of a short secret in the request, a bare digest would tell which it is. */
function digestOf({ key, asked }: RequestKey): string | null {
  return asked === undefined ? null : createHmac('sha256', key).update(canonical(asked)).digest('hex');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function reused(reason: string): VirtflowError {
  return new VirtflowError('IDEMPOTENCY_KEY_REUSED', { reason });
}

function parseRecord(value: unknown): RequestRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('id' in value && 'action' in value && 'digest' in value && 'targets' in value && 'at' in value))
    return undefined;
  const { id, action, digest, targets, at } = value;
  if (typeof id !== 'string' || typeof action !== 'string' || typeof at !== 'number') return undefined;
  if (!(digest === null || typeof digest === 'string') || !Array.isArray(targets)) return undefined;
  return { id, action, digest, at, targets: targets.filter(isTarget) };
}

function isTarget(value: unknown): value is Target {
  if (typeof value !== 'object' || value === null || !('connection' in value && 'kind' in value)) return false;
  if (typeof value.connection !== 'string') return false;
  return value.kind === 'connection' || (isObjectKind(value.kind) && 'id' in value && typeof value.id === 'string');
}
