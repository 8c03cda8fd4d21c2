import type { ConnectionObserver } from '../../lib/drivers/driver.ts';
import type { VirtflowError } from '../../lib/model/errors.ts';
import type { Unsubscribe } from '../../lib/model/feed.ts';
import { eventOf, objectOf, recordOf, refOfObject } from './projection.ts';
import type { World, WorldFact, WorldLink } from './world.ts';

/** One connection to a world, from its opening until it breaks: passes on what the world tells. */
export class Link implements WorldLink {
  readonly connection: string;
  readonly world: World;
  readonly #observer: ConnectionObserver;
  readonly #broken = new AbortController();
  readonly #subscriptions: readonly Unsubscribe[];

  /** Tells the whole inventory and the tasks that run, then what becomes of them. */
  constructor(connection: string, world: World, observer: ConnectionObserver) {
    this.connection = connection;
    this.world = world;
    this.#observer = observer;
    world.attach(this);
    this.#subscriptions = [
      world.facts.subscribe((fact) => this.#tell(fact)),
      world.tasks.changes.subscribe((task) => observer.task(recordOf(connection, task))),
    ];
    const now = world.clock.now();
    const objects = Array.from(world.objects(), (object) => objectOf(connection, object, now));
    observer.inventory({ type: 'reset', objects });
    for (const task of world.tasks.running()) observer.task(recordOf(connection, task));
  }

  /** Aborted when it breaks, with why. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  break(error: VirtflowError): void {
    if (this.broken.aborted) return;
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.world.detach(this);
    this.#broken.abort(error);
  }

  #tell(fact: WorldFact): void {
    const { connection, world } = this;
    if (fact.type === 'event') this.#observer.event(eventOf(connection, world, fact.event));
    else if (fact.type === 'delete') {
      this.#observer.inventory({ type: 'delete', ref: refOfObject(connection, fact.object) });
    } else {
      this.#observer.inventory({ type: 'put', object: objectOf(connection, fact.object, world.clock.now()) });
    }
  }
}
