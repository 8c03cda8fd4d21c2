import { selector } from '../../lib/inventory/selector.ts';
import { resolveTarget } from '../../lib/inventory/target.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { eventTypes, type HypervisorEvent } from '../../lib/model/event.ts';
import { sameObject } from '../../lib/model/reference.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { anyConnectionField, targetField } from '../forms/shared-fields.ts';
import { connectionName } from '../runtime/connection-names.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { NodeRed } from '../runtime/red.ts';
import { timeOfDay } from '../runtime/status.ts';

const vmEventTypes = eventTypes.filter((type) => type.startsWith('vm.'));

const fields = [
  {
    kind: 'choices',
    name: 'types',
    label: 'Events',
    description: 'What to tell of; none chosen means everything.',
    icon: 'fa-bell-o',
    default: ['vm.started', 'vm.stopped'],
    options: vmEventTypes.map((type) => ({ value: type, label: type.slice(3).replaceAll('-', ' ') })),
  },
  {
    ...targetField,
    label: 'Of VMs',
    shared: false,
    description: 'Only events of these VMs.',
    modes: ['all', 'selector', 'list'],
  },
  anyConnectionField,
] as const satisfies readonly Field[];

export const vmEventsDescription = {
  type: 'virtflow-vm-events',
  version: 1,
  category: 'virtflow vm',
  colour: colours.event,
  icon: 'font-awesome/fa-bell-o',
  inputs: 0,
  outputs: 1,
  label: 'vm events',
  summary: 'Tells what happens to VMs, whoever did it: started, stopped, crashed, migrated, changed.',
  outputLabels: ['event'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

type EventsNode = NodeContext<typeof fields>;

export function registerVmEvents(RED: NodeRed): void {
  defineNode(RED, { description: vmEventsDescription, open });
}

function open(node: EventsNode): LiveNode {
  checkSelector(node);
  // Whether a selector matches is known a moment later; one event after the other, so that their order stays.
  let last = Promise.resolve();
  node.listen(node.platform.connections.events, (event) => {
    if (!isWanted(node, event)) return;
    if (node.config.target.mode === 'all') return tell(node, event);
    last = last.then(() => tellIfTarget(node, event)).catch((error: unknown) => node.failed(error));
  });
  return {};
}

function checkSelector({ config }: EventsNode): void {
  if (config.target.mode === 'selector') selector(config.target.selector);
}

function isWanted({ config }: EventsNode, event: HypervisorEvent): boolean {
  if (event.object.kind !== 'vm') return false;
  if (config.types.length > 0 && !config.types.includes(event.type)) return false;
  const connection = connectionName(config.connection);
  return connection === undefined || event.object.connection === connection;
}

async function tellIfTarget(node: EventsNode, event: HypervisorEvent): Promise<void> {
  if (!node.signal.aborted && (await isTarget(node, event))) tell(node, event);
}

/** By name where one is given, for a VM that was deleted is no longer in the inventory. */
async function isTarget(node: EventsNode, event: HypervisorEvent): Promise<boolean> {
  const { target } = node.config;
  const { inventory } = node.platform;
  if (target.mode === 'selector') {
    const vm = inventory.get(event.object);
    return vm !== undefined && selector(target.selector).matches(vm);
  }
  const { name, object } = event;
  if (target.names.some((one) => one === name || one === object.id || one === `${object.connection}/${name}`))
    return true;
  return (await namedVms(node)).some((vm) => sameObject(vm, object));
}

async function namedVms({ config, platform }: EventsNode) {
  const found = await Promise.all(
    config.target.names.map((name) =>
      resolveTarget(platform.inventory, name, { kind: 'vm' }).catch((error: unknown) => {
        if (error instanceof VirtflowError) return [];
        throw error;
      }),
    ),
  );
  return found.flat();
}

function tell(node: EventsNode, event: HypervisorEvent): void {
  node.status({ fill: 'green', shape: 'dot', text: timeOfDay(event.at) });
  node.send({ topic: event.type, payload: event, vm: node.platform.inventory.get(event.object) ?? null });
}
