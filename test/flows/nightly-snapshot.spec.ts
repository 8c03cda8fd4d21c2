import assert from 'node:assert/strict';
import { markOf } from '../../lib/actions/snapshot-mark.ts';
import type { Snapshot } from '../../lib/model/objects.ts';
import type { MqttListener } from '../api/mqtt-listener.ts';
import { aJob } from '../drivers/subject.ts';
import { requireLab } from '../lab/availability.ts';
import { until } from '../lab/condition.ts';
import type { Watched } from '../plugins/libvirt/watched-connection.ts';
import { LabHouse } from './lab-house.ts';
import type { ShippedFlow } from './shipped.ts';

const names = Array.from({ length: 8 }, (_, index) => `vm-${index}`);

interface Report {
  readonly made: readonly { readonly name: string }[];
  readonly deleted: number;
  readonly failed: readonly { readonly name: string; readonly what: string }[];
}

describe('the flow of nightly snapshots', function () {
  this.timeout(240_000);
  // Each step is the cause of the next.
  this.bail(true);
  let house: LabHouse;
  let lab: Watched;
  let mqtt: MqttListener;
  let flow: ShippedFlow;

  before(async function () {
    await requireLab(this, 'libvirt-daemon', 'mosquitto');
    house = await LabHouse.open(
      names.map((name) => ({ name })),
      'snapshots/#',
    );
    ({ lab, mqtt } = house);
    await lab.connection.vms.snapshot(vm('vm-0'), { name: 'before-the-upgrade', description: 'mine' }, aJob());
    flow = house.flow('nightly-snapshot', {
      env: { VMS: "connection = 'lab' and $contains(name, 'vm-')", KEEP_LAST: 2, KEEP_WEEKLY: 0, KEEP_MONTHLY: 0 },
      // What is broken off is looked after as long as it may take.
      changes: { each: { timeoutSeconds: 10 } },
    });
    await flow.start();
  });

  after(() => house?.close());

  function vm(name: string) {
    const found = lab.vm(name);
    assert.ok(found, name);
    return found;
  }

  const snapshotsOf = (name: string) => lab.connection.vms.snapshots(vm(name));
  const all = async () => (await Promise.all(names.map(snapshotsOf))).flat();
  const ownOf = (snapshots: readonly Snapshot[]) => snapshots.filter((one) => markOf(one)?.series === 'nightly');

  /** Presses the button, and waits for the report of that night. */
  async function night(during: () => Promise<void> = async () => undefined): Promise<Report> {
    const before = mqtt.heard.length;
    await flow.press('virtflow-nightly-snapshot-now');
    await during();
    const { body } = await mqtt.find((heard) => mqtt.heard.indexOf(heard) >= before && !heard.packet.retain);
    return body as unknown as Report;
  }

  it('makes one of each VM, each once, though it is killed in the middle', async () => {
    const { made, failed } = await night(async () => {
      await until('the first snapshot', async () => ownOf(await all())[0]);
      await flow.kill();
      assert.ok(ownOf(await all()).length < names.length, 'it was killed when all was over');
      await flow.start();
    });
    assert.deepEqual([made.length, failed], [names.length, []]);
    for (const name of names) assert.equal(ownOf(await snapshotsOf(name)).length, 1, name);
  });

  it('keeps as many as it is told to, and never deletes one that is not its own', async () => {
    await night();
    const { deleted } = await night();
    assert.equal(deleted, names.length);
    for (const name of names) assert.equal(ownOf(await snapshotsOf(name)).length, 2, name);
    assert.ok((await snapshotsOf('vm-0')).some(({ name }) => name === 'before-the-upgrade'));
  });

  it('reports a VM of which none could be made, and deletes none of its old ones', async () => {
    await house.daemon.virsh('start', 'vm-3');
    await house.daemon.virsh('managedsave', 'vm-3');
    const { failed, made, deleted } = await night();
    assert.deepEqual(
      failed.map(({ name, what }) => [name, what]),
      [['vm-3', 'snapshot']],
    );
    assert.deepEqual([made.length, deleted], [names.length - 1, names.length - 1]);
    assert.equal(ownOf(await snapshotsOf('vm-3')).length, 2);
  });
});
