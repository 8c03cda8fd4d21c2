import assert from 'node:assert/strict';
import { MqttListener } from '../api/mqtt-listener.ts';
import { requireLab } from '../lab/availability.ts';
import type { Watched } from '../plugins/libvirt/watched-connection.ts';
import { LabHouse } from './lab-house.ts';
import type { ShippedFlow } from './shipped.ts';

interface Component {
  readonly platform: string;
  readonly unique_id: string;
  readonly state_topic: string;
  readonly command_topic: string;
}

interface Discovery {
  readonly device: { readonly name: string; readonly identifiers: readonly string[]; readonly via_device?: string };
  readonly origin: { readonly name: string };
  readonly availability: readonly { readonly topic: string }[];
  readonly components: Readonly<Record<string, Component>>;
}

describe('the flow of Home Assistant', function () {
  this.timeout(120_000);
  // Each step is the cause of the next.
  this.bail(true);
  let house: LabHouse;
  let lab: Watched;
  /** As Home Assistant would hear it. */
  let home: MqttListener;
  let flow: ShippedFlow;

  before(async function () {
    await requireLab(this, 'libvirt-daemon', 'mosquitto');
    house = await LabHouse.open([{ name: 'vm-1' }, { name: 'vm-2' }], 'homeassistant/#', 'virtflow-ha/#');
    ({ lab, mqtt: home } = house);
    const demo = { id: 'demo-node', type: 'virtflow-connection', version: 1, name: 'demo', driver: 'simulator' };
    flow = house.flow('home-assistant', {
      nodes: [{ ...demo, uri: 'simulator:///demo?hosts=1&vms=3' }],
      changes: { figures: { cpuSeconds: 1, memorySeconds: 1, hostSeconds: 1 } },
    });
    await flow.start();
  });

  after(() => house?.close());

  const isConfig = (topic: string) => /^homeassistant\/device\/[\w-]+\/config$/.test(topic);
  async function discovered(name: string): Promise<Discovery & { readonly topic: string }> {
    const found = await home.find(
      ({ topic, body }) => isConfig(topic) && Reflect.get(Object(body?.device), 'name') === name,
    );
    return { topic: found.topic, ...(found.body as unknown as Discovery) };
  }

  /** What the broker tells somebody who comes now. */
  async function retained(topic: string): Promise<string | undefined> {
    const late = new MqttListener({ url: house.mosquitto.url });
    try {
      await late.subscribe(topic);
      await late.subscribe('virtflow-ha/status');
      await late.on('virtflow-ha/status');
      return late.heard.find((one) => one.topic === topic)?.text;
    } finally {
      await late.end();
    }
  }

  it('tells of each VM as one device with its entities, on the host that carries it', async () => {
    const { device, origin, availability, components } = await discovered('vm-1');
    assert.equal(origin.name, 'virtflow');
    assert.deepEqual(Object.keys(components).sort(), ['cpu', 'memory', 'power', 'reboot', 'state']);
    assert.deepEqual(
      availability.map(({ topic }) => topic),
      ['virtflow-ha/status', 'virtflow-ha/lab/status'],
    );
    const ids = Object.values(components).map(({ unique_id }) => unique_id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.every((id) => id.startsWith(device.identifiers[0] ?? '?') && /^[\w-]+$/.test(id)));
    const [host] = lab.inventory.list({ kind: 'host' });
    assert.ok(host);
    const told = await discovered(host.name);
    assert.deepEqual(device.via_device, told.device.identifiers[0]);
    assert.equal(told.components.live?.platform, 'binary_sensor');
  });

  it('says that virtflow and its connections are there', async () => {
    for (const topic of ['virtflow-ha/status', 'virtflow-ha/lab/status']) {
      await home.on(topic, ({ text }) => text === 'online');
      assert.equal(await retained(topic), 'online');
    }
  });

  it('tells state and figures where the entities look for them', async () => {
    const { components } = await discovered('vm-1');
    const { body } = await home.on(components.state?.state_topic ?? '');
    assert.deepEqual([body?.power, body?.on], ['halted', 'OFF']);
    const demo = await home.find(
      ({ topic, body: one }) => isConfig(topic) && topic.includes('_demo_vm_') && one !== undefined,
    );
    const parts = (demo.body as unknown as Discovery).components;
    const cpu = await home.on(parts.cpu?.state_topic ?? '', ({ text }) => text !== '');
    const memory = await home.on(parts.memory?.state_topic ?? '', ({ text }) => text !== '');
    assert.ok(Number(cpu.text) >= 0 && Number(cpu.text) <= 100, cpu.text);
    assert.ok(Number(memory.text) > 0, memory.text);
  });

  it('switches a VM on and off, and tells that it is', async () => {
    const { components } = await discovered('vm-1');
    const { command_topic = '', state_topic = '' } = components.power ?? {};
    await home.publish(command_topic, 'ON');
    await home.on(state_topic, ({ body }) => body?.on === 'ON');
    await home.publish(command_topic, 'OFF');
    const from = home.heard.length;
    await home.find(
      (one) => home.heard.indexOf(one) >= from - 1 && one.topic === state_topic && one.body?.on === 'OFF',
    );
    assert.equal(lab.vm('vm-1')?.power, 'halted');
  });

  it('refuses a command that the broker kept', async () => {
    const { components } = await discovered('vm-2');
    await home.publish(components.power?.command_topic ?? '', 'ON', { retain: true });
    await flow.kill();
    await flow.start();
    await home.publish('homeassistant/status', 'online');
    const from = home.heard.length;
    await home.find((one) => home.heard.indexOf(one) >= from && isConfig(one.topic));
    await home.publish(components.power?.command_topic ?? '', '', { retain: true });
    assert.equal(flow.operations().filter(({ targetName }) => targetName === 'vm-2').length, 0);
  });

  it('tells all anew when Home Assistant was started', async () => {
    const from = home.heard.length;
    await home.publish('homeassistant/status', 'online');
    const again = await home.find((one) => home.heard.indexOf(one) > from && isConfig(one.topic));
    assert.ok(again.body);
  });

  it('takes a VM away when it is deleted', async () => {
    const { topic } = await discovered('vm-1');
    await house.daemon.virsh('undefine', 'vm-1');
    await home.on(topic, ({ text }) => text === '');
    assert.equal(await retained(topic), undefined);
  });

  it('takes a VM away that was deleted while virtflow did not run', async () => {
    const { topic } = await discovered('vm-2');
    await flow.kill();
    await home.on('virtflow-ha/status', ({ text }) => text === 'offline');
    await house.daemon.virsh('undefine', 'vm-2');
    await flow.start();
    await home.on(topic, ({ text }) => text === '');
    assert.equal(await retained(topic), undefined);
  });
});
