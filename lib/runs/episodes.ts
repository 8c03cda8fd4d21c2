import type { States } from '../store/store.ts';
import { newRun } from './mark.ts';

/** Something that lasts: a power cut, the maintenance of a host. What begins it and what ends it belong to one run. */
export interface Episode {
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
  readonly endedAt?: number;
}

export type Turn = 'begins' | 'ends';

const room = 'episodes';

/** Whether something was asked for in a run since a time (ms): then what was told has arrived. */
type HasArrived = (run: string, since: number) => boolean;

/**
 * The episodes of one node, by key, on disk. Each turn is told once; one that nothing was done for is told again in the
 * next life of the process, for that may have died with the message.
 */
export class Episodes {
  readonly #states: States;
  readonly #node: string;
  readonly #hasArrived: HasArrived;
  readonly #toldInThisLife = new Set<string>();

  constructor(states: States, node: string, hasArrived: HasArrived) {
    this.#states = states;
    this.#node = node;
    this.#hasArrived = hasArrived;
  }

  /** What is to be told of an episode now that it begins or ends; undefined when that was told before. */
  turn(key: string, turn: Turn, at: number): Episode | undefined {
    const episode = this.#read(key);
    return turn === 'begins' ? this.#begin(key, episode, at) : this.#end(key, episode, at);
  }

  /** How many have begun and not ended. */
  get open(): number {
    const own = this.#states.list(room).filter(({ key }) => key.startsWith(`${this.#node}/`));
    return own.filter(({ value }) => isEpisode(value) && value.endedAt === undefined).length;
  }

  /** The node is gone for good. */
  forget(): void {
    for (const { key } of this.#states.list(room)) {
      if (key.startsWith(`${this.#node}/`)) this.#states.delete(room, key);
    }
  }

  #begin(key: string, episode: Episode | undefined, at: number): Episode | undefined {
    if (!episode || episode.endedAt !== undefined) return this.#keep(key, { run: newRun().run, begunAt: at });
    if (this.#toldInThisLife.has(key) || this.#hasArrived(episode.run, episode.begunAt)) return undefined;
    this.#toldInThisLife.add(key);
    return episode;
  }

  #end(key: string, episode: Episode | undefined, at: number): Episode | undefined {
    if (!episode) return undefined;
    if (episode.endedAt === undefined) return this.#keep(key, { ...episode, endedAt: at });
    if (this.#toldInThisLife.has(key)) return undefined;
    // Twice at most: an end that leads to no operation could never be seen to have arrived.
    this.#states.delete(room, this.#place(key));
    return this.#hasArrived(episode.run, episode.endedAt) ? undefined : episode;
  }

  #keep(key: string, episode: Episode): Episode {
    this.#states.put(room, this.#place(key), episode);
    this.#toldInThisLife.add(key);
    return episode;
  }

  #read(key: string): Episode | undefined {
    const value = this.#states.get(room, this.#place(key));
    return isEpisode(value) ? value : undefined;
  }

  #place(key: string): string {
    return `${this.#node}/${key}`;
  }
}

function isEpisode(value: unknown): value is Episode {
  return typeof value === 'object' && value !== null && 'run' in value && 'begunAt' in value;
}
