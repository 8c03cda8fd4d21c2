import { VirtflowError } from '../../model/errors.ts';
import { isObjectKind } from '../../model/reference.ts';
import type { OperationRequest } from '../../operations/operation.ts';
import type { States } from '../../store/store.ts';

type Target = OperationRequest['target'];

/** What a command with a correlation id was taken to mean, before any of it was done. */
export interface CommandRecord {
  readonly action: string;
  readonly targets: readonly Target[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const room = 'mqtt-command';
const keptMs = 7 * 86_400_000;

/**
 * Remembers commands on disk. A command that is delivered again means the targets that it meant the first time, and
 * not what its selector matches by now.
 */
export class CommandLog {
  readonly #states: States;

  constructor(states: States) {
    this.#states = states;
  }

  /** @throws MESSAGE_INVALID when the correlation id stood for another action */
  find(correlationId: string, action: string): CommandRecord | undefined {
    const record = parseRecord(this.#states.get(room, correlationId));
    if (!record || record.action === action) return record;
    const reason = `its correlation id was already used for ${record.action}`;
    throw new VirtflowError('MESSAGE_INVALID', { reason });
  }

  keep(correlationId: string, record: CommandRecord): void {
    this.#states.put(room, correlationId, record);
  }

  /** Forgets what nobody delivers again any more. */
  prune(now: number): void {
    for (const { key, value } of this.#states.list(room)) {
      const record = parseRecord(value);
      if (!record || record.at < now - keptMs) this.#states.delete(room, key);
    }
  }
}

function parseRecord(value: unknown): CommandRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('action' in value && 'targets' in value && 'at' in value)) return undefined;
  const { action, targets, at } = value;
  if (typeof action !== 'string' || typeof at !== 'number' || !Array.isArray(targets)) return undefined;
  return { action, at, targets: targets.filter(isTarget) };
}

function isTarget(value: unknown): value is Target {
  if (typeof value !== 'object' || value === null || !('connection' in value && 'kind' in value)) return false;
  if (typeof value.connection !== 'string') return false;
  return value.kind === 'connection' || (isObjectKind(value.kind) && 'id' in value && typeof value.id === 'string');
}
