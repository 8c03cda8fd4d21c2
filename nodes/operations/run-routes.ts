import { VirtflowError } from '../../lib/model/errors.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { currentPlatform } from '../../lib/platform.ts';
import { markProperty, newRun } from '../../lib/runs/mark.ts';
import { fromPlain } from '../../lib/runs/plain.ts';
import { planOfRun } from '../../lib/runs/plan-of-run.ts';
import type { RecordedStep } from '../../lib/runs/step.ts';
import { type AdminRequest, adminRoute, optionalText, textOf } from '../runtime/admin-route.ts';
import type { Message, NodeRed } from '../runtime/red.ts';

/** A node, as it is needed to give it a message. */
interface Receiver {
  receive(message: Message): void;
}

const mostOperations = 200;
const longestId = 100;

/**
 * What the editor's Runs tab shows. Messages are masked, and only for those who may read; a message sent again acts in
 * every node that is not virtflow's, also as a plan, so it takes the right to operate.
 */
export function registerRunRoutes(RED: NodeRed): void {
  adminRoute(RED, 'get', 'runs', 'virtflow.read', ({ values }) => {
    const { runs, deliveries } = currentPlatform();
    const flow = optionalText(values, 'flow');
    const waiting = deliveries.left().map(({ id, node, run, at, ask }) => ({ id, node, run, at, action: ask.action }));
    return { recording: runs.isOn, runs: runs.list(flow === '' ? undefined : flow), waiting };
  });
  adminRoute(RED, 'get', 'runs/steps', 'virtflow.read', ({ values }) => {
    const { runs, operations } = currentPlatform();
    const run = textOf(values, 'run', longestId);
    const done = operations.history({ run, limit: mostOperations }).map(shortOf).reverse();
    return {
      run: runs.get(run) ?? null,
      steps: runs.steps(run),
      operations: done,
      plan: planOfRun(operations, run).text,
    };
  });
  adminRoute(RED, 'post', 'runs/again', 'virtflow.operate', (request) => sendAgain(RED, request));
  adminRoute(RED, 'post', 'runs/recording', 'virtflow.operate', ({ values }) => {
    const { runs } = currentPlatform();
    runs.turn(values.on === true);
    return { recording: runs.isOn };
  });
}

function shortOf({ id, action, targetName, state, origin, error, mode, startedAt, endedAt }: Operation) {
  const { node, delivery } = origin;
  return { id, action, targetName, state, node, delivery, mode, startedAt, endedAt, error: error?.message ?? null };
}

/** Gives a node the message that it got in a run, as a run of its own: as a plan, unless it is to be done. */
function sendAgain(RED: NodeRed, { values }: AdminRequest): { run: string } {
  const isReal = values.real === true;
  const step = stepOf(textOf(values, 'run', longestId), values.step);
  if (isReal && step.altered.length > 0) {
    const reason = `it is not recorded whole (${step.altered.join(', ')}), so it can be sent again as a plan only`;
    throw new VirtflowError('MESSAGE_INVALID', { reason });
  }
  const node = RED.nodes.getNode(step.node);
  if (!isReceiver(node)) throw new VirtflowError('MESSAGE_INVALID', { reason: `its node ${step.node} does not run` });
  const { message, run } = messageOf(step, isReal);
  node.receive(message);
  return { run };
}

function stepOf(run: string, id: unknown): RecordedStep {
  const step = typeof id === 'number' ? currentPlatform().runs.step(run, id) : undefined;
  if (step?.kind === 'received') return step;
  throw new VirtflowError('MESSAGE_INVALID', { reason: 'it is not recorded, or not any more' });
}

function messageOf(step: RecordedStep, isReal: boolean): { message: Message; run: string } {
  const recorded = fromPlain(step.message);
  const message: Message = typeof recorded === 'object' && recorded !== null ? { ...recorded } : {};
  const mark = newRun();
  message[markProperty] = mark;
  // What was answered under a key before would be answered again, and nothing be planned or done.
  delete message.idempotencyKey;
  delete message._msgid;
  if (isReal) delete message.plan;
  else message.plan = true;
  return { message, run: mark.run };
}

function isReceiver(node: unknown): node is Receiver {
  return typeof node === 'object' && node !== null && 'receive' in node && typeof node.receive === 'function';
}
