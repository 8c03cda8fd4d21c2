import { createHash } from 'node:crypto';
import type { Log } from '../model/log.ts';
import { operationId } from '../operations/id.ts';
import type { Operation } from '../operations/operation.ts';
import type { Safe } from '../secrets/safe.ts';
import type { Journal } from '../store/store.ts';
import type { Ask, Delivery } from './delivery.ts';
import { newRun, type RunMark } from './mark.ts';
import { type Arrival, OpenDelivery } from './open-delivery.ts';
import { Shelf, type ShelfStore } from './shelf.ts';

export interface DeliveriesSettings {
  /** How long one that is over may stay on disk, waiting to go along with something else that is written. */
  readonly lingerMs: number;
  /** How long a message that was sent on may stand in other nodes before it counts as arrived. */
  readonly holdMs: number;
  /** How long one is kept that no node takes up, for its node was deleted or disabled. */
  readonly keepMs: number;
}

const hourMs = 3600 * 1000;
const defaults: DeliveriesSettings = { lingerMs: 10, holdMs: hourMs, keepMs: 24 * hourMs };
const retryMs = 1000;

/**
 * The messages that action nodes have taken and not sent on yet. One is on disk before its first operation is, and goes
 * when what was sent on has arrived: at another action node, or at the end of every node that it came to. So a message
 * may be sent twice when the process dies, but is never lost; and an action node that it comes to twice knows it again.
 */
export class Deliveries {
  readonly #store: ShelfStore;
  readonly #shelf: Shelf;
  readonly #log: Log;
  readonly #settings: DeliveriesSettings;
  readonly #open = new Map<string, OpenDelivery>();
  readonly #leaving = new Set<OpenDelivery>();
  /** What becomes true with the commit of what is being written together. */
  #onceWritten: (() => void)[] | undefined;
  readonly #holds = new Map<string, NodeJS.Timeout>();
  #writing: NodeJS.Timeout | undefined;
  #isStopped = false;
  #pruning: NodeJS.Timeout | undefined;

  constructor(store: ShelfStore, safe: Safe, log: Log, settings: Partial<DeliveriesSettings> = {}) {
    this.#store = store;
    this.#shelf = new Shelf(store, safe);
    this.#log = log;
    this.#settings = { ...defaults, ...settings };
  }

  /** @throws STORE_BROKEN, STORE_FULL */
  start(): void {
    this.#isStopped = false;
    this.#shelf.open();
    // Not at once: virtflow may have been off for long, and nodes take up what is theirs when the flows have started.
    this.#pruning = setInterval(() => this.#prune(), hourMs);
    this.#pruning.unref();
  }

  /** Writes what is over. Stopping twice is fine. */
  stop(): void {
    clearInterval(this.#pruning);
    for (const timer of this.#holds.values()) clearTimeout(timer);
    this.#holds.clear();
    if (!this.#isStopped) this.#write();
    this.#isStopped = true;
    clearTimeout(this.#writing);
    this.#writing = undefined;
  }

  /** A message came to an action node: until it is accepted or refused, what it came from stays. */
  arrive(mark: RunMark | undefined, node: string): Arrival {
    const arrival = { mark: mark ?? newRun(), node, place: arrivalAt(node), isOver: false };
    this.hold(arrival.mark, arrival.place);
    this.letGo(arrival.mark, node);
    return arrival;
  }

  /** The arrival came to nothing, or was accepted. */
  over(arrival: Arrival): void {
    if (arrival.isOver) return;
    arrival.isOver = true;
    this.letGo(arrival.mark, arrival.place);
  }

  /**
   * Takes a message that asks something. It is written together with its first operation.
   * @param target what it asks it of, as it was said: what a selector finds may be other things by and by
   * @returns undefined when the same message was taken before: it was sent again after a restart
   * @throws STORE_BROKEN
   */
  accept(arrival: Arrival, message: unknown, ask: Ask, target: unknown): Delivery | undefined {
    const { mark, node } = arrival;
    const parent = mark.delivery === undefined ? undefined : this.#open.get(mark.delivery);
    const id = parent ? derivedId(parent, node, ask, target) : operationId();
    if (parent && (this.#open.has(id) || this.#shelf.has(id))) return undefined;
    const delivery = { id, run: mark.run, parent: parent?.id ?? null, node, at: Date.now(), message, ask };
    this.#open.set(id, new OpenDelivery(delivery, 'new', arrival));
    return delivery;
  }

  /** Whether it is on disk. */
  isKept(id: string): boolean {
    const stage = this.#open.get(id)?.stage;
    return stage !== undefined && stage !== 'new';
  }

  /** Whether it was on disk when its node was opened. */
  isResumed(id: string): boolean {
    const open = this.#open.get(id);
    return open !== undefined && open.arrival === undefined;
  }

  /** Sees to it that it is on disk, where no new operation brought it there. @throws STORE_FULL, STORE_BROKEN */
  keep(id: string): void {
    const open = this.#open.get(id);
    if (open?.stage !== 'new') return;
    const replaced = this.#store.transaction(() => this.#put(open));
    this.#wasPut(open, replaced);
  }

  /** Its node has sent it on, or told Catch nodes of it; what came of that is under way by now. */
  sent(id: string): void {
    const open = this.#open.get(id);
    if (!open) return;
    if (open.stage === 'new') {
      this.#open.delete(id);
      return;
    }
    open.stage = 'sent';
    open.inHand = false;
    this.#leaveIfFree(open);
    if (open.stage === 'sent') this.#limitHold(open);
  }

  /** A message is on its way to a node, or in one: what it came from stays until `letGo`. */
  hold({ delivery }: RunMark, place: string): void {
    const open = delivery === undefined ? undefined : this.#open.get(delivery);
    if (!open) return;
    open.hold(place);
    if (open.stage !== 'leaving') return;
    open.stage = 'sent';
    this.#leaving.delete(open);
    this.#limitHold(open);
  }

  letGo({ delivery }: RunMark, place: string): void {
    const open = delivery === undefined ? undefined : this.#open.get(delivery);
    if (!open) return;
    open.letGo(place);
    this.#leaveIfFree(open);
  }

  /** Nodes were stopped by a deploy: what stood in them is gone, as a deploy does with messages. */
  stopped(isStopped: (node: string) => boolean): void {
    for (const open of [...this.#open.values()]) {
      open.letGoOf((place) => isStopped(nodeAt(place)));
      this.#leaveIfFree(open);
    }
  }

  /** A node closes: what it had in hand waits for the one that is opened in its place. */
  putDown(node: string): void {
    for (const open of this.#open.values()) if (open.delivery.node === node) open.inHand = false;
  }

  /** The node that was opened in its node's place goes on with it. */
  takeUp(delivery: Delivery): void {
    this.#open.set(delivery.id, new OpenDelivery(delivery, 'kept'));
  }

  /** Those that no node has in hand, oldest first: after a start, or because their node is gone. @throws STORE_BROKEN */
  left(): readonly Delivery[] {
    return this.#shelf.list((id) => {
      const open = this.#open.get(id);
      return !open || (open.stage === 'kept' && !open.inHand);
    });
  }

  /** The journal for operations, with which deliveries are written: in the same transaction, so at no cost. */
  journal(journal: Journal): Journal {
    return {
      started: (key) => journal.started(key),
      get: (id) => journal.get(id),
      unfinished: () => journal.unfinished(),
      history: (filter) => journal.history(filter),
      prune: (before) => journal.prune(before),
      insert: (operation, key) => this.#along(this.#newOf(operation), () => journal.insert(operation, key)),
      update: (operation) => this.#along(undefined, () => journal.update(operation)),
      together: (work) => this.#together(() => journal.together(work)),
    };
  }

  #together(write: () => void): void {
    const onceWritten: (() => void)[] = [];
    this.#onceWritten = onceWritten;
    try {
      write();
    } finally {
      this.#onceWritten = undefined;
    }
    for (const follow of onceWritten) follow();
  }

  /** One that was refused alone leaves nothing to go on with. */
  #newOf({ origin: { delivery }, endedAt }: Operation): OpenDelivery | undefined {
    const open = delivery === undefined || endedAt !== null ? undefined : this.#open.get(delivery);
    return open?.stage === 'new' ? open : undefined;
  }

  #along<T>(fresh: OpenDelivery | undefined, work: () => T): T {
    // Of what is written together, the first takes along what leaves.
    const leaving = this.#onceWritten?.length ? [] : [...this.#leaving];
    if (!fresh && leaving.length === 0) return work();
    let replaced: OpenDelivery | undefined;
    const done = this.#store.transaction(() => {
      replaced = fresh && this.#put(fresh);
      for (const { delivery } of leaving) this.#shelf.over(delivery);
      return work();
    });
    const follow = () => {
      for (const open of leaving) this.#left(open);
      if (fresh) this.#wasPut(fresh, replaced);
    };
    if (this.#onceWritten) this.#onceWritten.push(follow);
    else follow();
    return done;
  }

  /**
   * Where it is all that came of its parent, the parent goes in the same transaction: then nothing is sent twice.
   * @returns that parent
   */
  #put(open: OpenDelivery): OpenDelivery | undefined {
    this.#shelf.put(open.delivery);
    const parent = this.#replacedBy(open);
    if (parent) this.#shelf.over(parent.delivery);
    return parent;
  }

  #wasPut(open: OpenDelivery, replaced: OpenDelivery | undefined): void {
    open.stage = 'kept';
    if (replaced) this.#left(replaced);
    if (open.arrival) this.over(open.arrival);
  }

  #replacedBy({ delivery, arrival }: OpenDelivery): OpenDelivery | undefined {
    const parent = this.#open.get(delivery.parent ?? '');
    if (parent?.stage !== 'sent' || !arrival || arrival.isOver) return undefined;
    return parent.isHeldOnlyBy(arrival.place) ? parent : undefined;
  }

  #leaveIfFree(open: OpenDelivery): void {
    if (open.stage !== 'sent' || open.isHeld) return;
    open.stage = 'leaving';
    this.#leaving.add(open);
    this.#writeLater(this.#settings.lingerMs);
  }

  #left(open: OpenDelivery): void {
    this.#leaving.delete(open);
    this.#open.delete(open.id);
    clearTimeout(this.#holds.get(open.id));
    this.#holds.delete(open.id);
  }

  #limitHold(open: OpenDelivery): void {
    clearTimeout(this.#holds.get(open.id));
    const give = () => {
      open.letGoOf(() => true);
      this.#leaveIfFree(open);
    };
    this.#holds.set(open.id, setTimeout(give, this.#settings.holdMs).unref());
  }

  #writeLater(ms: number): void {
    // What is over and not written when virtflow stops is found over again at the next start.
    if (!this.#isStopped) this.#writing ??= setTimeout(() => this.#write(), ms);
  }

  #write(): void {
    clearTimeout(this.#writing);
    this.#writing = undefined;
    try {
      this.#along(undefined, () => undefined);
    } catch (error) {
      this.#log.error(`Deliveries that are over wait to be recorded: ${String(error)}`);
      this.#writeLater(retryMs);
    }
  }

  #prune(): void {
    try {
      const before = Date.now() - this.#settings.keepMs;
      for (const delivery of this.left().filter(({ at }) => at < before)) {
        const { node, run, ask } = delivery;
        this.#store.transaction(() => this.#shelf.over(delivery));
        const asked = `${ask.action} of ${ask.targets.map(({ name }) => name).join(', ')}`;
        this.#log.warn(
          `A message of run ${run} is given up: node ${node}, which did ${asked}, did not take it up again.`,
        );
      }
    } catch (error) {
      this.#log.error(`Deliveries could not be pruned: ${String(error)}`);
    }
  }
}

const arrives = ' arrives';

function arrivalAt(node: string): string {
  return node + arrives;
}

function nodeAt(place: string): string {
  return place.endsWith(arrives) ? place.slice(0, -arrives.length) : place;
}

/**
 * The same for the same message, when it is sent again after a restart: it follows from the delivery that it came from,
 * the node it came to, what it asks, and how many that asked the same came before. So two messages that ask different
 * things never meet, in whatever order they come; docs/decisions/0005-durable-deliveries.md says more.
 */
function derivedId(parent: OpenDelivery, node: string, ask: Ask, target: unknown): string {
  const { action, mode, parameters, timeoutSeconds, key } = ask;
  const question = digestOf([node, action, mode, parameters, timeoutSeconds, key, target]);
  return digestOf([parent.id, question, parent.countArrival(question)]).slice(0, 32);
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
