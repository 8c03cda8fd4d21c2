import Type from 'typebox';
import { standingPermissions } from '../../../access/permission.ts';
import type { Sight } from '../../../access/sight.ts';
import { type AlertRecord, alertStates, isOngoing } from '../../../alerts/alert.ts';
import { MatcherSchema } from '../../../alerts/matching.ts';
import { VirtflowError } from '../../../model/errors.ts';
import type { Caller } from '../caller.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';

const tag = 'alerts';
const pathParameters = { id: 'The id of the alert.' };
const contactPath = { name: 'The name of the contact.' };
const silencePath = { id: 'The id of the silence.' };
const anything = Type.Record(Type.String(), Type.Unknown());
const comment = Type.Optional(Type.String({ maxLength: 1_000 }));
/** What it says of whom was told may name what else is wrong. */
const aboutOthers: ReadonlySet<string> = new Set(['told', 'not-told', 'delivered', 'undelivered']);
const { operate } = standingPermissions;

const listQuery = Type.Object({
  state: Type.Optional(
    Type.Array(Type.Enum([...alertStates]), { description: 'Those that go on unless told.', minItems: 1 }),
  ),
  limit: Type.Integer({ description: 'How many at most.', minimum: 1, maximum: 1000, default: 100 }),
});
const silenceBody = Type.Object({
  matcher: MatcherSchema,
  until: Type.Integer({ description: 'Milliseconds since the epoch.' }),
  comment,
});

/** Alerts while they last, and who is kept from being told. */
export function alertRoutes({ alerts, access }: RestRooms): readonly Route[] {
  const may = ({ object, connection }: AlertRecord, sight: Sight) =>
    object ? sight.reference(object) : connection === '' ? sight.everything() : sight.connection(connection);
  /** What somebody may not see is for them not there. @throws ALERT_UNKNOWN */
  const seen = async (id: string, { sight }: Caller): Promise<AlertRecord> => {
    const alert = alerts.get(id);
    if (await may(alert, sight)) return alert;
    throw new VirtflowError('ALERT_UNKNOWN', { alert: id });
  };
  /** Neighbours in the topology are named to those who may see everything. */
  const view = async (alert: AlertRecord, { sight }: Caller) => {
    const { above: _, affected, history, ...about } = alert;
    const all = await sight.everything();
    const shown = all ? affected : [];
    const own = all ? history : history.filter(({ what }) => !aboutOthers.has(what));
    const suppressed = alerts.suppression(alert);
    return {
      ...about,
      affected: shown,
      history: own,
      suppressed: all ? (suppressed ?? null) : suppressed ? { by: suppressed.by } : null,
    };
  };
  const operating = async (id: string, caller: Caller): Promise<AlertRecord> => {
    const alert = await seen(id, caller);
    const { object } = alert;
    const subject = object ? caller.sight.subjectOf(object) : null;
    if (!(await caller.sight.may(operate, subject))) await access.authoriseHouse(caller.origin, operate);
    return alert;
  };
  const one = { 200: { description: 'The alert.', schema: anything } };
  const silenced = { 200: { description: 'The silence.', schema: anything } };

  return [
    route({
      method: 'GET',
      path: '/alerts',
      id: 'listAlerts',
      tag,
      summary: 'Alerts, newest first',
      query: listQuery,
      answers: { 200: { description: 'Them.', schema: Type.Object({ items: Type.Array(anything) }) } },
      handle: async ({ query: { state, limit }, caller }) => {
        const items: unknown[] = [];
        for (const alert of alerts.list()) {
          if (items.length === limit) break;
          const isAsked = state ? state.includes(alert.state) : isOngoing(alert);
          if (isAsked && (await may(alert, caller.sight))) items.push(await view(alert, caller));
        }
        return { status: 200, body: { items } };
      },
    }),
    route({
      method: 'GET',
      path: '/alerts/{id}',
      id: 'getAlert',
      tag,
      summary: 'An alert: why, its history, and who was told or not',
      pathParameters,
      answers: one,
      handle: async ({ path, caller }) => ({
        status: 200,
        body: await view(await seen(path.id ?? '', caller), caller),
      }),
    }),
    route({
      method: 'POST',
      path: '/alerts/{id}/acknowledge',
      id: 'acknowledgeAlert',
      tag,
      summary: 'Take an alert up: it is neither escalated nor repeated',
      pathParameters,
      body: Type.Object({ comment }),
      answers: one,
      handle: async ({ path, caller, body }) => {
        const { id } = await operating(path.id ?? '', caller);
        return { status: 200, body: await view(alerts.acknowledge(id, caller.who.name, body.comment), caller) };
      },
    }),
    route({
      method: 'GET',
      path: '/silences',
      id: 'listSilences',
      tag,
      summary: 'Silences, newest first',
      answers: { 200: { description: 'Them.', schema: Type.Object({ items: Type.Array(anything) }) } },
      handle: async ({ caller }) => {
        await access.authoriseHouse(caller.origin, operate);
        return { status: 200, body: { items: alerts.silences.list() } };
      },
    }),
    route({
      method: 'POST',
      path: '/silences',
      id: 'createSilence',
      tag,
      summary: 'Keep alerts quiet for a time',
      body: silenceBody,
      answers: silenced,
      handle: async ({ caller, body: { comment: said = '', ...asked } }) => {
        await access.authoriseHouse(caller.origin, operate);
        return { status: 200, body: alerts.silences.add({ ...asked, comment: said }, caller.who.name) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/silences/{id}',
      id: 'endSilence',
      tag,
      summary: 'End a silence now',
      pathParameters: silencePath,
      answers: silenced,
      handle: async ({ path, caller }) => {
        await access.authoriseHouse(caller.origin, operate);
        return { status: 200, body: alerts.silences.end(path.id ?? '', caller.who.name) };
      },
    }),
    route({
      method: 'POST',
      path: '/contacts/{name}/test',
      id: 'testContact',
      tag,
      summary: 'Really send a test message',
      pathParameters: contactPath,
      body: Type.Object({}),
      answers: { 200: { description: 'What the channel said.', schema: Type.Object({ says: Type.String() }) } },
      handle: async ({ path, caller, signal }) => {
        await access.authoriseHouse(caller.origin, operate);
        return { status: 200, body: { says: await alerts.test(path.name ?? '', caller.who.name, signal) } };
      },
    }),
  ];
}
