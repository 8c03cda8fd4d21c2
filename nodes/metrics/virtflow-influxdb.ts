import type { InfluxSettings } from '../../lib/metrics/influx.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { NodeRed } from '../runtime/red.ts';

const fields = [
  {
    kind: 'text',
    name: 'name',
    label: 'Name',
    description: 'What this server is called in flows and messages.',
    icon: 'fa-tag',
    default: '',
    placeholder: 'InfluxDB',
    maxLength: 100,
  },
  {
    kind: 'text',
    name: 'url',
    label: 'Address',
    description: 'Of the HTTP API. InfluxDB 2 and 3 are written to through their 1.x API.',
    icon: 'fa-globe',
    default: 'http://127.0.0.1:8086',
    required: true,
    maxLength: 2000,
    pattern: 'https?://.+|\\$\\{.+\\}',
  },
  {
    kind: 'text',
    name: 'database',
    label: 'Database',
    description: 'Made when it does not exist and the user may do so. InfluxDB 2 and 3: the bucket.',
    icon: 'fa-database',
    default: 'virtflow',
    required: true,
    maxLength: 200,
  },
  {
    kind: 'text',
    name: 'retentionPolicy',
    label: 'Retention',
    description: 'A retention policy of the database; its default when left empty.',
    icon: 'fa-history',
    default: '',
    maxLength: 200,
  },
  {
    kind: 'widget',
    name: 'test',
    label: 'Test',
    description: 'Asks the server whether it would take samples with what stands here.',
    widget: 'test-influxdb',
  },
] as const satisfies readonly Field[];

export const influxdbDescription = {
  type: 'virtflow-influxdb',
  version: 1,
  category: 'config',
  colour: colours.config,
  icon: 'font-awesome/fa-database',
  inputs: 0,
  outputs: 0,
  label: 'influxdb',
  summary: 'An InfluxDB server and a database on it.',
  fields,
  credentials: [
    { name: 'username', type: 'text', label: 'User', description: 'Where the server asks for one.' },
    {
      name: 'password',
      type: 'password',
      label: 'Password',
      description: `Kept encrypted; it never comes back here. Or what names it: \${secret:NAME}. InfluxDB 2 and 3: the token.`,
    },
  ],
} as const satisfies NodeDescription<typeof fields>;

const servers = new Map<string, InfluxSettings>();

export function registerInfluxdb(RED: NodeRed): void {
  defineNode(RED, { description: influxdbDescription, open });
}

/** The settings of a deployed server. @throws CONNECTION_SETTINGS_INVALID */
export function influxSettings(nodeId: string): InfluxSettings {
  const settings = servers.get(nodeId);
  if (settings) return settings;
  throw new VirtflowError('CONNECTION_SETTINGS_INVALID', {
    connection: 'InfluxDB',
    reason: 'no server is chosen, or the one that is chosen is not deployed',
    hint: 'Choose a server in the node and deploy.',
  });
}

function open(node: NodeContext<typeof fields>): LiveNode {
  const { name, url, database, retentionPolicy } = node.config;
  const [username, password] = [node.credential('username'), node.credential('password')];
  servers.set(node.id, {
    name: name || 'InfluxDB',
    url,
    database,
    ...(retentionPolicy === '' ? {} : { retentionPolicy }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
  node.signal.addEventListener('abort', () => servers.delete(node.id));
  return {};
}
