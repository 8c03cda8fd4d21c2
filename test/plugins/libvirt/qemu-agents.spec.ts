import assert from 'node:assert/strict';
import type { Reading } from '../../../lib/model/reading.ts';
import { requireLab } from '../../lab/availability.ts';
import { until } from '../../lab/condition.ts';
import { agentCommand, bootGuest, createDisk, defineGuest } from '../../lab/guests.ts';
import { type LabHost, startHost } from '../../lab/host.ts';
import { type Watched, watch } from './watched-connection.ts';

describe('file systems in guests on QEMU', function () {
  this.timeout(120_000);
  let host: LabHost;
  let lab: Watched;

  before(async function () {
    await requireLab(this, 'hosts');
    host = await startHost('agents');
    for (const name of ['web', 'stuck']) {
      const path = await createDisk(host, name, 64);
      await defineGuest(host, { name, disks: [{ path }], commandLine: 'lab.data=vda' });
      await bootGuest(host, name);
    }
    await defineGuest(host, { name: 'mute', agent: 'absent' });
    await host.virsh('start', 'mute');
    lab = watch(host.uri);
    lab.connection.start();
    await lab.connection.connected();
    await lab.until(() => lab.vm('web')?.agent === 'connected' && lab.vm('stuck')?.agent === 'connected');
  });

  after(async () => {
    await lab?.connection.stop();
    await host?.stop();
  });

  const fileSystems = (): Promise<readonly Reading[]> =>
    lab.connection.sample(new Set(['filesystem']), AbortSignal.timeout(60_000));

  it('are told by their agents, with the disk that they are on', async () => {
    const readings = await mounted('web', 'stuck');
    for (const { measurement, part, disk, gauges, host: on } of readings) {
      assert.deepEqual([measurement, part, disk, on], ['vm_filesystem', '/data', 'vda', host.name]);
      const { capacity_bytes = 0, used_bytes = 0 } = gauges;
      assert.ok(capacity_bytes > 32 * 2 ** 20 && capacity_bytes < 64 * 2 ** 20, `${capacity_bytes}`);
      assert.ok(used_bytes > 0 && used_bytes < capacity_bytes, `${used_bytes}`);
    }
  });

  it('grow by what is written', async () => {
    const used = async () => (await mounted('web')).find(({ name }) => name === 'web')?.gauges.used_bytes ?? 0;
    const before = await used();
    await inGuest('web', 'dd if=/dev/zero of=/data/file bs=1M count=8; sync');
    const written = 8 * 2 ** 20;
    await until('what was written', async () => (await used()) >= before + written || undefined);
  });

  it('of others are told when an agent stops answering, which is no error, and other figures do not wait', async () => {
    await inGuest('stuck', '(sleep 1; kill -STOP $(pidof qemu-ga)) >/dev/null 2>&1 &');
    const silent = async () => (await fileSystems()).every(({ name }) => name !== 'stuck') || undefined;
    await until('the agent to be silent', silent, 30_000);
    const asking = fileSystems();
    const states = await lab.connection.sample(new Set(['state', 'cpu', 'memory', 'disk']), AbortSignal.timeout(5_000));
    assert.deepEqual(new Set(states.map(({ name }) => name)), new Set(['web', 'stuck', 'mute']));
    assert.deepEqual(
      (await asking).map(({ name }) => name),
      ['web'],
    );
  });

  /** The readings, when those guests have mounted their disks: an agent answers before. */
  function mounted(...names: readonly string[]): Promise<readonly Reading[]> {
    return until('the disks', async () => {
      const readings = await fileSystems();
      return names.every((name) => readings.some((one) => one.name === name)) ? readings : undefined;
    });
  }

  async function inGuest(name: string, script: string): Promise<void> {
    await agentCommand(host, name, 'guest-exec', { path: '/bin/sh', arg: ['-c', script] });
  }
});
