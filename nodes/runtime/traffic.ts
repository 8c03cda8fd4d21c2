import { AsyncLocalStorage } from 'node:async_hooks';
import { currentPlatform, isPlatformRunning } from '../../lib/platform.ts';
import { markOf, markProperty, newRun, type RunMark } from '../../lib/runs/mark.ts';
import type { Happened } from '../../lib/runs/run-journal.ts';
import type { CompleteEvent, HookNode, Message, NodeRed, ReceiveEvent, SendEvent } from './red.ts';

const label = 'virtflow-traffic';

/** What a node works on: what it sends without a mark, in the course of that, belongs to it. */
interface Course {
  readonly node: string;
  readonly mark: RunMark;
}

/** The nodes of a deploy, as Node-RED's events tell it. */
interface Deploy {
  readonly type?: string;
  readonly diff?: Readonly<Record<string, readonly string[] | undefined>>;
}

const onWires = new WeakMap<Message, string>();
const courses = new AsyncLocalStorage<Course>();
/** Nodes that say themselves what became of a message. */
const accountants = new Set<string>();

/** The node tells deliveries itself when a message that it got is taken or refused. */
export function accountsItself(node: string, signal: AbortSignal): void {
  accountants.add(node);
  signal.addEventListener('abort', () => accountants.delete(node), { once: true });
}

/**
 * Follows messages through all nodes, virtflow's or not: gives each a run, and keeps what a message came from until it
 * has arrived. Does nothing where the runtime has no hooks.
 */
export function followTraffic(RED: NodeRed): void {
  const { hooks, events } = RED;
  if (!hooks) return;
  const stopping = new Set<(node: string) => boolean>();
  hooks.remove(`*.${label}`);
  hooks.add(`onSend.${label}`, (sent) => markAll(sent));
  hooks.add(`preDeliver.${label}`, (event) => onItsWay(event));
  hooks.add(`onReceive.${label}`, (event) => received(event));
  hooks.add(`postReceive.${label}`, (event) => handed(event));
  hooks.add(`onComplete.${label}`, (event) => {
    // Some nodes are done with all they hold when they are stopped: it has not arrived for that.
    if (![...stopping].some((isStopped) => isStopped(event.node.id))) completed(event);
  });
  events.on('flows:stopping', (deploy: Deploy) => stopping.add(stoppedBy(deploy)));
  events.on('flows:started', () => {
    for (const isStopped of stopping) if (isPlatformRunning()) currentPlatform().deliveries.stopped(isStopped);
    stopping.clear();
  });
}

/** What is sent in one go comes of one trigger. */
function markAll(sent: readonly SendEvent[]): void {
  let mark: RunMark | undefined;
  for (const { msg, source } of sent) {
    if (markOf(msg)) continue;
    mark ??= courseOf(source.id) ?? newRun();
    msg[markProperty] = { ...mark };
  }
}

function courseOf(node: string): RunMark | undefined {
  const course = courses.getStore();
  return course?.node === node ? course.mark : undefined;
}

function onItsWay(event: SendEvent): void {
  const { msg, source, destination } = event;
  const mark = markOf(msg);
  if (!mark || !isPlatformRunning()) return;
  const { deliveries, runs } = currentPlatform();
  if (mark.delivery !== undefined) deliveries.hold(mark, idOf(destination));
  if (!runs.isOn) return;
  onWires.set(msg, idOf(destination));
  runs.record({ ...stepAt(destination, mark, msg), from: drawnId(source), port: source.port });
}

/** Each delivery is a task of its own for Node.js, so what is entered here ends with what the node does. */
function received({ msg, destination }: ReceiveEvent): void {
  const mark = markOf(msg) ?? marked(msg);
  courses.enterWith({ node: idOf(destination), mark });
  if (!isPlatformRunning() || !currentPlatform().runs.isOn) return;
  // What came over a wire was recorded when it left.
  if (onWires.get(msg) === idOf(destination)) onWires.delete(msg);
  else currentPlatform().runs.record(stepAt(destination, mark, msg));
}

function stepAt(at: HookNode, { run, delivery }: RunMark, message: unknown): Happened {
  const flow = at.node?.z ?? null;
  return {
    run,
    kind: 'received',
    node: drawnId(at),
    flow,
    from: null,
    port: null,
    delivery: delivery ?? null,
    message,
  };
}

/** In a subflow, the node that it was made from: that is the one on the canvas. */
function drawnId({ id, node }: HookNode): string {
  return node?._alias ?? node?.id ?? id;
}

function marked(message: Message): RunMark {
  const mark = newRun();
  message[markProperty] = { ...mark };
  return mark;
}

/** A node that cannot tell when it is done, is done. */
function handed({ msg, destination }: ReceiveEvent): void {
  const { node } = destination;
  const tellsNothing = node && '_expectedDoneCount' in node && node._expectedDoneCount === 0;
  if (tellsNothing) letGo(msg, destination);
}

function completed({ msg, node, error }: CompleteEvent): void {
  if (!accountants.has(node.id)) letGo(msg, node);
  const mark = error === undefined || error === null ? undefined : markOf(msg);
  if (!mark || !isPlatformRunning()) return;
  const said = error instanceof Error ? error.message : String(error);
  currentPlatform().runs.record({ ...stepAt(node, mark, { error: said }), kind: 'failed' });
}

function letGo(message: Message, node: HookNode): void {
  const mark = markOf(message);
  if (mark?.delivery !== undefined && isPlatformRunning()) currentPlatform().deliveries.letGo(mark, idOf(node));
}

function idOf({ id, node }: HookNode): string {
  return node?.id ?? id;
}

/** Which nodes a deploy stops; without a word all are. */
function stoppedBy({ type, diff }: Deploy): (node: string) => boolean {
  if (type === undefined || type === 'full' || !diff) return () => true;
  const lists = [diff.changed, diff.removed, ...(type === 'flows' ? [diff.linked, diff.rewired] : [])];
  const nodes = new Set(lists.flatMap((list) => list ?? []));
  return (node) => nodes.has(node);
}
