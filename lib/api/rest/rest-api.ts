import type { IncomingMessage, ServerResponse } from 'node:http';
import { toVirtflowError } from '../../model/errors.ts';
import { problemAnswer, send } from './answering.ts';
import { restBase } from './base.ts';
import { checkDepth, readBody } from './body.ts';
import { type Caller, callerInEditor, callerOf } from './caller.ts';
import type { StreamLimits } from './events/stream.ts';
import { openApi } from './openapi.ts';
import { actionRoutes } from './resources/actions.ts';
import { alertRoutes } from './resources/alerts.ts';
import { approvalRoutes } from './resources/approvals.ts';
import { calendarRoutes } from './resources/calendar.ts';
import { connectionRoutes } from './resources/connections.ts';
import { DashboardRoutes } from './resources/dashboards.ts';
import { documentationRoutes } from './resources/documentation.ts';
import { EventRoutes } from './resources/events.ts';
import { groupRoutes } from './resources/groups.ts';
import { healthRoutes } from './resources/health.ts';
import { inventoryRoutes } from './resources/inventory.ts';
import { metricRoutes } from './resources/metrics.ts';
import { operationRoutes } from './resources/operations.ts';
import { problemRoutes } from './resources/problems.ts';
import { ruleRoutes } from './resources/rules.ts';
import { scheduleRoutes } from './resources/schedules.ts';
import { sequelRoutes } from './resources/sequels.ts';
import { silenceRoutes } from './resources/silences.ts';
import { whoamiRoutes } from './resources/whoami.ts';
import type { RestRooms } from './rooms.ts';
import type { Answer, Route } from './route.ts';
import { Router } from './router.ts';
import { WaitingRoom } from './waiting-room.ts';

/** How somebody else's web server hands over a request. */
export interface Mounted {
  readonly base: string;
  /** Path and query below the base. */
  readonly url: string;
  /** Where the body was read already. */
  readonly body?: unknown;
  /** Whom that web server's own login has let in; they need no token. */
  readonly user?: string;
}

/** The house over HTTP: every action, what exists, what is done, what happens. docs/rest.md tells how it is used. */
export class RestApi {
  readonly routes: readonly Route[];
  readonly #rooms: RestRooms;
  readonly #router: Router;
  readonly #events: EventRoutes;
  readonly #dashboards: DashboardRoutes;
  readonly #waiting = new WaitingRoom();

  constructor(rooms: RestRooms, limits: Partial<StreamLimits> = {}) {
    this.#rooms = rooms;
    this.#events = new EventRoutes(rooms, limits);
    this.#dashboards = new DashboardRoutes(rooms);
    this.routes = [
      ...actionRoutes(rooms),
      ...operationRoutes(rooms),
      ...approvalRoutes(rooms),
      ...alertRoutes(rooms),
      ...silenceRoutes(rooms),
      ...calendarRoutes(rooms),
      ...scheduleRoutes(rooms),
      ...ruleRoutes(rooms),
      ...groupRoutes(rooms),
      ...sequelRoutes(rooms),
      ...inventoryRoutes(rooms),
      ...connectionRoutes(rooms),
      ...metricRoutes(rooms),
      ...this.#events.routes,
      ...this.#dashboards.routes,
      ...whoamiRoutes(),
      ...problemRoutes(),
      ...healthRoutes(),
      ...documentationRoutes((base) => openApi(this.routes, base)),
    ];
    this.#router = new Router(this.routes);
  }

  start(): void {
    this.#events.start();
  }

  /** Ends the streams; requests are answered by those whom they ask. Stopping twice is fine. */
  stop(): void {
    this.#events.stop();
    this.#dashboards.stop();
  }

  /** How many streams of events are read. */
  get streams(): number {
    return this.#events.streams;
  }

  /** Whether a request of a web server of our own is for us. */
  isFor({ url = '' }: IncomingMessage): boolean {
    return url === restBase || url.startsWith(`${restBase}/`) || url.startsWith(`${restBase}?`);
  }

  /** Answers a request, whatever it is; never throws. */
  readonly handle = (request: IncomingMessage, response: ServerResponse, mounted?: Mounted): void => {
    const where = mounted ?? { base: restBase, url: (request.url ?? '').slice(restBase.length) };
    this.#waiting.enter();
    this.#answer(request, response, where)
      .catch((thrown: unknown) => this.#problem(request, thrown, where.base))
      .then((answer) => send(request, response, answer))
      .catch((thrown: unknown) => {
        this.#rooms.log.error(`REST: an answer could not be sent: ${String(thrown)}`);
        response.destroy();
      })
      .finally(() => this.#waiting.leave());
  };

  async #answer(request: IncomingMessage, response: ServerResponse, mounted: Mounted): Promise<Answer> {
    const { base, url } = mounted;
    const [path = '', ...search] = url.split('?');
    const { method = 'GET' } = request;
    if (method === 'OPTIONS') return { status: 204, headers: { allow: this.#allowed(path) } };
    const { route, path: values } = this.#router.find(method, path);
    this.#waiting.refuseCrowd();
    const caller = route.isOpen ? undefined : this.#caller(request, mounted, route);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const call = async () =>
      route.call({
        base,
        path: values,
        search: new URLSearchParams(search.join('?')),
        headers: single(request),
        body: await bodyOf(request, mounted),
        caller,
        signal: gone.signal,
      });
    return caller ? this.#waiting.among(caller.who.name, call) : call();
  }

  #caller(request: IncomingMessage, { user }: Mounted, { takesPassword }: Route): Caller {
    const { access } = this.#rooms;
    return user === undefined ? callerOf(request, access, takesPassword) : callerInEditor(user, access);
  }

  #allowed(path: string): string {
    try {
      this.#router.find('', path);
    } catch (thrown) {
      const { code, details } = toVirtflowError(thrown);
      if (code === 'METHOD_NOT_ALLOWED' && Array.isArray(details.allowed)) return details.allowed.join(', ');
      throw thrown;
    }
    return 'OPTIONS';
  }

  #problem(request: IncomingMessage, thrown: unknown, base: string): Answer {
    const error = toVirtflowError(thrown);
    if (error.code === 'INTERNAL') {
      const stack = thrown instanceof Error ? thrown.stack : undefined;
      this.#rooms.log.error(`REST: ${request.method} ${request.url?.split('?')[0]}: ${stack ?? error.message}`);
    }
    return problemAnswer(error, base);
  }
}

async function bodyOf(request: IncomingMessage, mounted: Mounted): Promise<unknown> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  if (mounted.body === undefined) return readBody(request);
  checkDepth(mounted.body);
  return mounted.body;
}

/** Headers that are said once. */
function single({ headers }: IncomingMessage): Record<string, string | undefined> {
  const pairs = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]);
  return Object.fromEntries(pairs);
}
