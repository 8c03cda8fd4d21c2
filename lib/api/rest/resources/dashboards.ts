import type { ServerResponse } from 'node:http';
import Type from 'typebox';
import { compact } from '../../../dashboards/compact.ts';
import type { DashboardRoom } from '../../../dashboards/dashboard-room.ts';
import type { FigureOptions } from '../../../dashboards/figure-source.ts';
import { PanelReader } from '../../../dashboards/panel-data.ts';
import { readRange } from '../../../dashboards/time.ts';
import { resolveVariables, valuesOf } from '../../../dashboards/variables.ts';
import type { Caller } from '../caller.ts';
import { type Route, route } from '../route.ts';
import { errorRecord, orNull, time } from '../schemas/common.ts';

/** What dashboards need of the house. */
export interface DashboardRooms {
  readonly dashboards: Pick<DashboardRoom, 'files' | 'figures' | 'stored'>;
}

const tag = 'dashboards';
const anything = Type.Record(Type.String(), Type.Unknown());
const listed = Type.Object({
  items: Type.Array(
    Type.Object({
      uid: Type.String(),
      title: Type.String(),
      tags: Type.Array(Type.String()),
      file: Type.String(),
      own: Type.Boolean({ description: 'Of the data directory, not of those that come with virtflow.' }),
    }),
  ),
  broken: Type.Array(Type.Object({ file: Type.String(), error: errorRecord })),
});
const asked = Type.Object({
  from: Type.String({ description: 'now-6h, milliseconds since the epoch, or a time.', maxLength: 40 }),
  to: Type.String({ maxLength: 40, default: 'now' }),
  variables: Type.Record(Type.String(), Type.Array(Type.String({ maxLength: 1_000 }), { maxItems: 1_000 }), {
    description: 'What is chosen; `$__all` is all. Those that are not named stand as in the file.',
    default: {},
  }),
  panels: Type.Array(
    Type.Object({
      id: Type.Integer({ minimum: 0 }),
      points: Type.Integer({ description: 'Points of a series that there is room for.', minimum: 1, maximum: 5_000 }),
      scoped: Type.Optional(
        Type.Record(Type.String(), Type.String({ maxLength: 1_000 }), {
          description: 'What variables are in this copy of a panel that is repeated.',
        }),
      ),
    }),
    { maxItems: 1_000 },
  ),
  annotations: Type.Optional(
    Type.Array(Type.String({ maxLength: 500 }), {
      description: 'Names of those that are wanted; those that the file has enabled, unless told.',
      maxItems: 50,
    }),
  ),
});
const answered = Type.Object(
  {
    from: time('The range begins.'),
    to: time('The range ends.'),
    variables: Type.Array(anything),
    marks: Type.Array(anything, { description: 'Annotations, the latest first.' }),
    marksError: orNull(errorRecord),
    times: Type.Array(Type.Array(Type.Unknown()), { description: 'Times that fields name by their place here.' }),
    configs: Type.Array(anything, { description: 'How fields are shown, named by their place here.' }),
    panels: Type.Array(Type.Object({ id: Type.Integer(), frames: Type.Array(anything), error: orNull(errorRecord) })),
  },
  { title: 'Figures of panels' },
);

/** Dashboards as Grafana writes them, and the figures of their panels. */
export class DashboardRoutes {
  readonly routes: readonly Route[];
  readonly #rooms: DashboardRooms;
  readonly #streams = new Set<ServerResponse>();

  constructor(rooms: DashboardRooms) {
    this.#rooms = rooms;
    this.routes = [this.#list(), this.#changes(), this.#one(), this.#figures()];
  }

  /** Ends the streams; stopping twice is fine. */
  stop(): void {
    for (const stream of this.#streams) stream.end();
  }

  #list(): Route {
    return route({
      method: 'GET',
      path: '/dashboards',
      id: 'list-dashboards',
      tag,
      summary: 'Every dashboard, and the files that cannot be used',
      answers: { 200: { description: 'All of them.', schema: listed } },
      handle: () => {
        const all = this.#rooms.dashboards.files.list();
        const items = all.flatMap((one) => {
          if ('error' in one) return [];
          const { uid, title, tags = [] } = one.dashboard;
          return [{ uid, title, tags, file: one.file, own: !one.isShipped }];
        });
        const broken = all.flatMap((one) => ('error' in one ? [{ file: one.file, error: one.error.toJSON() }] : []));
        return { status: 200, body: { items, broken } };
      },
    });
  }

  #one(): Route {
    return route({
      method: 'GET',
      path: '/dashboards/{uid}',
      id: 'get-dashboard',
      tag,
      summary: 'One dashboard, as its file has it',
      pathParameters: { uid: 'Its uid.' },
      answers: {
        200: {
          description: 'The dashboard, and what of it is drawn by Grafana alone.',
          schema: Type.Object({ dashboard: anything, notDrawn: Type.Array(Type.String()) }),
        },
      },
      handle: ({ path }) => {
        const { dashboard, notDrawn } = this.#rooms.dashboards.files.get(path.uid ?? '');
        return { status: 200, body: { dashboard, notDrawn } };
      },
    });
  }

  #figures(): Route {
    return route({
      method: 'POST',
      path: '/dashboards/{uid}/figures',
      id: 'dashboard-figures',
      tag,
      summary: 'The figures of some of its panels, in one answer',
      description: 'Of objects that you may see alone. A panel whose query fails carries the error; the others stand.',
      pathParameters: { uid: 'Its uid.' },
      body: asked,
      answers: { 200: { description: 'Variables, annotations and panels.', schema: answered } },
      handle: async ({ path, body, caller, signal }) => {
        const { files, figures } = this.#rooms.dashboards;
        const { dashboard } = files.get(path.uid ?? '');
        const range = readRange(body.from, body.to, Date.now());
        const sees = await caller.sight.figures();
        const options: FigureOptions = { signal, ...(sees ? { sees } : {}) };
        const variables = await resolveVariables(dashboard, body.variables, figures, options);
        const reader = new PanelReader(dashboard, range, valuesOf(dashboard, variables), figures, options);
        const [panels, { marks, error }] = await Promise.all([
          reader.panels(body.panels),
          reader.marks(body.annotations),
        ]);
        return { status: 200, body: { ...range, variables, marks, marksError: error, ...compact(panels) } };
      },
    });
  }

  #changes(): Route {
    return route({
      method: 'GET',
      path: '/dashboards/changes',
      id: 'dashboard-changes',
      tag,
      summary: 'When there are new figures, as server-sent events',
      description: 'The event `figures` says that some were stored, at most every five seconds.',
      answers: {
        200: { description: 'A stream that does not end.', contentType: 'text/event-stream', schema: Type.String() },
      },
      handle: ({ caller }) => ({
        status: 200,
        headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no', connection: 'close' },
        stream: (response) => this.#follow(response, caller),
      }),
    });
  }

  #follow(response: ServerResponse, caller: Caller): void {
    let isNew = false;
    let quiet = 0;
    const unsubscribe = this.#rooms.dashboards.stored.subscribe(() => {
      isNew = true;
    });
    const timer = setInterval(() => {
      quiet = isNew ? 0 : quiet + 1;
      try {
        caller.again(); // Ends it once whoever listens may no more.
        if (isNew) response.write('event: figures\ndata: {}\n\n');
        else if (quiet % 3 === 0) response.write(': still here\n\n');
      } catch {
        response.end();
      }
      isNew = false;
    }, changesEveryMs);
    this.#streams.add(response);
    response.write(': listening\n\n');
    response.once('close', () => {
      clearInterval(timer);
      unsubscribe();
      this.#streams.delete(response);
    });
  }
}

const changesEveryMs = 5_000;
