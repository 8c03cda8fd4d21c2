import Type from 'typebox';
import { readGroup } from '../../../operations/groups/steps.ts';
import { GroupRequests } from '../../group-requests.ts';
import { operationView } from '../../operation-view.ts';
import { pageAnswer, readCursor, writeCursor } from '../cursor.ts';
import { keyHeader, keyOf } from '../idempotency.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';
import { pageOf, paging } from '../schemas/common.ts';
import { operationSchema } from '../schemas/operation.ts';
import { detailView, operationDetail, operationPath, operationSeen } from './operation-detail.ts';

const tag = 'operations';

const step = Type.Record(Type.String(), Type.Unknown(), {
  description:
    '{ action, target, parameters, timeoutSeconds, weight }, or a group within the group: ' +
    '{ title, order, onError, limit, steps, weight }.',
});

const body = Type.Object({
  title: Type.String({ description: 'What it is called in the history.', maxLength: 200, default: '' }),
  order: Type.Enum(['sequence', 'parallel', 'per-connection'], {
    description: 'One after the other, side by side, or in order on each connection.',
    default: 'sequence',
  }),
  onError: Type.Enum(['stop', 'continue', 'roll-back'], {
    description: 'When a step fails: begin no more, go on all the same, or take back what was done.',
    default: 'stop',
  }),
  limit: Type.Optional(Type.Integer({ description: 'How many at once side by side.', minimum: 1, maximum: 1000 })),
  steps: Type.Array(step, { description: 'In their order. A target that means several objects is as many members.' }),
  timeoutSeconds: Type.Optional(
    Type.Number({ description: 'How long all of it may take.', exclusiveMinimum: 0, maximum: 604_800 }),
  ),
  plan: Type.Boolean({ description: 'Only tell what would be done.', default: false }),
});

/** Several operations as one. */
export function groupRoutes(rooms: RestRooms): readonly Route[] {
  const { operations } = rooms;
  const requests = new GroupRequests(rooms);
  return [
    route({
      method: 'POST',
      path: '/groups',
      id: 'startGroup',
      tag,
      summary: 'Have several operations done as one',
      description:
        'A step that cannot be read is refused before anything is done; unless the rest is to be done all the same, so ' +
        'is one that you may not do.',
      headers: keyHeader,
      body,
      answers: {
        200: { ...operationDetail, description: 'The plan.' },
        202: {
          ...operationDetail,
          description: 'Accepted; it goes on by itself.',
          headers: { Location: 'The operation.' },
        },
      },
      handle: async (call) => {
        const { caller, base, signal } = call;
        const { timeoutSeconds, plan, ...written } = call.body;
        const group = readGroup(written, 'asked for over REST');
        const mode = plan ? 'plan' : 'run';
        const { id } = await requests.start({ group, timeoutSeconds, mode, origin: caller.origin, key: keyOf(call) });
        const told = plan ? await operations.finished(id, signal) : operations.get(id);
        const detail = await detailView(rooms, told, caller.sight);
        if (plan) return { status: 200, body: detail };
        return { status: 202, body: detail, headers: { location: `${base}/operations/${encodeURIComponent(id)}` } };
      },
    }),
    route({
      method: 'GET',
      path: '/operations/{id}/members',
      id: 'listMembers',
      tag,
      summary: 'The members of a group that were begun, in their order',
      pathParameters: operationPath,
      query: Type.Object(paging),
      answers: { 200: { description: 'A page of operations.', schema: pageOf(operationSchema, 'Members') } },
      handle: async (call) => {
        const { id } = await operationSeen(operations, call.path.id ?? '', call.caller.sight);
        const { cursor, limit } = call.query;
        const after = cursor === undefined ? -1 : placeIn(cursor);
        const left = operations.children(id).filter(({ member = 0 }) => member > after);
        const page = left.slice(0, limit);
        const next = left.length > page.length ? writeCursor([page.at(-1)?.member ?? 0]) : null;
        return pageAnswer(page.map(operationView), next, call, `/operations/${id}/members`);
      },
    }),
  ];
}

function placeIn(cursor: string): number {
  return Number(readCursor(cursor, ([member]) => typeof member === 'number')[0]);
}
