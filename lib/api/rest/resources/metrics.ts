import Type from 'typebox';
import { standingPermissions } from '../../../access/permission.ts';
import { prometheusText, prometheusType } from '../../../metrics/prometheus.ts';
import { levels } from '../../../metrics/store/levels.ts';
import { VirtflowError } from '../../../model/errors.ts';
import { measurements } from '../../../model/reading.ts';
import type { Caller } from '../caller.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';
import { orNull, time } from '../schemas/common.ts';

const tag = 'metrics';

const variable = Type.Union([
  Type.String({ maxLength: 2_000 }),
  Type.Array(Type.String({ maxLength: 2_000 }), { maxItems: 1_000 }),
  Type.Object({ regex: Type.String({ maxLength: 2_000 }) }),
]);

const frame = Type.Object({
  measurement: Type.String(),
  tags: Type.Record(Type.String(), Type.String()),
  times: Type.Array(time('A point, or where its bucket begins.')),
  columns: Type.Array(
    Type.Object({
      column: Type.String({ description: 'The function, or the alias of the column.' }),
      name: Type.String({ description: 'What a legend shows.' }),
      values: Type.Array(orNull(Type.Number()), { description: 'As many as there are times.' }),
    }),
  ),
});

const queryBody = Type.Object({
  query: Type.Record(Type.String(), Type.Unknown(), {
    description: "What Grafana's query builder for InfluxQL stores in a panel: measurement, select, groupBy, tags.",
  }),
  from: time('The first moment.'),
  to: time('The last moment.'),
  intervalMs: Type.Integer({ minimum: 1, default: 60_000, description: 'What $__interval stands for.' }),
  variables: Type.Optional(Type.Record(Type.String(), variable, { description: 'What the variables stand for.' })),
});

/** What was measured: asked for by the query that Grafana's builder stores, and the latest for Prometheus. */
export function metricRoutes(rooms: RestRooms): readonly Route[] {
  const { metrics, access } = rooms;
  return [
    route({
      method: 'POST',
      path: '/metrics/query',
      id: 'queryMetrics',
      tag,
      summary: 'What was measured of the objects that you may see',
      body: queryBody,
      answers: {
        200: {
          description: 'The series.',
          schema: answer,
        },
      },
      handle: async ({ body: { query, ...range }, caller, signal }) => {
        const sees = await caller.sight.figures();
        const result = await metrics.query(query, range, { signal, ...(sees && { sees }) });
        const { frames, intervalMs = null, missingBefore = null } = result;
        return { status: 200, body: { frames, intervalMs, level: result.level, missingBefore } };
      },
    }),
    route({
      method: 'POST',
      path: '/metrics/summary',
      id: 'summariseMetrics',
      tag,
      summary: 'A figure of each object that you may see over a time, in a few numbers',
      body: summaryBody,
      answers: {
        200: { description: 'Them.', schema: Type.Object({ items: Type.Array(summarySchema), missingBefore }) },
      },
      handle: async ({ body, caller, signal }) => {
        const sees = await caller.sight.figures();
        const { summaries, missingBefore = null } = await metrics.summary(body, { signal, ...(sees && { sees }) });
        return { status: 200, body: { items: [...summaries], missingBefore } };
      },
    }),
    route({
      method: 'GET',
      path: '/metrics/measurements',
      id: 'listMeasurements',
      tag,
      summary: 'What is measured: fields and tags of each measurement',
      answers: { 200: { description: 'Them.', schema: Type.Object({ items: Type.Array(measurement) }) } },
      handle: async ({ caller }) => {
        await onlySeers(rooms, caller);
        return { status: 200, body: { items: await measurementsOf(rooms) } };
      },
    }),
    route({
      method: 'GET',
      path: '/metrics/state',
      id: 'getMetricState',
      tag,
      summary: 'How the collection of the connections that you may see goes on, and the writing',
      answers: { 200: { description: 'That.', schema: stateSchema } },
      handle: async ({ caller }) => {
        await onlySeers(rooms, caller);
        const connections = [];
        for (const [connection, state] of metrics.collections()) {
          if (await caller.sight.connection(connection)) connections.push({ connection, ...state });
        }
        const { engine, state } = metrics.store;
        return { status: 200, body: { store: { engine, ...state }, connections } };
      },
    }),
    route({
      method: 'POST',
      path: '/metrics/retention/run',
      id: 'runMetricRetention',
      tag,
      summary: 'Removes now what is older than metrics.json says',
      answers: { 200: { description: 'What was removed.', schema: retentionSchema } },
      handle: async ({ caller }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.writeMetrics);
        const report = await metrics.runRetention();
        return { status: 200, body: { levels: [...report.levels] } };
      },
    }),
    route({
      method: 'GET',
      path: '/metrics/prometheus',
      id: 'scrapeMetrics',
      tag,
      summary: 'The latest figures of the objects that you may see, for Prometheus',
      answers: {
        200: { description: 'Them, in the text format 0.0.4.', schema: Type.String(), contentType: 'text/plain' },
      },
      handle: async ({ caller }) => {
        const sees = await caller.sight.figures();
        const samples = metrics.latest().filter(({ tags }) => sees?.(tags) ?? true);
        return { status: 200, headers: { 'content-type': prometheusType }, text: prometheusText(samples) };
      },
    }),
  ];
}

const level = Type.Enum([...levels], { description: 'Points as they were sampled (raw), or a roll-up of them.' });

const missingBefore = orNull(time('It needs what is kept no longer: before this there is nothing.'));

const answer = Type.Object({
  frames: Type.Array(frame),
  intervalMs: orNull(Type.Integer()),
  level,
  missingBefore,
});

const measurement = Type.Object({
  name: Type.String(),
  fields: Type.Array(Type.String()),
  tags: Type.Array(Type.String()),
});

const summaryBody = Type.Object({
  measurement: Type.Enum([...measurements], { description: 'The kind of objects.' }),
  field: Type.String({ minLength: 1, maxLength: 200, description: 'Such as cpu_ratio.' }),
  from: time('The first moment.'),
  to: time('The last moment.'),
});

const summarySchema = Type.Object(
  {
    measurement: Type.String(),
    field: Type.String(),
    connection: Type.String(),
    id: Type.String(),
    name: Type.String(),
    count: Type.Integer({ description: 'How many samples there were.' }),
    min: Type.Number(),
    mean: Type.Number(),
    max: Type.Number(),
    p95: Type.Number({ description: '95 of 100 samples were not above it.' }),
    last: Type.Number(),
  },
  {
    additionalProperties: Type.Union([Type.String(), Type.Number()]),
    description: 'Of a part also disk, nic or mountpoint.',
  },
);

const problem = orNull(
  Type.Object({ code: Type.String(), message: Type.String(), advice: Type.String() }, { additionalProperties: true }),
);

const stateSchema = Type.Object({
  store: Type.Object({
    engine: Type.String(),
    connected: Type.Boolean({ description: 'Whether it took the last write.' }),
    waiting: Type.Integer({ description: 'Samples that are on disk and not in the store yet.' }),
    written: Type.Integer({ description: 'Samples, since the start, as are the next.' }),
    refused: Type.Integer({ description: 'Put aside in a file.' }),
    dropped: Type.Integer({ description: 'Given up because the buffer was full.' }),
    error: problem,
  }),
  connections: Type.Array(
    Type.Object({
      connection: Type.String(),
      rounds: Type.Integer({ description: 'Since its collection began, as are the next.' }),
      late: Type.Integer({ description: 'Rounds that were left out because the one before took too long.' }),
      failed: Type.Integer(),
      tookMs: Type.Number({ description: 'Of the last round.' }),
      samples: Type.Integer({ description: 'Of the last round.' }),
      error: problem,
    }),
  ),
});

const retentionSchema = Type.Object({
  levels: Type.Array(
    Type.Object({
      level,
      before: time('What was older is gone.'),
      rows: Type.Integer({ description: 'How many rows were removed.' }),
    }),
  ),
});

async function measurementsOf({ metrics: { store } }: RestRooms) {
  const names = await store.measurements();
  return Promise.all(
    names.map(async (name) => ({ name, fields: [...(await store.fields(name))], tags: [...(await store.tags(name))] })),
  );
}

/** Names of fields tell nothing of an object, but whoever sees none has no use for them. @throws ACCESS_DENIED */
async function onlySeers(rooms: RestRooms, { sight, origin }: Caller): Promise<void> {
  if (await sight.everything()) return;
  for (const object of rooms.inventory.list()) if (await sight.object(object)) return;
  const { id } = standingPermissions.readInventory;
  const details = { principal: origin.principal, permission: id, target: 'anything', reason: 'no object may be seen' };
  throw new VirtflowError('ACCESS_DENIED', details);
}
