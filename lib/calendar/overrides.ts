import type { AuditLog } from '../access/audit/audit-log.ts';
import { VirtflowError } from '../model/errors.ts';
import type { States } from '../store/store.ts';

/** A window that counts for nothing for a while. */
export interface Override {
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

const room = 'calendar-override';
const longestMinutes = 24 * 60;

/** Emergencies: windows that somebody has put out of force, over restarts and in the audit record. */
export class Overrides {
  readonly #states: States;
  readonly #audit: AuditLog;
  /** Overrides are few and asked for at every step of every operation: the table is read once. */
  readonly #known = new Map<string, Override>();

  constructor(states: States, audit: AuditLog) {
    this.#states = states;
    this.#audit = audit;
    for (const { key, value } of states.list(room)) if (isOverride(value)) this.#known.set(key, value);
  }

  /** The one that is in force at a moment. */
  of(window: string, at: number): Override | undefined {
    const found = this.#known.get(window);
    return found && found.from <= at && at < found.until ? found : undefined;
  }

  /** @throws PARAMETER_INVALID, STORE_* */
  begin(window: string, by: string, reason: string, minutes: number, now: number): Override {
    if (reason.trim() === '') throw unfit('reason', 'an override needs one');
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > longestMinutes) {
      throw unfit('minutes', `a whole number from 1 to ${longestMinutes} is needed`);
    }
    const override = { by, reason: reason.trim(), from: now, until: now + minutes * 60_000 };
    const about = { window, reason: override.reason, minutes };
    this.#audit.change(() => this.#states.put(room, window, override), 'calendar.window-overridden', by, about);
    this.#known.set(window, override);
    return override;
  }

  /** @throws STORE_* */
  end(window: string, by: string): void {
    if (!this.#known.has(window)) return;
    this.#audit.change(() => this.#states.delete(room, window), 'calendar.override-ended', by, { window });
    this.#known.delete(window);
  }
}

function isOverride(value: unknown): value is Override {
  return typeof value === 'object' && value !== null && 'by' in value && 'from' in value && 'until' in value;
}

function unfit(parameter: string, reason: string): VirtflowError {
  return new VirtflowError('PARAMETER_INVALID', { parameter, reason });
}
