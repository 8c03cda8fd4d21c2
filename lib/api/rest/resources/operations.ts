import Type from 'typebox';
import type { Sight } from '../../../access/sight.ts';
import { parseRef } from '../../../model/reference.ts';
import { endStates, type HistoryFilter, type HistoryPlace, type Operation } from '../../../operations/operation.ts';
import { operationView } from '../../operation-view.ts';
import { pageAnswer, readCursor, writeCursor } from '../cursor.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';
import { pageOf, paging } from '../schemas/common.ts';
import { operationSchema, operationStates } from '../schemas/operation.ts';
import { readTime } from '../time.ts';
import { detailView, operationDetail, operationPath, operationSeen } from './operation-detail.ts';

const tag = 'operations';
const batch = 500;
/** One request reads no further than this through what is not for its asker's eyes. */
const readAtMost = 10_000;

const through = ['flow', 'mqtt', 'rest', 'cli', 'test', 'external'] as const;

const filters = {
  object: Type.Optional(Type.String({ description: 'That touch one object: connection/kind/id.' })),
  connection: Type.Optional(Type.String()),
  action: Type.Optional(Type.String({ description: 'The id of an action.' })),
  state: Type.Optional(
    Type.Array(Type.Enum([...operationStates]), { description: 'One or several, with commas.', minItems: 1 }),
  ),
  since: Type.Optional(Type.String({ description: 'Asked for since then: milliseconds since the epoch or RFC 3339.' })),
  before: Type.Optional(Type.String({ description: 'Asked for before then.' })),
  parent: Type.Optional(Type.String({ description: 'The members of a group: its id.' })),
  undoes: Type.Optional(Type.String({ description: 'What takes an operation back: its id.' })),
  run: Type.Optional(Type.String({ description: 'What one trigger of a flow set off: the id of the run.' })),
  principal: Type.Optional(Type.String({ description: 'Who asked.' })),
  through: Type.Optional(Type.Enum([...through], { description: 'Through what they asked.' })),
  flow: Type.Optional(Type.String({ description: 'Set off by a flow: the id of its tab, or of a subflow there.' })),
  node: Type.Optional(Type.String({ description: 'Set off by one node: its id.' })),
  mode: Type.Optional(Type.Enum(['run', 'plan'], { description: 'Only what was done, or only plans.' })),
  quiet: Type.Optional(Type.Boolean({ description: '`false` leaves out what was asked for as quiet.' })),
  members: Type.Optional(Type.Boolean({ description: '`false` leaves out the members of groups.' })),
  text: Type.Optional(
    Type.String({
      description:
        'Words, each of which stands in the action, the name of the target, the connection, who asked or the error.',
      maxLength: 200,
    }),
  ),
};

const listQuery = Type.Object({ ...filters, ...paging });
const waitQuery = Type.Object({
  seconds: Type.Integer({ description: 'How long at most.', minimum: 0, maximum: 60, default: 30 }),
});

/** What is being done and was done. */
export function operationRoutes(rooms: RestRooms): readonly Route[] {
  const { operations } = rooms;
  const seen = (id: string, sight: Sight) => operationSeen(operations, id, sight);
  const detail = operationDetail;
  const pathParameters = operationPath;

  return [
    route({
      method: 'GET',
      path: '/operations',
      id: 'listOperations',
      tag,
      summary: 'What is being done and was done, newest first',
      query: listQuery,
      answers: { 200: { description: 'A page of operations.', schema: pageOf(operationSchema, 'Operations') } },
      handle: async (call) => {
        const { cursor, limit, ...asked } = call.query;
        const after = cursor === undefined ? undefined : placeIn(cursor);
        const filter = filterOf(asked);
        const page = await visible(
          (more) => operations.history({ ...filter, ...more }),
          call.caller.sight,
          limit,
          after,
        );
        return pageAnswer(page.items.map(operationView), page.next, call, '/operations');
      },
    }),
    route({
      method: 'GET',
      path: '/operations/{id}',
      id: 'getOperation',
      tag,
      summary: 'An operation with its calls and why it was decided so',
      pathParameters,
      answers: { 200: detail },
      handle: async ({ path, caller }) => ({
        status: 200,
        body: await detailView(rooms, await seen(path.id ?? '', caller.sight), caller.sight),
      }),
    }),
    route({
      method: 'GET',
      path: '/operations/{id}/wait',
      id: 'waitForOperation',
      tag,
      summary: 'An operation, once it has ended or the time is over',
      pathParameters,
      query: waitQuery,
      answers: { 200: detail },
      handle: async ({ path, caller, query, signal }) => {
        const { id } = await seen(path.id ?? '', caller.sight);
        const over = AbortSignal.timeout(query.seconds * 1000);
        await operations.finished(id, AbortSignal.any([signal, over])).catch((error: unknown) => {
          if (!over.aborted && !signal.aborted) throw error;
        });
        return { status: 200, body: await detailView(rooms, operations.get(id), caller.sight) };
      },
    }),
    route({
      method: 'POST',
      path: '/operations/{id}/cancel',
      id: 'cancelOperation',
      tag,
      summary: 'Cancel an operation',
      description:
        'One that is queued is cancelled at once; one that runs is told to stop, and ends as what the hypervisor made of ' +
        'it; one that has ended is answered as it is. Whoever asked for it may, whoever may do the same action there, ' +
        'and whoever has operations.operate there. What others began at the hypervisor is stopped by an operation of its ' +
        'own, vm.cancel-task, by whoever may do that.',
      pathParameters,
      answers: {
        200: { ...detail, description: 'It has ended.' },
        202: { ...detail, description: 'It was told to stop.' },
      },
      handle: async ({ path, caller }) => {
        const { id } = await seen(path.id ?? '', caller.sight);
        const operation = await operations.requestCancel(id, caller.origin);
        return {
          status: endStates.has(operation.state) ? 200 : 202,
          body: await detailView(rooms, operation, caller.sight),
        };
      },
    }),
  ];
}

interface Asked {
  readonly object?: string;
  readonly connection?: string;
  readonly action?: string;
  readonly state?: HistoryFilter['states'];
  readonly since?: string;
  readonly before?: string;
  readonly parent?: string;
  readonly undoes?: string;
  readonly run?: string;
  readonly principal?: string;
  readonly through?: HistoryFilter['through'];
  readonly flow?: string;
  readonly node?: string;
  readonly mode?: HistoryFilter['mode'];
  readonly quiet?: boolean;
  readonly members?: boolean;
  readonly text?: string;
}

function filterOf({ object, state, since, before, ...rest }: Asked): HistoryFilter {
  return {
    ...rest,
    ...(object === undefined ? {} : { object: parseRef(object) }),
    ...(state === undefined ? {} : { states: state }),
    ...(since === undefined ? {} : { since: readTime('since', since) }),
    ...(before === undefined ? {} : { before: readTime('before', before) }),
  };
}

/** The next page of those that somebody may see. */
async function visible(
  read: (more: HistoryFilter) => readonly Operation[],
  sight: Sight,
  limit: number,
  after: HistoryPlace | undefined,
): Promise<{ items: readonly Operation[]; next: string | null }> {
  const items: Operation[] = [];
  let place = after;
  for (let count = 0; count < readAtMost; ) {
    const some = read({ limit: batch, ...(place ? { after: place } : {}) });
    for (const operation of some) {
      const last = items.at(-1);
      if (last && items.length === limit) return { items, next: cursorOf(last) };
      place = operation;
      if (await sight.operation(operation)) items.push(operation);
    }
    count += some.length;
    if (some.length < batch) return { items, next: null };
  }
  return { items, next: place ? cursorOf(place) : null };
}

function cursorOf({ queuedAt, id }: HistoryPlace): string {
  return writeCursor([queuedAt, id]);
}

function placeIn(cursor: string): HistoryPlace {
  const [queuedAt, id] = readCursor(cursor, ([at, text]) => typeof at === 'number' && typeof text === 'string');
  return { queuedAt: Number(queuedAt), id: String(id) };
}
