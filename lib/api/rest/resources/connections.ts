import Type from 'typebox';
import type { HypervisorConnection } from '../../../drivers/driver.ts';
import { VirtflowError } from '../../../model/errors.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';
import { errorRecord, time } from '../schemas/common.ts';

const tag = 'connections';

const connectionSchema = Type.Object(
  {
    name: Type.String(),
    driver: Type.String(),
    state: Type.Object({
      phase: Type.Enum(['stopped', 'connecting', 'connected', 'waiting']),
      since: Type.Optional(time('Connected since then.')),
      attempt: Type.Optional(Type.Integer()),
      error: Type.Optional(errorRecord),
      retryAt: Type.Optional(time('When it is tried again.')),
    }),
    capabilities: Type.Array(Type.String(), { description: 'What it can do; empty until it was first connected.' }),
  },
  { title: 'Connection' },
);

/** The hypervisors that virtflow is connected to. */
export function connectionRoutes({ connections }: RestRooms): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/connections',
      id: 'listConnections',
      tag,
      summary: 'The connections on which you may see anything',
      answers: { 200: { description: 'Them.', schema: Type.Object({ items: Type.Array(connectionSchema) }) } },
      handle: async ({ caller }) => {
        const items = [];
        for (const one of connections.list()) if (await caller.sight.connection(one.name)) items.push(viewOf(one));
        return { status: 200, body: { items } };
      },
    }),
    route({
      method: 'GET',
      path: '/connections/{name}',
      id: 'getConnection',
      tag,
      summary: 'A connection: its state and what it can do',
      pathParameters: { name: 'The name of the connection.' },
      answers: { 200: { description: 'The connection.', schema: connectionSchema } },
      handle: async ({ path, caller }) => {
        const seen = [];
        for (const one of connections.list()) {
          if (!(await caller.sight.connection(one.name))) continue;
          if (one.name === path.name) return { status: 200, body: viewOf(one) };
          seen.push(one.name);
        }
        throw new VirtflowError('CONNECTION_UNKNOWN', { connection: path.name, known: seen.join(', ') || 'none' });
      },
    }),
  ];
}

function viewOf({ name, driver, state, capabilities }: HypervisorConnection) {
  return { name, driver, state, capabilities: [...capabilities] };
}
