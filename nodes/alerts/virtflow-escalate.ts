import { type AlertRecord, isOngoing } from '../../lib/alerts/alert.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { afterFlowsStarted } from '../runtime/after-start.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import { KeptMessages } from '../runtime/kept-messages.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { NodeRed } from '../runtime/red.ts';
import { alertIdIn } from './asked-alert.ts';

const fields = [
  {
    kind: 'number',
    name: 'minutes',
    label: 'After',
    description: 'How long somebody may take to acknowledge the alert, from when it came here.',
    icon: 'fa-hourglass-half',
    default: 15,
    minimum: 0,
    maximum: 10_080,
    unit: 'min',
  },
] as const satisfies readonly Field[];

export const escalateDescription = {
  type: 'virtflow-escalate',
  version: 1,
  category: 'virtflow alerts',
  colour: colours.event,
  icon: 'font-awesome/fa-level-up',
  inputs: 1,
  outputs: 1,
  label: 'escalate',
  summary:
    'Sends an alert on when it still lasts after a time, and nobody has acknowledged or silenced it; also over restarts.',
  inputLabel: 'alert',
  outputLabels: ['nobody took it up'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

type EscalateNode = NodeContext<typeof fields>;

export function registerEscalate(RED: NodeRed): void {
  defineNode(RED, { description: escalateDescription, open: (node) => open(node, RED) });
}

function open(node: EscalateNode, RED: NodeRed): LiveNode {
  const waiting = new Waiting(node);
  afterFlowsStarted(RED, node, () => waiting.resume());
  node.signal.addEventListener('abort', () => waiting.stop(), { once: true });
  return {
    input: (message) => waiting.take(alertIdIn(message), { ...message }),
    close: (removed) => (removed ? waiting.forget() : undefined),
  };
}

const room = 'escalations';

interface Kept {
  /** Milliseconds since the epoch. */
  readonly due: number;
  readonly message: unknown;
}

/** The alerts that somebody may still take up, on disk until their time is over. */
class Waiting {
  readonly #node: EscalateNode;
  readonly #messages: KeptMessages;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(node: EscalateNode) {
    this.#node = node;
    this.#messages = new KeptMessages(node);
    this.#show();
  }

  /** An alert that waits already goes on waiting: what it was told of again does not put it off. @throws ALERT_UNKNOWN */
  take(alert: string, message: Record<string, unknown>): void {
    if (this.#timers.has(alert) || !isOpen(this.#node.platform.alerts.get(alert))) return;
    const kept = { due: Date.now() + this.#node.config.minutes * 60_000, message: this.#messages.write(message) };
    this.#states.put(room, this.#place(alert), kept);
    this.#wait(alert, kept);
  }

  /** What came since the node was opened waits already. */
  resume(): void {
    const prefix = this.#place('');
    for (const { key, value } of this.#states.list(room)) {
      const alert = key.slice(prefix.length);
      if (key.startsWith(prefix) && isKept(value) && !this.#timers.has(alert)) this.#wait(alert, value);
    }
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  forget(): void {
    for (const { key } of this.#states.list(room)) if (key.startsWith(this.#place(''))) this.#states.delete(room, key);
  }

  #wait(alert: string, kept: Kept): void {
    const timer = setTimeout(() => this.#node.guard(() => this.#end(alert, kept)), Math.max(0, kept.due - Date.now()));
    this.#timers.set(alert, timer);
    this.#show();
  }

  #end(alert: string, { message }: Kept): void {
    this.#timers.delete(alert);
    const known = this.#node.platform.alerts.ongoing().find(({ id }) => id === alert);
    if (known && isOpen(known)) this.#node.send(this.#messages.read(message));
    // By then the next node has it: rather twice than never.
    setImmediate(() => this.#node.guard(() => this.#states.delete(room, this.#place(alert))));
    this.#show();
  }

  get #states() {
    return this.#node.platform.store.states;
  }

  #place(alert: string): string {
    return `${this.#node.id}/${alert}`;
  }

  #show(): void {
    const count = this.#timers.size;
    const text = count === 0 ? this.#node.words('status.calm') : this.#node.words('status.open', { count });
    this.#node.status({ fill: count === 0 ? 'grey' : 'yellow', shape: count === 0 ? 'ring' : 'dot', text });
  }
}

/** It lasts, and somebody may still take it up. */
function isOpen(alert: AlertRecord): boolean {
  return isOngoing(alert) && alert.acknowledged === null && alert.silenced === null;
}

function isKept(value: unknown): value is Kept {
  return (
    typeof value === 'object' && value !== null && 'due' in value && typeof value.due === 'number' && 'message' in value
  );
}
