import Type from 'typebox';
import { isActive } from '../../../alerts/silence.ts';
import { AlertRequests, SilenceRequest } from '../../alert-requests.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';

const tag = 'alerts';
const anything = Type.Record(Type.String(), Type.Unknown());
const silenced = { 200: { description: 'The silence.', schema: anything } };

/** Who is kept from being told, and who is told at all. */
export function silenceRoutes(rooms: RestRooms): readonly Route[] {
  const requests = new AlertRequests(rooms);
  return [
    route({
      method: 'GET',
      path: '/silences',
      id: 'listSilences',
      tag,
      summary: 'Silences, newest first',
      query: Type.Object({ active: Type.Boolean({ default: false, description: 'Only those that are not over.' }) }),
      answers: { 200: { description: 'Them.', schema: Type.Object({ items: Type.Array(anything) }) } },
      handle: async ({ query: { active }, caller }) => {
        const now = Date.now();
        const all = await requests.silences(caller.origin);
        const items = all.map((one) => ({ ...one, active: isActive(one, now) }));
        return { status: 200, body: { items: active ? items.filter(({ until }) => until > now) : items } };
      },
    }),
    route({
      method: 'POST',
      path: '/silences',
      id: 'createSilence',
      tag,
      summary: 'Keep alerts quiet for a time',
      body: SilenceRequest,
      answers: silenced,
      handle: async ({ caller, body }) => ({ status: 200, body: await requests.silence(body, caller.origin) }),
    }),
    route({
      method: 'DELETE',
      path: '/silences/{id}',
      id: 'endSilence',
      tag,
      summary: 'End a silence now',
      pathParameters: { id: 'The id of the silence.' },
      answers: silenced,
      handle: async ({ path: { id = '' }, caller }) => ({
        status: 200,
        body: await requests.endSilence(id, caller.origin),
      }),
    }),
    route({
      method: 'GET',
      path: '/contacts',
      id: 'listContacts',
      tag,
      summary: 'Who can be told, and what became of the last message to each',
      answers: { 200: { description: 'Them.', schema: Type.Object({ items: Type.Array(anything) }) } },
      handle: async ({ caller }) => ({ status: 200, body: { items: await requests.contacts(caller.origin) } }),
    }),
    route({
      method: 'POST',
      path: '/contacts/{name}/test',
      id: 'testContact',
      tag,
      summary: 'Really send a test message',
      pathParameters: { name: 'The name of the contact.' },
      body: Type.Object({}),
      answers: { 200: { description: 'What the channel said.', schema: Type.Object({ says: Type.String() }) } },
      handle: async ({ path: { name = '' }, caller, signal }) => ({
        status: 200,
        body: { says: await requests.testContact(name, caller.origin, signal) },
      }),
    }),
  ];
}
