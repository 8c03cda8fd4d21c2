import {
  availability,
  commandOf,
  type Device,
  discovery,
  figures,
  type Places,
  type Publication,
  removal,
  state,
} from '../../lib/home-assistant/discovery.ts';
import { selector } from '../../lib/inventory/selector.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { AnyObject } from '../../lib/model/objects.ts';
import { formatRef, type ObjectRef, parseRef } from '../../lib/model/reference.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { samplesOf } from '../metrics/samples.ts';
import { afterFlowsStarted } from '../runtime/after-start.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { Message, NodeRed, Send } from '../runtime/red.ts';

const topic = { kind: 'text', required: true, maxLength: 100, pattern: '[^+#]*[^+#/]' } as const;

const fields = [
  {
    kind: 'text',
    name: 'selector',
    label: 'VMs',
    description: 'Which VMs appear, as a selector; hosts always do.',
    icon: 'fa-filter',
    default: '$not(template)',
    required: true,
    maxLength: 2_000,
  },
  {
    ...topic,
    name: 'prefix',
    label: 'Discovery prefix',
    description: 'Where Home Assistant looks for what there is.',
    icon: 'fa-home',
    default: 'homeassistant',
  },
  {
    ...topic,
    name: 'base',
    label: 'Base topic',
    description:
      'Where states, figures and commands stand. The birth and last will of the broker node are <base>/status.',
    icon: 'fa-sitemap',
    default: 'virtflow-ha',
  },
] as const satisfies readonly Field[];

export const homeAssistantDescription = {
  type: 'virtflow-home-assistant',
  version: 1,
  category: 'virtflow',
  colour: colours.event,
  icon: 'font-awesome/fa-home',
  inputs: 1,
  outputs: 2,
  label: 'home assistant',
  summary: 'Makes hosts and VMs appear in Home Assistant by MQTT discovery, and reads what it asks for.',
  inputLabel: 'MQTT or samples',
  outputLabels: ['MQTT', 'asked for'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

type HomeAssistantNode = NodeContext<typeof fields>;

export function registerHomeAssistant(RED: NodeRed): void {
  defineNode(RED, { description: homeAssistantDescription, open: (node) => open(node, RED) });
}

function open(node: HomeAssistantNode, RED: NodeRed): LiveNode {
  selector(node.config.selector);
  const shown = new Shown(node);
  const { connections, inventory } = node.platform;
  afterFlowsStarted(RED, node, () => {
    node.listen(connections.states, ({ connection, state: { phase } }) => {
      shown.connection(connection, phase === 'connected');
      void shown.queue(async () => shown.sweep());
    });
    node.listen(inventory.changes, ({ type, object }) => {
      void shown.queue(() => shown.changed(object, type === 'removed'));
    });
    void shown.queue(() => shown.all());
  });
  return {
    input: (message, send) => receive(shown, message, send),
    close: (removed) => (removed ? shown.forget() : undefined),
  };
}

function receive(shown: Shown, message: Message, send: Send): Promise<void> | void {
  const { topic: from, payload } = message;
  if (Array.isArray(payload) || (typeof payload === 'object' && payload !== null && 'measurement' in payload)) {
    return shown.figures(message);
  }
  // Home Assistant was started, or the broker was reached anew: what is retained there may be gone.
  if (payload === 'online') return shown.queue(() => shown.all());
  if (payload === 'offline') return;
  const command =
    typeof from === 'string' && message.retain !== true ? commandOf(from, payload, shown.places) : undefined;
  if (!command)
    throw new VirtflowError('MESSAGE_INVALID', { reason: 'it is neither samples, nor a birth, nor a command' });
  send([null, { ...message, ...command }]);
}

const room = 'home-assistant';

/** What Home Assistant was told of; it is on disk, so that what goes while virtflow is away is taken back later. */
class Shown {
  readonly places: Places;
  readonly #node: HomeAssistantNode;
  readonly #refs: Set<string>;
  #last: Promise<void> = Promise.resolve();

  constructor(node: HomeAssistantNode) {
    this.#node = node;
    this.places = { prefix: node.config.prefix, base: node.config.base };
    const kept = node.platform.store.states.get(room, node.id);
    this.#refs = new Set(Array.isArray(kept) ? kept.map(String) : []);
  }

  /** One after the other: whether a selector holds is known a moment later. */
  queue(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work).catch((error: unknown) => {
      if (!this.#node.signal.aborted) this.#node.failed(error);
    });
    return this.#last;
  }

  async all(): Promise<void> {
    const { connections, inventory } = this.#node.platform;
    for (const {
      name,
      state: { phase },
    } of connections.list())
      this.connection(name, phase === 'connected');
    for (const object of inventory.list()) await this.changed(object, false, true);
    this.sweep();
    this.#show();
  }

  /** Takes away what went while virtflow or the connection was away. */
  sweep(): void {
    for (const ref of [...this.#refs].map(parseRef)) {
      if (this.#isConnected(ref) && !this.#node.platform.inventory.get(ref)) this.#remove(ref);
    }
  }

  connection(name: string, isUp: boolean): void {
    this.#tell([availability(name, isUp, this.places)]);
  }

  /** @param anew whether it is to be told though it was before */
  async changed(object: AnyObject, isGone: boolean, anew = false): Promise<void> {
    if (object.kind !== 'vm' && object.kind !== 'host') return;
    if (isGone && !this.#isConnected(object)) return;
    if (isGone || !(await this.#isWanted(object))) return this.#remove(object);
    const ref = formatRef(object);
    const isNew = !this.#refs.has(ref);
    this.#refs.add(ref);
    if (isNew) this.#keep();
    // Its name or its host may have changed.
    this.#tell([discovery(object, this.places), state(object, this.places)]);
    if (isNew && !anew) this.#show();
  }

  figures(message: Message): void {
    const own = samplesOf(message.payload).filter(({ measurement, tags: { connection, id } }) =>
      this.#refs.has(
        formatRef({ connection: connection ?? '', kind: measurement === 'host' ? 'host' : 'vm', id: id ?? '' }),
      ),
    );
    this.#tell(own.flatMap((sample) => figures(sample, this.places)));
  }

  forget(): void {
    this.#node.platform.store.states.delete(room, this.#node.id);
  }

  /** A connection that is taken away takes its objects from the inventory, and they are still there. */
  #isConnected({ connection }: ObjectRef): boolean {
    const { connections } = this.#node.platform;
    return connections.list().some(({ name, state: { phase } }) => name === connection && phase === 'connected');
  }

  async #isWanted(object: Device): Promise<boolean> {
    return object.kind === 'host' || selector(this.#node.config.selector).matches(object);
  }

  #remove(object: ObjectRef): void {
    if (!this.#refs.delete(formatRef(object))) return;
    this.#tell(removal(object, this.places));
    this.#keep();
    this.#show();
  }

  #keep(): void {
    this.#node.platform.store.states.put(room, this.#node.id, [...this.#refs]);
  }

  #tell(all: readonly Publication[]): void {
    if (all.length === 0 || this.#node.signal.aborted) return;
    this.#node.send([all.map((one) => ({ ...one, qos: 1, retain: true })), null]);
  }

  #show(): void {
    const text = this.#node.words('status.devices', { count: this.#refs.size });
    this.#node.status({ fill: 'green', shape: 'dot', text });
  }
}
