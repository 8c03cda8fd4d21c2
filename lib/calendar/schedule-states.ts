import type { SlotReason, States } from '../store/store.ts';

const anchors = 'schedules';
const held = 'schedules-held';
const owed = 'schedules-owed';
const disabled = 'schedules-disabled';

/** From when on the slots of a schedule count; one that says something else begins anew. Milliseconds since the epoch. */
export interface Anchor {
  readonly schedule: string;
  readonly since: number;
}

/** What the scheduler knows of plans beside their slots, by their id; on disk as soon as it is said. @throws STORE_* */
export class ScheduleStates {
  readonly #states: States;

  constructor(states: States) {
    this.#states = states;
  }

  anchor(id: string): Anchor | undefined {
    const value = this.#states.get(anchors, id);
    if (typeof value !== 'object' || value === null || !('schedule' in value) || !('since' in value)) return undefined;
    const { schedule, since } = value;
    return typeof schedule === 'string' && typeof since === 'number' ? { schedule, since } : undefined;
  }

  putAnchor(id: string, { schedule, since }: Anchor): void {
    this.#states.put(anchors, id, { schedule, since });
  }

  /** The slot that a window holds. */
  held(id: string): number | undefined {
    const value = this.#states.get(held, id);
    if (typeof value !== 'object' || value === null || !('slot' in value)) return undefined;
    return typeof value.slot === 'number' ? value.slot : undefined;
  }

  putHeld(id: string, slot: number): void {
    this.#states.put(held, id, { slot });
  }

  deleteHeld(id: string): void {
    this.#states.delete(held, id);
  }

  /** Why a plan is to run once, as soon as no window holds it. */
  owed(id: string): SlotReason | undefined {
    const value = this.#states.get(owed, id);
    return isReason(value) ? value : undefined;
  }

  putOwed(id: string, why: SlotReason): void {
    this.#states.put(owed, id, why);
  }

  deleteOwed(id: string): void {
    this.#states.delete(owed, id);
  }

  isDisabled(id: string): boolean {
    return this.#states.get(disabled, id) !== undefined;
  }

  disable(id: string, since: number): void {
    this.#states.put(disabled, id, { since });
  }

  enable(id: string): void {
    this.#states.delete(disabled, id);
  }

  /** All but whether it is disabled. */
  forget(id: string): void {
    for (const room of [anchors, held, owed]) this.#states.delete(room, id);
  }
}

function isReason(value: unknown): value is SlotReason {
  return typeof value === 'object' && value !== null && 'why' in value && typeof value.why === 'string';
}
