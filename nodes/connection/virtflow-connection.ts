import type { ConnectionSettings } from '../../lib/drivers/driver.ts';
import { currentPlatform } from '../../lib/platform.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { forgetConnection, rememberConnection } from '../runtime/connection-names.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { NodeRed } from '../runtime/red.ts';

const fields = [
  {
    kind: 'text',
    name: 'name',
    label: 'Name',
    description: 'Unique. It stands in targets (name/vm), topics and metrics.',
    icon: 'fa-tag',
    default: '',
    required: true,
    maxLength: 64,
    pattern: '[\\p{L}\\p{N}][\\p{L}\\p{N} ._\\-]{0,63}',
  },
  {
    kind: 'text',
    name: 'driver',
    label: 'Hypervisor',
    description: 'What is spoken to: one of the drivers that are installed.',
    icon: 'fa-server',
    default: 'libvirt',
    required: true,
    input: 'driver',
  },
  {
    kind: 'text',
    name: 'uri',
    label: 'Address',
    description: 'A URI. libvirt: qemu+unix:///system for this machine, qemu+tcp://host/system for another.',
    icon: 'fa-globe',
    default: 'qemu+unix:///system',
    required: true,
    maxLength: 2000,
  },
  {
    kind: 'widget',
    name: 'test',
    label: 'Test',
    description: 'Connects once with what stands here, before anything is deployed.',
    widget: 'test-connection',
  },
] as const satisfies readonly Field[];

export const connectionDescription = {
  type: 'virtflow-connection',
  version: 1,
  category: 'config',
  colour: colours.config,
  icon: 'font-awesome/fa-server',
  inputs: 0,
  outputs: 0,
  label: 'connection',
  summary: 'A hypervisor or pool that virtflow talks to.',
  fields,
  credentials: [
    { name: 'username', type: 'text', label: 'User', description: 'Where the hypervisor asks for one.' },
    {
      name: 'password',
      type: 'password',
      label: 'Password',
      description: `Kept encrypted; it never comes back here. Or what names it: \${secret:NAME}.`,
    },
  ],
} as const satisfies NodeDescription<typeof fields>;

export function registerConnection(RED: NodeRed): void {
  RED.events.off('flows:started', sweep);
  RED.events.on('flows:started', sweep);
  defineNode(RED, { description: connectionDescription, open });
}

function open(node: NodeContext<typeof fields>): LiveNode {
  const settings = settingsOf(node);
  rememberConnection(node.id, settings.name);
  const { connections } = node.platform;
  node.signal.addEventListener('abort', () => {
    forgetConnection(node.id);
    connections.release(settings.name, node.id);
  });
  connections.acquire(settings, node.id);
  return {};
}

function settingsOf(node: NodeContext<typeof fields>): ConnectionSettings {
  const { name, driver, uri } = node.config;
  const [username, password] = [node.credential('username'), node.credential('password')];
  return {
    name,
    driver,
    uri,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

/** After a deploy: whoever was taken away and did not come back, goes. */
function sweep(): void {
  try {
    const { connections, log } = currentPlatform();
    connections.sweep().catch((error: unknown) => log.error(`a connection did not close: ${String(error)}`));
  } catch {
    // The platform has been stopped, and its connections with it.
  }
}
