import assert from 'node:assert/strict';
import type { EventType } from '../../lib/model/event.ts';
import { virtflowNamespace } from '../../plugins/libvirt/domain-xml/tags.ts';
import type { MqttListener } from '../api/mqtt-listener.ts';
import { requireLab } from '../lab/availability.ts';
import type { Watched } from '../plugins/libvirt/watched-connection.ts';
import { LabHouse } from './lab-house.ts';
import type { ShippedFlow } from './shipped.ts';

/** Two of each level, and two that no tag tells of. */
const levels = ['level:1', 'level:2', 'level:3', ''];
const vms = levels.flatMap((tag, index) => [1, 2].map((number) => ({ name: `vm-${index + 1}-${number}`, tag })));
const levelOfName = (name: string) => Number(name.split('-')[1]);

const tagged = (tag: string) => `<v:tags xmlns:v='${virtflowNamespace}'><v:tag>${tag}</v:tag></v:tags>`;

/** As upsc tells it. */
const ups = (status: string, charge: number) =>
  `battery.charge: ${charge}\nbattery.runtime: 1800\nups.model: Smart-UPS\nups.status: ${status}\n`;

interface Told {
  readonly state: string;
  readonly failed: number;
  readonly vms: readonly { readonly name: string; readonly ok: boolean }[];
}

describe('the flow of a UPS, killed in the middle of going down and of coming back', function () {
  // What a kill broke off is settled by asking the hypervisor, which may take a minute each.
  this.timeout(240_000);
  // Each step is the cause of the next.
  this.bail(true);
  let house: LabHouse;
  let lab: Watched;
  let mqtt: MqttListener;
  let flow: ShippedFlow;

  before(async function () {
    await requireLab(this, 'libvirt-daemon', 'mosquitto');
    const all = [...vms, { name: 'vm-off', tag: '' }];
    house = await LabHouse.open(
      all.map(({ name, tag }) => ({ name, metadata: tagged(tag) })),
      'ups/#',
    );
    ({ lab, mqtt } = house);
    for (const { name } of vms) await house.daemon.virsh('start', name);
    flow = house.flow('ups-shutdown', {
      env: { VMS: "power = 'running' and $contains(name, 'vm-')" },
      // What is broken off is looked after as long as it may take.
      changes: { down: { timeoutSeconds: 10 } },
    });
    await mqtt.publish('ups/office', ups('OL', 100), { retain: true });
    await flow.start();
  });

  after(() => house?.close());

  const tell = (status: string, charge: number) => mqtt.publish('ups/office', ups(status, charge), { retain: true });
  const told = async (state: string) =>
    (await mqtt.on('ups/office/virtflow', ({ body }) => body?.state === state)).body as unknown as Told;
  const namesOf = (type: EventType, since: number) =>
    lab.events.filter((event) => event.type === type && event.at >= since).map(({ name }) => name);

  /** Kills virtflow when the first VM has gone that way, and starts it again. */
  async function killedAtFirst(type: EventType, since: number): Promise<void> {
    await lab.until(() => namesOf(type, since).length > 0);
    await flow.kill();
    assert.ok(namesOf(type, since).length < vms.length, 'it was killed when all was over');
    await flow.start();
  }

  /** But for what the kill broke off, which is done once more at the end. */
  const isInOrder = (names: readonly string[]) => {
    const broken = new Set(
      flow
        .operations()
        .filter(({ error }) => error)
        .map(({ targetName }) => targetName),
    );
    const order = names.filter((name) => !broken.has(name)).map(levelOfName);
    return order.every((level, index) => index === 0 || level >= (order[index - 1] ?? 0));
  };

  it('shuts down the highest level first, each VM once', async () => {
    const since = Date.now();
    // A battery that carries on is no reason.
    await tell('OB DISCHRG', 80);
    await tell('OB DISCHRG', 35);
    await killedAtFirst('vm.stopped', since);
    const { failed, vms: shut } = await told('down');
    assert.deepEqual([failed, shut.length], [0, vms.length]);
    const names = namesOf('vm.stopped', since);
    assert.deepEqual(
      [...names].sort(),
      vms.map(({ name }) => name),
    );
    assert.ok(isInOrder(names.toReversed()), names.join(' '));
  });

  it('starts in reverse what it had shut down, each VM once, and leaves off what was off', async () => {
    const since = Date.now();
    await tell('OL CHRG', 40);
    await tell('OL CHRG', 60);
    await killedAtFirst('vm.started', since);
    const { failed, vms: back } = await told('up');
    assert.deepEqual([failed, back.length > 0], [0, true]);
    const names = namesOf('vm.started', since);
    assert.deepEqual(
      [...names].sort(),
      vms.map(({ name }) => name),
    );
    assert.ok(isInOrder(names), names.join(' '));
    assert.equal(lab.vm('vm-off')?.power, 'halted');
  });

  it('asked for each once; only what the kill broke off was asked for again', async () => {
    await flow.kill();
    const changing = flow.operations().filter(({ result }) => result?.changed === true);
    const count = (action: string) => changing.filter((one) => one.action === action).length;
    assert.deepEqual([count('vm.shutdown'), count('vm.start')], [vms.length, vms.length]);
  });
});
