import type { Field } from '../forms/field.ts';
import type { NodeDescription } from '../forms/node-description.ts';
import { type Migration, migrate, type RawConfig } from './config.ts';
import { type NodeFailure, toFailure } from './failure.ts';
import { NodeContext } from './node-context.ts';
import type { Done, Message, NodeRed, RedNode, Send, TypeOptions } from './red.ts';

/** What a node does; the wrapper does the rest. */
export interface NodeBehaviour<F extends readonly Field[]> {
  readonly description: NodeDescription<F>;
  readonly migrations?: readonly Migration[];
  /** The node was created: subscribe, start. When it throws, the node stays down until the next deploy and says why. */
  readonly open: (node: NodeContext<F>) => LiveNode | undefined;
}

/** A node that was opened. */
export interface LiveNode {
  /** A message came in. What it throws or rejects with goes to Catch nodes. */
  input?(message: Message, send: Send): Promise<void> | void;
  /** The node goes, for good (`removed`) or for a deploy; its signal was aborted and its subscriptions are gone. */
  close?(removed: boolean): Promise<void> | void;
}

/**
 * Registers a node type. Everything that a node does runs inside this wrapper, for Node-RED leaves an async handler's
 * rejection unhandled, which ends the process.
 */
export function defineNode<const F extends readonly Field[]>(RED: NodeRed, behaviour: NodeBehaviour<F>): void {
  const { type, credentials } = behaviour.description;
  const options: TypeOptions | undefined = credentials && {
    credentials: Object.fromEntries(credentials.map((one) => [one.name, { type: one.type }])),
  };
  RED.nodes.registerType(
    type,
    function construct(this: RedNode, raw: unknown) {
      RED.nodes.createNode(this, raw);
      bringUp(RED, this, behaviour, raw);
    },
    options,
  );
}

function bringUp<F extends readonly Field[]>(
  RED: NodeRed,
  redNode: RedNode,
  { description, migrations, open }: NodeBehaviour<F>,
  raw: unknown,
): void {
  const config = upToDate(raw, migrations ?? []);
  const node = new NodeContext(RED, redNode, description.fields, config.now);
  const live = config.problem === undefined ? opened(() => open(node)) : { problem: config.problem };
  if (live.problem !== undefined) quietly(node, () => node.failed(live.problem));
  if (description.inputs > 0) {
    redNode.on('input', (message, send, done) => void receive(node, live, message, send, done));
  }
  redNode.on('close', (removed, done) => void close(node, live, removed, done));
}

interface Opened {
  readonly live?: LiveNode | undefined;
  readonly problem?: unknown;
}

function opened(open: () => LiveNode | undefined): Opened {
  try {
    return { live: open() };
  } catch (error) {
    return { problem: toFailure(error) };
  }
}

function upToDate(raw: unknown, migrations: readonly Migration[]): { now: RawConfig; problem?: unknown } {
  const config: RawConfig = typeof raw === 'object' && raw !== null ? { ...raw } : {};
  try {
    return { now: migrate(config, migrations) };
  } catch (error) {
    return { now: config, problem: toFailure(error) };
  }
}

async function receive(node: NodeContext, { live, problem }: Opened, message: Message, send: Send, done: Done) {
  try {
    if (problem !== undefined) throw problem;
    await live?.input?.(message, send);
  } catch (error) {
    return refuse(node, error, done);
  }
  settle(node, undefined, done);
}

function refuse(node: NodeContext, error: unknown, done: Done): void {
  if (node.signal.aborted) return;
  const failure = toFailure(error);
  if (!failure.shown) node.status({ fill: 'red', shape: 'ring', text: failure.code });
  settle(node, failure, done);
}

/** Complete and Catch nodes get a copy, and a message may hold what cannot be copied. */
function settle(node: NodeContext, failure: NodeFailure | undefined, done: Done): void {
  try {
    if (failure) done(failure);
    else done();
  } catch (error) {
    quietly(node, () => node.report(failure ?? error));
  }
}

async function close(node: NodeContext, { live }: Opened, removed: boolean, done: () => void): Promise<void> {
  try {
    node.dispose();
    await live?.close?.(removed);
  } catch (error) {
    quietly(node, () => node.report(error));
  } finally {
    done();
  }
}

function quietly(node: NodeContext, report: () => void): void {
  try {
    report();
  } catch {
    node.warn('an error could not be reported');
  }
}
