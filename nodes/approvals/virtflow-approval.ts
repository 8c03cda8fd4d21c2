import { type Approval, type ApprovalEvent, answersOf } from '../../lib/approvals/approval.ts';
import type { Terms } from '../../lib/approvals/policy.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { Message, NodeRed } from '../runtime/red.ts';
import { approvalFields } from './approval-fields.ts';
import { gateTerms } from './gate-terms.ts';

export const approvalDescription = {
  type: 'virtflow-approval',
  version: 1,
  category: 'virtflow',
  colour: colours.rule,
  icon: 'font-awesome/fa-gavel',
  inputs: 1,
  outputs: 3,
  label: 'approval',
  summary: 'Holds each message until somebody has approved it, also over restarts.',
  outputLabels: ['approved', 'denied', 'expired'],
  fields: approvalFields,
} as const satisfies NodeDescription<typeof approvalFields>;

type GateNode = NodeContext<typeof approvalFields>;

const longestQuestion = 2_000;

export function registerApproval(RED: NodeRed): void {
  defineNode(RED, { description: approvalDescription, open: (node) => open(node, RED) });
}

function open(node: GateNode, RED: NodeRed): LiveNode {
  const terms = gateTerms(node.name, node.config);
  const { gates, approvals } = node.platform.approvals;
  const sent = new Set<string>();
  let isFlowing = false;
  const follow = ({ approval }: ApprovalEvent) => {
    if (isFlowing && isOf(approval, node)) letGo(node, sent, approval);
  };
  // What was answered while nobody was there goes on once all nodes are there that it goes to.
  const begin = () => {
    isFlowing = true;
    for (const approval of gates.of(node.id)) letGo(node, sent, approval);
    show(node);
  };
  node.listen(approvals.events, follow);
  RED.events.once('flows:started', begin);
  node.signal.addEventListener('abort', () => RED.events.off('flows:started', begin), { once: true });
  return {
    async input(message) {
      if (message.cancel === true) withdrawAll(node);
      else await hold(node, terms, message);
      show(node);
    },
    close: (removed) => (removed ? gates.drop(node.id) : undefined),
  };
}

async function hold(node: GateNode, terms: Terms, message: Message): Promise<void> {
  const text = await question(node, message);
  const { id, flow, name } = node;
  const origin = { through: 'flow', principal: 'node-red', node: id, ...(flow === undefined ? {} : { flow }) } as const;
  node.platform.approvals.gates.hold({ node: id, nodeName: name, origin, terms: { ...terms, text }, message });
}

async function question(node: GateNode, message: Message): Promise<string> {
  const type = typeof node.raw.questionType === 'string' ? node.raw.questionType : 'str';
  const value = await node.evaluate(node.config.question, type, message);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text !== undefined && text.trim() !== '' && text.length <= longestQuestion) return text;
  const reason = `the question is not a text of 1 to ${longestQuestion} characters`;
  throw new VirtflowError('MESSAGE_INVALID', { reason });
}

/** Sends a message on that was answered. It is forgotten when the next node has it: rather twice than never. */
function letGo(node: GateNode, sent: Set<string>, approval: Approval): void {
  const { gates } = node.platform.approvals;
  if (approval.state === 'pending' || sent.has(approval.id)) return;
  const message = gates.message(approval.id);
  if (typeof message !== 'object' || message === null) return;
  const output = outputs[approval.state];
  if (output !== undefined)
    node.send([0, 1, 2].map((index) => (index === output ? answered(message, approval) : null)));
  sent.add(approval.id);
  setImmediate(() => {
    node.guard(() => gates.done(approval.id));
    show(node);
  });
}

const outputs: Readonly<Record<string, number>> = { granted: 0, denied: 1, expired: 2 };

function answered(message: object, approval: Approval): Message {
  const { id, state, requestedAt, endedAt } = approval;
  const answers = answersOf(approval).map(({ by, via, decision, form, comment, at }) => {
    return { by, via, decision, form, comment, at };
  });
  return { ...message, approval: { id, state, answers, requestedAt, endedAt } };
}

function withdrawAll(node: GateNode): void {
  const { gates, approvals } = node.platform.approvals;
  for (const { id } of gates.of(node.id)) approvals.withdraw(id, node.name);
}

function isOf({ subject }: Approval, node: GateNode): boolean {
  return subject.type === 'message' && subject.node === node.id;
}

function show(node: GateNode): void {
  const count = node.platform.approvals.gates.of(node.id).length;
  if (count === 0) node.status({});
  else node.status({ fill: 'yellow', shape: 'ring', text: node.words('status.held', { count }) });
}
