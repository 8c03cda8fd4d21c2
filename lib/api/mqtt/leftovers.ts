import type { Connections } from '../../connections/connections.ts';
import type { Unsubscribe } from '../../model/feed.ts';
import type { Topics } from './topics.ts';

/** What is said at present, and the way to unsay something. */
export interface SaidStates {
  says(topic: string): boolean;
  state(topic: string, payload: string): void;
}

/**
 * Retained states that an earlier run left at the broker. Once their connection is up and its objects are known, those
 * that nobody stands behind any more are taken away.
 */
export class Leftovers {
  readonly #connections: Connections;
  readonly #topics: Topics;
  readonly #said: SaidStates;
  readonly #found = new Set<string>();
  #unsubscribe: Unsubscribe | undefined;

  constructor(connections: Connections, topics: Topics, said: SaidStates) {
    this.#connections = connections;
    this.#topics = topics;
    this.#said = said;
  }

  start(): void {
    this.#unsubscribe = this.#connections.states.subscribe(({ state }) => {
      if (state.phase === 'connected') this.#sweep();
    });
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  found(topic: string): void {
    if (this.#said.says(topic)) return;
    this.#found.add(topic);
    this.#sweep();
  }

  #sweep(): void {
    const up = this.#connections.list().filter(({ state }) => state.phase === 'connected');
    for (const topic of this.#found) {
      if (!up.some(({ name }) => this.#topics.isStateOf(topic, name))) continue;
      this.#found.delete(topic);
      if (!this.#said.says(topic)) this.#said.state(topic, '');
    }
  }
}
