import type { ConnectionObserver, ConnectionState, InventoryChange } from '../../lib/drivers/driver.ts';
import type { TaskRecord } from '../../lib/drivers/tasks.ts';
import type { HypervisorEvent } from '../../lib/model/event.ts';

export type Told =
  | { readonly kind: 'state'; readonly state: ConnectionState }
  | { readonly kind: 'inventory'; readonly change: InventoryChange }
  | { readonly kind: 'event'; readonly event: HypervisorEvent }
  | { readonly kind: 'task'; readonly record: TaskRecord };

/** Keeps all that a connection tells, in order, and waits for what is still to be told. */
export class Recorder implements ConnectionObserver {
  readonly told: Told[] = [];
  readonly #waiting = new Set<() => void>();

  state(state: ConnectionState): void {
    this.#take({ kind: 'state', state });
  }

  inventory(change: InventoryChange): void {
    this.#take({ kind: 'inventory', change });
  }

  event(event: HypervisorEvent): void {
    this.#take({ kind: 'event', event });
  }

  task(record: TaskRecord): void {
    this.#take({ kind: 'task', record });
  }

  /** Where what is told from now on begins. */
  get end(): number {
    return this.told.length;
  }

  /** The index of the first that fits, from `from` on; waits for it up to the deadline. */
  async until(what: string, fits: (told: Told) => boolean, from: number, deadlineMs: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    let next = from;
    const look = () => {
      for (; next < this.told.length; next += 1) {
        const told = this.told[next];
        if (told && fits(told)) return resolve(next);
      }
    };
    const timer = setTimeout(
      () => reject(new Error(`${what}: not within ${deadlineMs} ms; told was ${this.#since(from)}`)),
      deadlineMs,
    );
    this.#waiting.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  #take(told: Told): void {
    this.told.push(told);
    for (const look of [...this.#waiting]) look();
  }

  #since(from: number): string {
    return this.told.slice(from).slice(-20).map(inWords).join(', ') || 'nothing';
  }
}

function inWords(told: Told): string {
  if (told.kind === 'state') return told.state.phase;
  if (told.kind === 'event') return `${told.event.type} (${told.event.reason}) of ${told.event.name}`;
  if (told.kind === 'task') return `${told.record.operation} of ${told.record.name} ${told.record.state}`;
  const { change } = told;
  if (change.type === 'reset') return `reset of ${change.objects.length}`;
  if (change.type === 'delete') return `delete ${change.ref.id}`;
  return `put ${change.object.name}${change.object.kind === 'vm' ? ` ${change.object.power}` : ''}`;
}
