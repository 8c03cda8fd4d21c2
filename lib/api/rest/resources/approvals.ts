import Type from 'typebox';
import { type Approval, approvalStates } from '../../../approvals/approval.ts';
import { VirtflowError } from '../../../model/errors.ts';
import { approvalView } from '../../approval-view.ts';
import type { Caller } from '../caller.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';
import { orNull, time } from '../schemas/common.ts';

const tag = 'approvals';
const pathParameters = { id: 'The id of the approval; for an operation it is the id of the operation.' };
const data = Type.Record(Type.String(), Type.Unknown());

const approvalSchema = Type.Object(
  {
    id: Type.String(),
    state: Type.Enum([...approvalStates]),
    round: Type.Integer({ description: 'Raised when it is asked anew; an answer names the round that it is for.' }),
    reason: orNull(Type.String({ description: 'Why it is asked anew.' })),
    subject: Type.Record(Type.String(), Type.Unknown(), { description: 'The operation or the message that waits.' }),
    asker: Type.Object({ principal: Type.String(), through: Type.String() }),
    policy: Type.String({ description: 'The policy that asks for it.' }),
    text: Type.String(),
    quorum: Type.Integer({ description: 'How many persons must approve.' }),
    granted: Type.Array(Type.String(), { description: 'Who has approved it in this round.' }),
    lends: orNull(Type.String({ description: 'The permission that whoever asks lacks and a grant lends.' })),
    form: orNull(
      Type.Record(Type.String(), Type.Unknown(), { description: 'JSON Schema of what is to be filled in.' }),
    ),
    onExpiry: Type.Enum(['deny', 'grant']),
    plan: orNull(Type.Record(Type.String(), Type.Unknown(), { description: 'What would be done.' })),
    blast: orNull(Type.Record(Type.String(), Type.Unknown(), { description: 'Whom it would concern.' })),
    answers: Type.Array(data),
    requestedAt: time('Asked for then.'),
    expiresAt: time('Open until then.'),
    endedAt: orNull(time('Ended then.')),
    mayAnswer: Type.Boolean({ description: 'Whether it is for you to answer, and open.' }),
  },
  { title: 'Approval' },
);

const answerBody = Type.Object({
  decision: Type.Enum(['grant', 'deny']),
  round: Type.Integer({ description: 'The round that you looked at.', minimum: 1 }),
  form: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'What the form asks for.' })),
  comment: Type.Optional(Type.String({ maxLength: 1_000 })),
});

const listQuery = Type.Object({
  state: Type.Optional(Type.Enum([...approvalStates])),
  limit: Type.Integer({ description: 'How many at most.', minimum: 1, maximum: 1000, default: 100 }),
});

/** What people are asked to approve. */
export function approvalRoutes({ approvals: { approvals } }: RestRooms): readonly Route[] {
  const view = async (approval: Approval, { sight, who }: Caller) => ({
    ...(await approvalView(approval, sight)),
    mayAnswer: approval.state === 'pending' && (await approvals.answerers.may(who, approval)),
  });
  /** What somebody may not see is for them not there. @throws APPROVAL_UNKNOWN */
  const seen = async (id: string, { who }: Caller): Promise<Approval> => {
    const approval = approvals.get(id);
    if (await approvals.answerers.maySee(who, approval)) return approval;
    throw new VirtflowError('APPROVAL_UNKNOWN', { approval: id });
  };
  const detail = { description: 'The approval.', schema: approvalSchema };

  return [
    route({
      method: 'GET',
      path: '/approvals',
      id: 'listApprovals',
      tag,
      summary: 'Approvals that are asked for or were, newest first',
      query: listQuery,
      answers: { 200: { description: 'Them.', schema: Type.Object({ items: Type.Array(approvalSchema) }) } },
      handle: async ({ query, caller }) => {
        const all = (await approvals.seenBy(caller.who, query.state)).slice(0, query.limit);
        return { status: 200, body: { items: await Promise.all(all.map((one) => view(one, caller))) } };
      },
    }),
    route({
      method: 'GET',
      path: '/approvals/{id}',
      id: 'getApproval',
      tag,
      summary: 'An approval: the plan, whom it concerns, the form, and the answers',
      pathParameters,
      answers: { 200: detail },
      handle: async ({ path, caller }) => ({
        status: 200,
        body: await view(await seen(path.id ?? '', caller), caller),
      }),
    }),
    route({
      method: 'POST',
      path: '/approvals/{id}/answer',
      id: 'answerApproval',
      tag,
      summary: 'Approve or deny',
      description:
        'The same answer again changes nothing. Nobody approves what they asked for themselves, and an answer counts only ' +
        'for the round that it names: what would be done may have changed since (APPROVAL_CHANGED).',
      pathParameters,
      body: answerBody,
      answers: { 200: detail },
      handle: async ({ path, caller, body }) => {
        const { id } = await seen(path.id ?? '', caller);
        const via = caller.record?.kind === 'api' ? 'rest' : 'editor';
        return { status: 200, body: await view(await approvals.answer(id, body, { who: caller.who, via }), caller) };
      },
    }),
  ];
}
