import Type from 'typebox';
import { standingPermissions } from '../../../access/permission.ts';
import { type AlertRecord, alertStates, isOngoing } from '../../../alerts/alert.ts';
import { severities } from '../../../rules/levels.ts';
import { AlertRequests } from '../../alert-requests.ts';
import { alertDetail, alertView } from '../../alert-view.ts';
import type { Caller } from '../caller.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';

const tag = 'alerts';
const pathParameters = { id: 'The id of the alert.' };
const anything = Type.Record(Type.String(), Type.Unknown());
const comment = Type.Optional(Type.String({ maxLength: 1_000 }));
const { readInventory } = standingPermissions;

const listQuery = Type.Object({
  state: Type.Optional(
    Type.Array(Type.Enum([...alertStates]), { description: 'Those that go on unless told.', minItems: 1 }),
  ),
  severity: Type.Optional(Type.Array(Type.Enum([...severities]), { description: 'One of these.', minItems: 1 })),
  rule: Type.Optional(Type.String({ description: 'Of the rule of this id.' })),
  object: Type.Optional(Type.String({ description: 'Of an object: connection/kind/id.' })),
  limit: Type.Integer({ description: 'How many at most.', minimum: 1, maximum: 5000, default: 1000 }),
});
const toldQuery = Type.Object({
  alert: Type.Optional(Type.String({ description: 'Of this alert.' })),
  contact: Type.Optional(Type.String({ description: 'To this contact.' })),
  limit: Type.Integer({ description: 'How many at most.', minimum: 1, maximum: 1000, default: 100 }),
});

/** Alerts while they last and for a time after, and who was told of them. */
export function alertRoutes(rooms: RestRooms): readonly Route[] {
  const { alerts, access } = rooms;
  const requests = new AlertRequests(rooms);
  const detail = (alert: AlertRecord, { sight }: Caller) => alertDetail(alert, sight, alerts);
  const one = { 200: { description: 'The alert.', schema: anything } };
  const many = { 200: { description: 'Them.', schema: Type.Object({ items: Type.Array(anything) }) } };

  return [
    route({
      method: 'GET',
      path: '/alerts',
      id: 'listAlerts',
      tag,
      summary: 'Alerts, newest first',
      query: listQuery,
      answers: many,
      handle: async ({ query: { state, severity, rule, object, limit }, caller: { sight } }) => {
        const isAsked = (alert: AlertRecord) =>
          (state ? state.includes(alert.state) : isOngoing(alert)) &&
          (severity === undefined || severity.includes(alert.severity)) &&
          (rule === undefined || rule === alert.rule) &&
          (object === undefined || object === alert.node);
        const items: unknown[] = [];
        for (const alert of alerts.list()) {
          if (items.length === limit) break;
          if (isAsked(alert) && (await requests.sees(alert, sight))) items.push(await alertView(alert, sight, alerts));
        }
        return { status: 200, body: { items } };
      },
    }),
    route({
      method: 'GET',
      path: '/alerts/{id}',
      id: 'getAlert',
      tag,
      summary: 'An alert: why, its history, its routes, and who was told or not',
      pathParameters,
      answers: one,
      handle: async ({ path: { id = '' }, caller }) => ({
        status: 200,
        body: await detail(await requests.get(id, caller.origin), caller),
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
      handle: async ({ path: { id = '' }, caller, body }) => ({
        status: 200,
        body: await detail(await requests.acknowledge(id, caller.origin, body.comment), caller),
      }),
    }),
    route({
      method: 'POST',
      path: '/alerts/{id}/unacknowledge',
      id: 'unacknowledgeAlert',
      tag,
      summary: 'Take an acknowledgement back',
      pathParameters,
      body: Type.Object({}),
      answers: one,
      handle: async ({ path: { id = '' }, caller }) => ({
        status: 200,
        body: await detail(await requests.unacknowledge(id, caller.origin), caller),
      }),
    }),
    route({
      method: 'GET',
      path: '/notifications',
      id: 'listNotifications',
      tag,
      summary: 'Who was told what, and when; newest first',
      query: toldQuery,
      answers: many,
      handle: async ({ query: { alert, contact, limit }, caller }) => {
        await access.authoriseHouse(caller.origin, readInventory);
        const all = alerts.notifications(alert);
        const items = contact === undefined ? all : all.filter((notification) => notification.contact === contact);
        return { status: 200, body: { items: items.slice(0, limit) } };
      },
    }),
  ];
}
