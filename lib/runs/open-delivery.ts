import type { Delivery } from './delivery.ts';
import type { RunMark } from './mark.ts';

/** A message that came to an action node; what it came from stays until it was taken or refused. */
export interface Arrival {
  readonly mark: RunMark;
  readonly node: string;
  readonly place: string;
  isOver: boolean;
}

/**
 * `new` is not on disk yet, `kept` is; `sent` has been sent on by its node, `leaving` may go from the disk at the next
 * opportunity.
 */
export type Stage = 'new' | 'kept' | 'sent' | 'leaving';

/** A delivery that this process has to do with. */
export class OpenDelivery {
  readonly delivery: Delivery;
  /** How it came; one that was on disk at the start came in a life before. */
  readonly arrival: Arrival | undefined;
  stage: Stage;
  /** Its node works on it; one whose node was closed is taken up by the node that is opened in its place. */
  inHand = true;
  /** How many messages that came from it are on their way to a node, or in one, by the node's id. */
  readonly #held = new Map<string, number>();
  readonly #arrivals = new Map<string, number>();

  constructor(delivery: Delivery, stage: Stage, arrival?: Arrival) {
    this.delivery = delivery;
    this.stage = stage;
    this.arrival = arrival;
  }

  get id(): string {
    return this.delivery.id;
  }

  get isHeld(): boolean {
    return this.#held.size > 0;
  }

  /** Whether nothing holds it but one message at this place. */
  isHeldOnlyBy(place: string): boolean {
    return this.#held.size === 1 && this.#held.get(place) === 1;
  }

  hold(place: string): void {
    this.#held.set(place, (this.#held.get(place) ?? 0) + 1);
  }

  /** Lets one go; none is there when it was let go already. */
  letGo(place: string): void {
    const count = this.#held.get(place) ?? 0;
    if (count > 1) this.#held.set(place, count - 1);
    else this.#held.delete(place);
  }

  /** What a node held is gone, for the node was stopped. */
  letGoOf(isGone: (place: string) => boolean): void {
    for (const place of [...this.#held.keys()]) if (isGone(place)) this.#held.delete(place);
  }

  /** The how-manieth arrival this is of messages that came from it and ask the same of the same node: from 1 on. */
  countArrival(question: string): number {
    const count = (this.#arrivals.get(question) ?? 0) + 1;
    this.#arrivals.set(question, count);
    return count;
  }
}
