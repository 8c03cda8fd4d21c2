import Type from 'typebox';
import { toVirtflowError, VirtflowError } from '../../../model/errors.ts';
import type { Unsubscribe } from '../../../model/feed.ts';
import { AlertRequests } from '../../alert-requests.ts';
import {
  alertChangeFact,
  alertFact,
  approvalFact,
  connectionFact,
  factTypes,
  hypervisorFact,
  inventoryFact,
  operationFact,
  type StreamFact,
} from '../events/fact.ts';
import { eventQuery, filterOf } from '../events/filter.ts';
import { pastSince, readEventId } from '../events/past.ts';
import { EventStream, type StreamLimits } from '../events/stream.ts';
import { problemOf } from '../problem.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';

const streamsLimit = 200;
/** So that one of them does not take the places of all. */
const streamsLimitEach = 50;

interface Reader {
  readonly name: string;
  readonly isAskedFor: (fact: StreamFact) => boolean;
}

/** Facts as they happen, to whoever listens. */
export class EventRoutes {
  readonly routes: readonly Route[];
  readonly #rooms: RestRooms;
  readonly #limits: Partial<StreamLimits>;
  readonly #streams = new Map<EventStream, Reader>();
  #subscriptions: readonly Unsubscribe[] = [];

  constructor(rooms: RestRooms, limits: Partial<StreamLimits> = {}) {
    this.#rooms = rooms;
    this.#limits = limits;
    this.routes = [this.#route()];
  }

  start(): void {
    const { operations, inventory, connections, rules, alerts, approvals } = this.#rooms;
    const requests = new AlertRequests(this.#rooms);
    const { events, answerers } = approvals.approvals;
    this.#subscriptions = [
      operations.events.subscribe((event) => this.#tell(() => operationFact(event))),
      events.subscribe((event) => this.#tell(() => approvalFact(event, answerers))),
      inventory.changes.subscribe((change) => this.#tell(() => inventoryFact(change))),
      connections.events.subscribe((event) => this.#tell(() => hypervisorFact(event))),
      connections.states.subscribe((state) => this.#tell(() => connectionFact(state))),
      rules.alerts.subscribe((alert) => this.#tell(() => alertFact(alert))),
      alerts.changes.subscribe((change) => this.#tell(() => alertChangeFact(change, alerts, requests))),
    ];
  }

  /** Says good-bye to all who listen; stopping twice is fine. */
  stop(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#subscriptions = [];
    for (const stream of this.#streams.keys()) stream.end(new VirtflowError('STOPPING'));
  }

  get streams(): number {
    return this.#streams.size;
  }

  #tell(make: () => StreamFact): void {
    if (this.#streams.size === 0) return;
    const fact = make();
    for (const [stream, { isAskedFor }] of this.#streams) if (isAskedFor(fact)) stream.offer(fact);
  }

  /** @throws REQUESTS_TOO_MANY */
  #admit(name: string): void {
    const own = [...this.#streams.values()].filter((reader) => reader.name === name).length;
    if (own >= streamsLimitEach) throw new VirtflowError('REQUESTS_TOO_MANY', { limit: streamsLimitEach });
    if (this.#streams.size >= streamsLimit) throw new VirtflowError('REQUESTS_TOO_MANY', { limit: streamsLimit });
  }

  #route(): Route {
    const { operations } = this.#rooms;
    return route({
      method: 'GET',
      path: '/events',
      id: 'events',
      tag: 'events',
      summary: 'What happens, as server-sent events',
      description:
        `The event is one of ${factTypes.join(', ')}; its data is JSON. Sent with the id of the last event that was read ` +
        '(Last-Event-ID), operations that changed since then are told first, as they stand. A reader that is slow is told ' +
        'how things stand rather than each step (`coalesced` counts what was left out); one that is too slow gets the ' +
        'event `error` with EVENTS_TOO_SLOW, and the stream ends.',
      headers: { 'Last-Event-ID': 'The id of the event that was read last.' },
      query: eventQuery,
      answers: {
        200: { description: 'A stream that does not end.', contentType: 'text/event-stream', schema: Type.String() },
      },
      handle: ({ query, headers, caller, base }) => {
        const { name } = caller.who;
        this.#admit(name);
        const isAskedFor = filterOf(query);
        const lastRead = readEventId(headers['last-event-id']);
        return {
          status: 200,
          headers: {
            'content-type': 'text/event-stream; charset=utf-8',
            'x-accel-buffering': 'no',
            connection: 'close',
          },
          stream: (response) => {
            const stream = new EventStream(response, {
              sight: () => caller.again().sight,
              problem: (error) => problemOf(toVirtflowError(error), base),
              limits: this.#limits,
            });
            this.#streams.set(stream, { name, isAskedFor });
            stream.closed.addEventListener('abort', () => this.#streams.delete(stream), { once: true });
            // Read once it listens: nothing falls in between.
            try {
              const { past, warning } = pastSince(lastRead, (one) => operations.history(one), isAskedFor);
              stream.start(past, warning);
            } catch (thrown) {
              stream.end(toVirtflowError(thrown));
            }
          },
        };
      },
    });
  }
}
