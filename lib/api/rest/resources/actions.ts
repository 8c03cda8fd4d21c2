import Type, { type TObject, type TProperties } from 'typebox';
import type { AnyAction } from '../../../actions/action.ts';
import { VirtflowError } from '../../../model/errors.ts';
import type { Operation } from '../../../operations/operation.ts';
import { operationView } from '../../operation-view.ts';
import { type RefusedTarget, type Request, Requests, type Started } from '../../requests.ts';
import { keyHeader, keyOf } from '../idempotency.ts';
import type { RestRooms } from '../rooms.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';
import { startedSchema } from '../schemas/operation.ts';

const tag = 'actions';

const common = {
  target: Type.Unknown({
    description:
      'A name, an id, connection/name, a reference, { "selector": "power = \'running\'" }, or a list of those; where the ' +
      'target is a connection, its name.',
    examples: ['demo/web-01', { selector: "'web' in tags" }],
  }),
  timeoutSeconds: Type.Optional(
    Type.Number({ description: 'How long it may take.', exclusiveMinimum: 0, maximum: 604_800 }),
  ),
  plan: Type.Boolean({
    description: 'Only tell what would be done: nothing is sent that changes anything.',
    default: false,
  }),
};

const body = Type.Object({ ...common, parameters: Type.Record(Type.String(), Type.Unknown(), { default: {} }) });
type Body = typeof body.properties;

const actionSchema = Type.Object(
  {
    id: Type.String(),
    label: Type.String(),
    summary: Type.String(),
    target: Type.Enum(['vm', 'host', 'storage-pool', 'network', 'connection']),
    role: Type.String({ description: 'The built-in role that it takes.' }),
    danger: Type.Enum(['none', 'disruptive', 'destructive']),
    needs: Type.Array(Type.String(), { description: 'Capabilities of the connection.' }),
    timeoutSeconds: Type.Number(),
    parameters: Type.Record(Type.String(), Type.Unknown(), { description: 'JSON schema of its parameters.' }),
  },
  { title: 'Action' },
);

/** The verbs: a list of them, and a route for each. */
export function actionRoutes(rooms: RestRooms): readonly Route[] {
  const requests = new Requests(rooms);
  return [
    route({
      method: 'GET',
      path: '/actions',
      id: 'listActions',
      tag,
      summary: 'Every action there is',
      answers: {
        200: { description: 'The actions.', schema: Type.Object({ items: Type.Array(actionSchema) }) },
      },
      handle: () => ({ status: 200, body: { items: rooms.actions.list().map(viewOf) } }),
    }),
    route({
      method: 'GET',
      path: '/actions/{id}',
      id: 'getAction',
      tag,
      summary: 'An action: its parameters, role, danger and needs',
      pathParameters: { id: 'The id of the action, such as vm.start.' },
      answers: { 200: { description: 'The action.', schema: actionSchema } },
      handle: ({ path }) => ({ status: 200, body: viewOf(rooms.actions.get(path.id ?? '')) }),
    }),
    ...rooms.actions.list().map((action) => actionRoute(action, requests, rooms)),
    unknownAction(rooms),
  ];
}

function actionRoute(action: AnyAction, requests: Requests, rooms: RestRooms): Route {
  return route({
    method: 'POST',
    path: `/actions/${action.id}`,
    id: action.id,
    tag,
    summary: action.label,
    description: `${action.summary} Takes the role ${action.role} or one that holds ${action.id}; danger: ${action.danger}.`,
    more: { role: action.role, danger: action.danger, target: action.target, needs: action.needs },
    headers: keyHeader,
    body,
    shownBody: shownBodyOf(action),
    answers: {
      200: { description: 'The plans, or that no target matches.', schema: startedSchema },
      202: {
        description: 'Accepted; each operation goes on by itself.',
        schema: startedSchema,
        headers: { Location: 'The operation, where there is one only.' },
      },
    },
    handle: async (call) => {
      const started = await requests.start(requestOf(action, call));
      if (!call.body.plan) return accepted(started, call.base);
      const { operations } = rooms;
      const plans = started.operations.map(({ id }) => operations.finished(id, call.signal));
      return answer(200, await Promise.all(plans), started.refused);
    },
  });
}

/** What is documented: the same, with the parameters of the action. */
function shownBodyOf(action: AnyAction): TObject {
  return Type.Object({ ...common, parameters: action.parameters });
}

/** Whatever comes with it, it is the action that is wrong; the registry knows what to say. */
function unknownAction({ actions }: RestRooms): Route {
  return {
    method: 'POST',
    path: '/actions/{id}',
    id: 'unknownAction',
    tag,
    isHidden: true,
    summary: 'An action that does not exist',
    answers: {},
    query: Type.Object({}),
    body: undefined,
    shownBody: undefined,
    call: async ({ path }) => {
      throw new VirtflowError('INTERNAL', { reason: `${actions.get(path.id ?? '').id} has no route` });
    },
  };
}

function requestOf(action: AnyAction, call: Call<TProperties, Body>): Request {
  const { target, parameters, timeoutSeconds, plan } = call.body;
  return {
    action,
    target,
    parameters,
    timeoutSeconds,
    mode: plan ? 'plan' : 'run',
    origin: call.caller.origin,
    key: keyOf(call),
  };
}

function accepted({ operations, refused }: Started, base: string): Answer {
  const [first, ...others] = operations;
  if (!first) return nothingStarted(refused);
  const reply = answer(202, operations, refused);
  // Several have no place of their own; they are in the answer.
  if (others.length > 0 || refused.length > 0) return reply;
  return { ...reply, headers: { location: `${base}/operations/${encodeURIComponent(first.id)}` } };
}

function nothingStarted(refused: readonly RefusedTarget[]): Answer {
  if (refused.length === 0) return answer(200, [], []);
  const reasons = [...new Set(refused.map(({ error }) => error.message))].join(' ');
  throw new VirtflowError('OPERATION_PARTIAL', { failed: refused.length, count: refused.length, reasons, refused });
}

function answer(status: number, operations: readonly Operation[], refused: readonly RefusedTarget[]): Answer {
  return { status, body: { operations: operations.map(operationView), refused } };
}

function viewOf({ id, label, summary, target, role, danger, needs, timeoutSeconds, parameters }: AnyAction) {
  return { id, label, summary, target, role, danger, needs, timeoutSeconds, parameters };
}
