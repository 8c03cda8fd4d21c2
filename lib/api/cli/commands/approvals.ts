import { VirtflowError } from '../../../model/errors.ts';
import { asItems } from '../answers.ts';
import { type Command, type CommandCall, textIn, wordOf } from '../command.ts';

interface Approval {
  readonly id: string;
  readonly state: string;
  readonly round: number;
  readonly text: string;
  readonly plan: { readonly text?: string } | null;
}

const approvals: Command = {
  name: 'approvals',
  words: '',
  says: 'What people are asked to approve, with the plans.',
  options: { state: { type: 'string', value: 'state', says: 'In this state; pending unless told.' } },
  run: async ({ client, values, terminal, json }) => {
    const { items } = asItems(
      await client.ask('/approvals', { query: { state: textIn(values, 'state') ?? 'pending' } }),
    );
    if (json) terminal.print(JSON.stringify(items, null, 2));
    else for (const item of items) terminal.print(textOf(asApproval(item)));
    return 0;
  },
};

const shared = {
  round: { type: 'string', value: 'number', says: 'The round that you looked at; the latest unless told.' },
  comment: { type: 'string', value: 'text', says: 'Why.' },
  field: {
    type: 'string',
    value: 'name=value',
    multiple: true,
    says: 'What the form asks for; true and false are yes and no.',
  },
} as const;

function answer(name: 'approve' | 'deny', decision: 'grant' | 'deny', says: string): Command {
  return {
    name,
    words: '<approval>',
    says,
    options: shared,
    run: async (call) => {
      const path = `/approvals/${encodeURIComponent(wordOf(call, 'approval'))}`;
      const round = roundIn(call.values) ?? asApproval(await call.client.ask(path)).round;
      const comment = textIn(call.values, 'comment');
      const body = { decision, round, form: formIn(call.values), ...(comment === undefined ? {} : { comment }) };
      const told = asApproval(await call.client.ask(`${path}/answer`, { method: 'POST', body }));
      call.terminal.print(call.json ? JSON.stringify(told, null, 2) : `${told.id} is ${told.state}`);
      return 0;
    },
  };
}

export const approvalCommands: readonly Command[] = [
  approvals,
  answer('approve', 'grant', 'Approve what waits for it.'),
  answer('deny', 'deny', 'Deny what waits for an approval.'),
];

function textOf({ id, state, round, text, plan }: Approval): string {
  const lines = plan?.text === undefined ? [] : plan.text.split('\n').map((line) => `    ${line}`);
  return [`${id}  ${state}, round ${round}  ${text}`, ...lines].join('\n');
}

function formIn(values: CommandCall['values']): Record<string, unknown> {
  const given: readonly unknown[] = Array.isArray(values.field) ? values.field : [];
  return Object.fromEntries(given.map((field) => fieldOf(String(field))));
}

function fieldOf(text: string): readonly [string, unknown] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new VirtflowError('OPTION_INVALID', { option: '--field', reason: 'it is name=value' });
  return [name, value === 'true' ? true : value === 'false' ? false : value];
}

function roundIn(values: CommandCall['values']): number | undefined {
  const text = textIn(values, 'round');
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new VirtflowError('OPTION_INVALID', { option: '--round', reason: 'it is not a whole number' });
}

function asApproval(body: unknown): Approval {
  if (isApproval(body)) return body;
  throw new VirtflowError('PROTOCOL_VIOLATION', { address: 'the server', reason: 'that is no approval' });
}

function isApproval(body: unknown): body is Approval {
  return typeof body === 'object' && body !== null && 'id' in body && 'round' in body && 'state' in body;
}
