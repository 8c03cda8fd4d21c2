import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertRecord } from '../../lib/alerts/alert.ts';
import { defaultMqttSettings } from '../../lib/api/mqtt/settings.ts';
import { DriverRegistry } from '../../lib/drivers/registry.ts';
import { Platform } from '../../lib/platform.ts';
import { libvirtDriver } from '../../plugins/libvirt/index.ts';
import { requireLab } from '../lab/availability.ts';
import { defineGuest } from '../lab/guests.ts';
import { type LabHost, startHost } from '../lab/host.ts';
import { silent } from '../platform-on-simulator.ts';

describe("libvirt's own alarms", function () {
  this.timeout(120_000);
  let host: LabHost;
  let platform: Platform;
  let directory: string;

  before(async function () {
    await requireLab(this, 'hosts');
    host = await startHost('alarms');
    await host.virsh('net-start', 'default');
    await host.virsh('pool-create-as', 'images', 'dir', '--target', host.imagesDirectory);
    await defineGuest(host, { name: 'web', agent: 'absent', network: 'default' });
    await host.virsh('start', 'web');
    directory = mkdtempSync(join(tmpdir(), 'virtflow-alarms-'));
    const drivers = new DriverRegistry();
    drivers.register(libvirtDriver);
    const mqtt = { ...defaultMqttSettings, broker: 'off' } as const;
    platform = new Platform({ metrics: 'off', dataDirectory: directory, log: silent, drivers, mqtt });
    platform.start();
    await platform.connections.acquire({ name: 'lab', driver: 'libvirt', uri: host.uri }, 'test').connected();
  });
  after(async () => {
    await platform?.stop();
    await host?.stop();
    if (directory) rmSync(directory, { recursive: true, force: true });
  });

  /** Does something and waits until an alert is so. */
  async function alert(rule: string, state: AlertRecord['state'], act: () => Promise<unknown>): Promise<AlertRecord> {
    const found = new Promise<AlertRecord>((resolve) => {
      platform.alerts.changes.subscribe(({ alert: one }) => {
        if (one.rule === `virtflow:${rule}` && one.state === state) resolve(one);
      });
    });
    await act();
    return found;
  }

  it('begin when QEMU dies, and end when the VM runs again', async () => {
    const killed = () => host.exec('sh', ['-c', 'kill -9 $(cat /run/libvirt/qemu/web.pid)']);
    const { name, severity, why } = await alert('vm-crashed', 'firing', killed);
    assert.deepEqual([name, severity, why.event], ['web', 'critical', 'vm.stopped']);
    await alert('vm-crashed', 'resolved', () => host.virsh('start', 'web'));
  });

  it('do not begin when somebody forces a VM off', async () => {
    const stopped = new Promise<void>((resolve) => {
      platform.connections.events.subscribe(({ type }) => type === 'vm.stopped' && resolve());
    });
    await host.virsh('destroy', 'web');
    await stopped;
    assert.deepEqual(platform.alerts.ongoing(), []);
  });

  it('begin and end with a storage pool and a network, with the VMs that depend on them', async () => {
    await host.virsh('start', 'web');
    await alert('storage-stopped', 'firing', () => host.virsh('pool-destroy', 'images'));
    const { affected } = await alert('network-stopped', 'firing', () => host.virsh('net-destroy', 'default'));
    assert.deepEqual(
      affected.map(({ name }) => name),
      ['web'],
    );
    await alert('network-stopped', 'resolved', () => host.virsh('net-start', 'default'));
  });

  it('begin when nobody answers on a connection, and end when somebody does', async () => {
    const { object, affected } = await alert('connection-down', 'firing', () => host.killDaemon());
    assert.equal(object, null);
    assert.deepEqual(
      affected.map(({ name }) => name),
      ['web'],
    );
    await alert('connection-down', 'resolved', () => host.startDaemon());
  });
});
