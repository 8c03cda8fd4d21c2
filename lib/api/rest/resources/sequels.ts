import Type from 'typebox';
import { endStates, type Operation } from '../../../operations/operation.ts';
import { type AskedSequel, GroupRequests } from '../../group-requests.ts';
import { keyHeader, keyOf } from '../idempotency.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';
import { detailView, operationDetail, operationPath, operationSeen } from './operation-detail.ts';

const body = Type.Object({
  plan: Type.Boolean({
    description: 'Only tell what would be done: nothing is sent that changes anything.',
    default: false,
  }),
});
const answers = {
  200: { ...operationDetail, description: 'The plan, or an operation that has ended already.' },
  202: {
    ...operationDetail,
    description: 'The operation that does it; it goes on by itself.',
    headers: { Location: 'That operation.' },
  },
};

/** What follows from an operation that has ended. */
export function sequelRoutes(rooms: RestRooms): readonly Route[] {
  const { operations } = rooms;
  const requests = new GroupRequests(rooms);
  const sequel = (
    name: string,
    summary: string,
    description: string,
    begin: (asked: AskedSequel) => Promise<Operation>,
  ) =>
    route({
      method: 'POST',
      path: `/operations/{id}/${name}`,
      id: `${name}Operation`,
      tag: 'operations',
      summary,
      description,
      pathParameters: operationPath,
      headers: keyHeader,
      body,
      answers,
      handle: async (call) => {
        const { path, caller, base, signal } = call;
        const { plan } = call.body;
        const { id: operation } = await operationSeen(operations, path.id ?? '', caller.sight);
        const mode = plan ? 'plan' : 'run';
        const begun = await begin({ operation, origin: caller.origin, mode, key: keyOf(call) });
        const told = plan ? await operations.finished(begun.id, signal) : begun;
        const detail = await detailView(rooms, told, caller.sight);
        if (endStates.has(told.state)) return { status: 200, body: detail };
        const location = `${base}/operations/${encodeURIComponent(told.id)}`;
        return { status: 202, body: detail, headers: { location } };
      },
    });

  return [
    sequel(
      'undo',
      'Take an operation back',
      'An operation of its own takes back what this one did, from what was captured when it ran; a group in reverse ' +
        'order. UNDO_IMPOSSIBLE says why there is no way back, as `takingBack` of the operation does.',
      (asked) => requests.undo(asked),
    ),
    sequel(
      'retry',
      'Do again what of a group failed',
      'A new group of the members that failed or were not begun. RETRY_IMPOSSIBLE says why there is none.',
      (asked) => requests.retry(asked),
    ),
  ];
}
