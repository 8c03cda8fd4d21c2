import Type from 'typebox';
import { endStates, type Operation } from '../../../operations/operation.ts';
import type { Sequel } from '../../../operations/sequels.ts';
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
export function sequelRoutes({ operations }: RestRooms): readonly Route[] {
  const sequel = (
    name: string,
    summary: string,
    description: string,
    begin: (id: string, about: Sequel) => Promise<Operation>,
  ) =>
    route({
      method: 'POST',
      path: `/operations/{id}/${name}`,
      id: `${name}Operation`,
      tag: 'operations',
      summary,
      description,
      pathParameters: operationPath,
      body,
      answers,
      handle: async ({ path, caller, body: { plan }, base, signal }) => {
        const { id } = await operationSeen(operations, path.id ?? '', caller.sight);
        const begun = await begin(id, { origin: caller.origin, mode: plan ? 'plan' : 'run' });
        const operation = plan ? await operations.finished(begun.id, signal) : begun;
        const detail = await detailView(operations, operation, caller.sight);
        if (endStates.has(operation.state)) return { status: 200, body: detail };
        const location = `${base}/operations/${encodeURIComponent(operation.id)}`;
        return { status: 202, body: detail, headers: { location } };
      },
    });

  return [
    sequel(
      'undo',
      'Take an operation back',
      'An operation of its own takes back what this one did, from what was captured when it ran; a group in reverse ' +
        'order. UNDO_IMPOSSIBLE says why there is no way back, as `takingBack` of the operation does.',
      (id, about) => operations.undo(id, about),
    ),
    sequel(
      'retry',
      'Do again what of a group failed',
      'A new group of the members that failed or were not begun. RETRY_IMPOSSIBLE says why there is none.',
      (id, about) => operations.retry(id, about),
    ),
  ];
}
