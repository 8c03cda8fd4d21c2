import type { Host, PowerState, Vm } from '../model/objects.ts';
import type { Sample } from '../model/reading.ts';
import type { ObjectRef } from '../model/reference.ts';

/** A VM or host, as Home Assistant is told of it. */
export type Device = Vm | Host;

/** What is to be published, retained; an empty payload takes back what was. */
export interface Publication {
  readonly topic: string;
  readonly payload: unknown;
}

/** Where things stand: below `prefix` Home Assistant looks for what there is, `base` is ours. */
export interface Places {
  readonly prefix: string;
  readonly base: string;
}

const online = 'online';
const offline = 'offline';
const powers: readonly PowerState[] = ['running', 'paused', 'halted', 'suspended', 'crashed', 'unknown'];

/**
 * One message makes a device with all its entities: device discovery, Home Assistant 2024.12 or newer
 * (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload).
 */
export function discovery(device: Device, places: Places): Publication {
  const { base } = places;
  const topics = topicsOf(device, base);
  const availability = [`${base}/status`, topics.connection].map((topic) => ({ topic }));
  return {
    topic: configTopic(device, places),
    payload: {
      device: deviceView(device),
      origin: { name: 'virtflow' },
      availability,
      availability_mode: 'all',
      qos: 1,
      components: device.kind === 'vm' ? vmParts(device, topics) : hostParts(device, topics),
    },
  };
}

/** What an object is now. */
export function state(device: Device, { base }: Places): Publication {
  const view =
    device.kind === 'vm'
      ? { power: device.power, on: isOn(device) ? 'ON' : 'OFF', host: device.hostName }
      : { live: device.live ? 'ON' : 'OFF' };
  return { topic: topicsOf(device, base).state, payload: view };
}

/** CPU in percent and memory in MiB, as far as the sample of a VM or host has them. */
export function figures({ measurement, tags, fields }: Sample, { base }: Places): Publication[] {
  const { connection, id } = tags;
  if ((measurement !== 'vm' && measurement !== 'host') || connection === undefined || id === undefined) return [];
  const { own } = topicsOf({ connection, kind: measurement, id }, base);
  const { cpu_ratio: cpu, memory_used_bytes: memory } = fields;
  return [
    ...(cpu === undefined ? [] : [{ topic: `${own}/cpu`, payload: percent(cpu) }]),
    ...(memory === undefined ? [] : [{ topic: `${own}/memory`, payload: Math.round(memory / MiB) }]),
  ];
}

/** Whether a connection can be told of. */
export function availability(connection: string, isUp: boolean, { base }: Places): Publication {
  return { topic: `${base}/${level(connection)}/status`, payload: isUp ? online : offline };
}

/** Takes a device away with all that was said of it. */
export function removal(device: ObjectRef, places: Places): Publication[] {
  const { own, state: stateTopic } = topicsOf(device, places.base);
  const topics = [configTopic(device, places), stateTopic, `${own}/cpu`, `${own}/memory`];
  return topics.map((topic) => ({ topic, payload: '' }));
}

export interface Command {
  readonly action: string;
  readonly target: ObjectRef;
}

const actions: Readonly<Record<string, string>> = { ON: 'vm.start', OFF: 'vm.shutdown', REBOOT: 'vm.reboot' };

/** What Home Assistant asks for with a message; undefined when it is no command. */
export function commandOf(topic: string, payload: unknown, { base }: Places): Command | undefined {
  if (!topic.startsWith(`${base}/`)) return undefined;
  const [connection, kind, id, last, ...more] = topic
    .slice(base.length + 1)
    .split('/')
    .map(plain);
  const action = typeof payload === 'string' ? actions[payload] : undefined;
  if (!connection || kind !== 'vm' || !id || last !== 'set' || more.length > 0 || action === undefined)
    return undefined;
  return { action, target: { connection, kind, id } };
}

interface Topics {
  readonly own: string;
  readonly state: string;
  readonly set: string;
  readonly connection: string;
}

function topicsOf({ connection, kind, id }: ObjectRef, base: string): Topics {
  const own = `${base}/${level(connection)}/${kind}/${level(id)}`;
  return { own, state: `${own}/state`, set: `${own}/set`, connection: `${base}/${level(connection)}/status` };
}

/** Ids of Home Assistant hold letters, digits, underscores and hyphens. */
function uniqueId({ connection, kind, id }: ObjectRef): string {
  return ['virtflow', connection, kind, id].map((part) => part.replace(/[^a-zA-Z0-9-]/g, '_')).join('_');
}

function configTopic(device: ObjectRef, { prefix }: Places): string {
  return `${prefix}/device/${uniqueId(device)}/config`;
}

function deviceView(device: Device) {
  const about = { identifiers: [uniqueId(device)], name: device.name, manufacturer: 'virtflow' };
  if (device.kind === 'host') {
    const { name, version } = device.hypervisor;
    return { ...about, model: `Host (${name})`, sw_version: version };
  }
  const host: ObjectRef | undefined =
    device.host === null ? undefined : { connection: device.connection, kind: 'host', id: device.host };
  return { ...about, model: 'VM', ...(host ? { via_device: uniqueId(host) } : {}) };
}

function vmParts(vm: Vm, topics: Topics) {
  const button = { platform: 'button', device_class: 'restart', command_topic: topics.set, payload_press: 'REBOOT' };
  const onOff = { payload_on: 'ON', payload_off: 'OFF', state_on: 'ON', state_off: 'OFF', icon: 'mdi:server' };
  const value_template = '{{ value_json.on }}';
  const power = { platform: 'switch', state_topic: topics.state, command_topic: topics.set, value_template, ...onOff };
  return withIds(vm, {
    power: { ...power, name: 'Power' },
    state: {
      platform: 'sensor',
      name: 'State',
      device_class: 'enum',
      options: powers,
      state_topic: topics.state,
      value_template: '{{ value_json.power }}',
    },
    reboot: { ...button, name: 'Reboot' },
    ...figureParts(topics),
  });
}

function hostParts(host: Host, topics: Topics) {
  const live = { platform: 'binary_sensor', name: 'Connected', device_class: 'connectivity' };
  return withIds(host, {
    live: { ...live, state_topic: topics.state, value_template: '{{ value_json.live }}' },
    ...figureParts(topics),
  });
}

function figureParts({ own }: Topics) {
  const sensor = { platform: 'sensor', state_class: 'measurement', suggested_display_precision: 0 };
  return {
    cpu: { ...sensor, name: 'CPU', unit_of_measurement: '%', icon: 'mdi:cpu-64-bit', state_topic: `${own}/cpu` },
    memory: {
      ...sensor,
      name: 'Memory',
      device_class: 'data_size',
      unit_of_measurement: 'MiB',
      state_topic: `${own}/memory`,
    },
  };
}

function withIds(device: Device, parts: Readonly<Record<string, object>>) {
  const id = uniqueId(device);
  return Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, { unique_id: `${id}_${key}`, ...part }]));
}

const MiB = 2 ** 20;

function percent(ratio: number): number {
  return Math.round(ratio * 1000) / 10;
}

function isOn({ power }: Vm): boolean {
  return power === 'running' || power === 'paused';
}

/** One level of a topic; what cannot stand there is written as in a URL. */
function level(text: string): string {
  return encodeURIComponent(text);
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
