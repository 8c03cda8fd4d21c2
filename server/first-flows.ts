import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerAccount } from '../lib/api/mqtt/account.ts';
import { writePrivateFile } from '../lib/store/private-file.ts';
import { packageRoot } from './package-root.ts';

/** What a newcomer finds on the canvas, tab by tab: files in `flows/`. */
const firstTabs = ['welcome', 'first-light', 'office-hours', 'rolling-restart'] as const;

/** What the first flows are made from, beside the files. */
export interface FirstFlows {
  readonly flowFile: string;
  readonly credentialFile: string;
  readonly credentialSecret: string;
  /** A libvirt that can be reached: a connection to it is offered, and disabled until somebody enables it. */
  readonly libvirtUri: string | undefined;
  /** The broker inside, ready for the MQTT nodes. */
  readonly broker: BrokerAccount | undefined;
}

interface FlowNode {
  readonly id: string;
  readonly [property: string]: unknown;
}

/** Writes the first flow file and its credentials; where there is one already, it does nothing. */
export function writeFirstFlows(first: FirstFlows): void {
  if (existsSync(first.flowFile)) return;
  const nodes = new Map<string, FlowNode>();
  for (const node of [...firstTabs.flatMap(readFlow), ...offered(first)]) nodes.set(node.id, node);
  writePrivateFile(first.credentialFile, json({ $: encrypted(credentials(first.broker), first.credentialSecret) }));
  writePrivateFile(first.flowFile, json([...nodes.values()]));
}

function readFlow(name: string): FlowNode[] {
  const nodes: FlowNode[] = JSON.parse(readFileSync(join(packageRoot, 'flows', `${name}.json`), 'utf8'));
  return nodes;
}

function offered({ libvirtUri, broker }: FirstFlows): FlowNode[] {
  const libvirt = { type: 'virtflow-connection', version: 1, name: 'libvirt', driver: 'libvirt', uri: libvirtUri };
  const mqtt = { type: 'mqtt-broker', name: 'virtflow', broker: '127.0.0.1', port: broker?.port, protocolVersion: '4' };
  return [
    ...(libvirtUri === undefined ? [] : [{ id: 'virtflow-libvirt', ...libvirt, d: true }]),
    ...(broker === undefined
      ? []
      : [{ id: mqttNode, ...mqtt, autoConnect: true, cleansession: true, keepalive: '60' }]),
  ];
}

const mqttNode = 'virtflow-mqtt';

function credentials(broker: BrokerAccount | undefined): object {
  return broker === undefined ? {} : { [mqttNode]: { user: broker.username, password: broker.password } };
}

/** As Node-RED encrypts them: AES-256-CTR, the initialisation vector in front. */
function encrypted(value: object, secret: string): string {
  const key = createHash('sha256').update(secret).digest();
  const vector = randomBytes(16);
  const cipher = createCipheriv('aes-256-ctr', key, vector);
  return vector.toString('hex') + cipher.update(JSON.stringify(value), 'utf8', 'base64') + cipher.final('base64');
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 4)}\n`;
}
