import { endStates, type Operation } from '../operation.ts';
import { type GroupShape, weightOf } from './group.ts';

/** How far a group is: the mean of its members by their weights. */
export class GroupProgress {
  readonly #weights: readonly number[];
  readonly #total: number;
  readonly #ratios: number[];
  #done = 0;

  constructor({ members }: GroupShape) {
    this.#weights = members.map(weightOf);
    this.#total = this.#weights.reduce((sum, weight) => sum + weight, 0);
    this.#ratios = members.map(() => 0);
  }

  /** 0 to 1; a group without weight is done when it ends. */
  get ratio(): number {
    return this.#total === 0 ? 0 : Math.min(this.#done / this.#total, 1);
  }

  /** A member that has ended is done, however it ended. */
  told({ member, state, progress }: Operation): void {
    const [before, weight] = [this.#ratios[member ?? -1], this.#weights[member ?? -1]];
    if (member === undefined || before === undefined || weight === undefined) return;
    const ratio = endStates.has(state) ? 1 : progress;
    this.#ratios[member] = ratio;
    this.#done += (ratio - before) * weight;
  }
}
