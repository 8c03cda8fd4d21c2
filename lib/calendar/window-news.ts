import type { Feed } from '../model/feed.ts';
import type { States } from '../store/store.ts';
import type { WindowEvent } from './edges.ts';

const room = 'calendar-listeners';
/** For those who are not there yet: flows start within seconds. */
const mostKept = 500;

/**
 * Windows' events for listeners that outlast the process, by their names: what happens at a start or in a deploy, before
 * one is there again, it hears when it is. One that is new hears of what happens from then on.
 */
export class WindowNews {
  readonly #states: States;
  readonly #kept: { readonly number: number; readonly event: WindowEvent }[] = [];
  readonly #heard = new Map<string, number>();
  #count = 0;

  constructor(states: States, events: Feed<WindowEvent>) {
    this.#states = states;
    events.subscribe((event) => {
      this.#count += 1;
      this.#kept.push({ number: this.#count, event });
      if (this.#kept.length > mostKept) this.#kept.shift();
    });
  }

  /** What a listener has not heard yet; now it has. @throws STORE_* */
  unheard(listener: string): readonly WindowEvent[] {
    const heard = this.#heard.get(listener) ?? this.#begin(listener);
    this.#heard.set(listener, this.#count);
    return this.#kept.filter(({ number }) => number > heard).map(({ event }) => event);
  }

  /** It is gone for good. @throws STORE_* */
  forget(listener: string): void {
    this.#heard.delete(listener);
    this.#states.delete(room, listener);
  }

  /** Up to where it has heard of what this process told. */
  #begin(listener: string): number {
    if (this.#states.get(room, listener) !== undefined) return 0;
    this.#states.put(room, listener, true);
    return this.#count;
  }
}
