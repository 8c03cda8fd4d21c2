import type { AuditLog } from '../access/audit/audit-log.ts';
import { VirtflowError } from '../model/errors.ts';
import type { States } from '../store/store.ts';

/** Who stopped everything, when and why. */
export interface KillRecord {
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whether what runs is to be cancelled as well. */
  readonly cancelRunning: boolean;
}

const room = 'governor';
const key = 'kill-switch';
const longestReason = 200;

/** The switch that stops everything. It stands in the store alone: whoever throws it, from any process, is heard at once. */
export class KillSwitch {
  readonly #states: States;
  readonly #audit: AuditLog;

  constructor(states: States, audit: AuditLog) {
    this.#states = states;
    this.#audit = audit;
  }

  /** Undefined while it is not thrown. @throws STORE_* */
  get(): KillRecord | undefined {
    return readRecord(this.#states.get(room, key));
  }

  /** Throwing it again changes the reason. @throws PARAMETER_INVALID without a reason, STORE_* */
  throw(by: string, reason: string, cancelRunning: boolean, at: number): KillRecord {
    const record = { by, reason: readReason(reason), at, cancelRunning };
    this.#audit.change(() => this.#states.put(room, key, record), 'governor.killed', by, {
      ...record,
      before: this.get(),
    });
    return record;
  }

  /** Answers what was released; undefined when it was not thrown. @throws STORE_* */
  release(by: string): KillRecord | undefined {
    const before = this.get();
    if (before) this.#audit.change(() => this.#states.delete(room, key), 'governor.released', by, { before });
    return before;
  }
}

function readReason(text: string): string {
  const reason = text.trim();
  if (reason !== '' && reason.length <= longestReason) return reason;
  throw new VirtflowError('PARAMETER_INVALID', {
    parameter: 'reason',
    reason: `a text of 1 to ${longestReason} characters is needed`,
  });
}

function readRecord(value: unknown): KillRecord | undefined {
  if (value === undefined || value === null) return undefined;
  const { by, reason, at, cancelRunning }: Partial<Record<string, unknown>> =
    typeof value === 'object' ? { ...value } : {};
  return {
    by: typeof by === 'string' ? by : 'somebody',
    reason: typeof reason === 'string' ? reason : 'not known',
    at: typeof at === 'number' ? at : 0,
    cancelRunning: cancelRunning === true,
  };
}
