import Type, { type TSchema } from 'typebox';
import { endStates, type OperationState } from '../../../operations/operation.ts';
import { errorRecord, orNull, time } from './common.ts';

const others: readonly OperationState[] = ['queued', 'waiting', 'running', 'interrupted'];
export const operationStates: readonly OperationState[] = [...others, ...endStates];

const anything = Type.Record(Type.String(), Type.Unknown());
const target = Type.Object({
  connection: Type.String(),
  kind: Type.String(),
  id: Type.Optional(Type.String({ description: 'A connection has none.' })),
});

const touched = Type.Object({
  ...target.properties,
  name: Type.Optional(Type.String({ description: 'What it is called now, where it is still there.' })),
});

const told = {
  id: Type.String(),
  action: Type.String(),
  target,
  targetName: Type.String(),
  mode: Type.Optional(Type.Enum(['run', 'plan'])),
  state: Type.Enum([...operationStates]),
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  step: orNull(Type.String()),
  origin: Type.Object({
    through: Type.String({ description: '`external`: others began it at the hypervisor.' }),
    principal: Type.String(),
    token: Type.Optional(Type.String({ description: 'The public part of the API token.' })),
    flow: Type.Optional(Type.String()),
    node: Type.Optional(Type.String()),
    run: Type.Optional(Type.String({ description: 'What one trigger of a flow set off.' })),
  }),
  parent: Type.Optional(Type.String({ description: 'The group that it is a member of.' })),
  member: Type.Optional(Type.Integer({ description: 'Its place there, from 0.' })),
  undoes: Type.Optional(Type.String({ description: 'The operation that it takes back.' })),
  cancellable: Type.Optional(
    Type.Boolean({ description: 'Of what others began at the hypervisor: whether that lets it be stopped.' }),
  ),
  retries: Type.Optional(Type.String({ description: 'The group whose failed members it tries again.' })),
  quiet: Type.Optional(Type.Boolean({ description: 'Lists may leave it out: see `quiet` there.' })),
  members: Type.Optional(Type.Integer({ description: 'How many members a group has.' })),
  waits: Type.Optional(Type.String({ description: 'What it waits for.' })),
  queuedAt: time('When it was accepted.'),
  startedAt: orNull(time('When it began to run.')),
  endedAt: orNull(time('When it ended.')),
  result: orNull(
    Type.Record(Type.String(), Type.Unknown(), { description: '`changed: false` tells a no-op; of a plan, the plan.' }),
  ),
  error: orNull(errorRecord),
};

export const operationSchema: TSchema = Type.Object(told, {
  title: 'Operation',
  description: 'Its parameters are told with its details alone.',
});

export const operationDetailSchema: TSchema = Type.Object(
  {
    ...told,
    touches: Type.Array(touched, { description: 'The objects that it concerns, as far as you may see them.' }),
    parameters: Type.Record(Type.String(), Type.Unknown(), {
      description: 'Those that may hold secrets (writeOnly) are in no record, and not shown.',
    }),
    member: Type.Optional(Type.Integer({ description: 'Its place in its group.' })),
    group: Type.Optional(anything),
    takingBack: Type.Object(
      { possible: Type.Boolean(), because: Type.Optional(Type.String()) },
      { description: 'Whether it can be taken back now, or why not.' },
    ),
    timeoutSeconds: Type.Number(),
    task: orNull(anything),
    calls: Type.Array(anything, { description: 'Calls to the hypervisor that were answered.' }),
    sent: Type.Array(anything, { description: 'Changing calls, each recorded before its first byte left.' }),
    changes: Type.Optional(Type.Array(anything, { description: 'What it set out to change.' })),
    undo: Type.Optional(anything),
    why: Type.Array(Type.Object({ rule: Type.String(), says: Type.String() }), {
      description: 'The facts it was decided on.',
    }),
  },
  { title: 'Operation with details' },
);

export const startedSchema: TSchema = Type.Object(
  {
    operations: Type.Array(operationSchema),
    refused: Type.Array(Type.Object({ target, error: errorRecord }), {
      description: 'Targets on which nothing was started, and why.',
    }),
  },
  { title: 'Started operations' },
);
