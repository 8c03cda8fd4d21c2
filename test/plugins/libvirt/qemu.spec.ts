import assert from 'node:assert/strict';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { metricTiers } from '../../../lib/drivers/driver.ts';
import type { HostObstacles } from '../../../lib/drivers/obstacles.ts';
import { VirtflowError } from '../../../lib/model/errors.ts';
import type { Vm } from '../../../lib/model/objects.ts';
import type { Reading } from '../../../lib/model/reading.ts';
import { requireLab } from '../../lab/availability.ts';
import { createDisk, defineGuest, waitForAgent } from '../../lab/guests.ts';
import { type LabHost, startHost } from '../../lab/host.ts';
import { runningJob } from './rpc/jobs.ts';
import { type Watched, watch } from './watched-connection.ts';

const code = (expected: string) => (error: unknown) => error instanceof VirtflowError && error.code === expected;
const soon = () => AbortSignal.timeout(20_000);
const allTiers = new Set(metricTiers);

describe('the libvirt driver on QEMU', function () {
  this.timeout(120_000);
  let host: LabHost;
  let lab: Watched;

  before(async function () {
    await requireLab(this, 'hosts');
    host = await startHost('driver');
    await host.virsh('net-start', 'default');
    const pool = ['pool-create-as', 'images', 'dir', '--target', host.imagesDirectory];
    await host.virsh(...pool);
    const path = await createDisk(host, 'data', 64);
    await defineGuest(host, { name: 'web', disks: [{ path }], network: 'default' });
    await defineGuest(host, { name: 'db', agent: 'absent' });
    lab = watch(host.uri);
    lab.connection.start();
    await lab.connection.connected();
  });

  after(async () => {
    await lab?.connection.stop();
    await host?.stop();
  });

  /** Does something and waits for the event that it brings. */
  async function doing(type: Parameters<Watched['next']>[0], name: string, act: () => Promise<unknown>): Promise<void> {
    const event = lab.next(type, name);
    await act();
    await event;
  }

  function vm(name: string): Vm {
    const found = lab.vm(name);
    assert.ok(found, name);
    return found;
  }

  const vms = () => lab.connection.vms;

  it('starts guests, one of them paused', async () => {
    await doing('vm.started', 'db', () => vms().start(vm('db'), {}, runningJob()));
    await doing('vm.paused', 'web', () => vms().start(vm('web'), { paused: true }, runningJob()));
    assert.equal(vm('web').power, 'paused');
    await doing('vm.resumed', 'web', () => vms().resume(vm('web'), runningJob()));
    assert.equal(vm('web').power, 'running');
    const about = lab.events.filter(({ name }) => name === 'db').map(({ type }) => type);
    assert.deepEqual(about, ['vm.started']);
  });

  it('tells when the agent answers, and says so when there is none', async () => {
    await lab.until(() => lab.vm('web')?.agent === 'connected');
    assert.equal(vm('db').agent, 'absent');
    await assert.rejects(vms().shutdown(vm('db'), { method: 'agent' }, runningJob()), code('AGENT_UNAVAILABLE'));
  });

  it('refuses to start what runs, with the words of libvirt', async () => {
    await assert.rejects(vms().start(vm('web'), {}, runningJob()), (error) => {
      assert.ok(error instanceof VirtflowError);
      assert.equal(error.details.hypervisorCode, 55);
      return error.code === 'HYPERVISOR_FAILED' && /already running/.test(error.message);
    });
  });

  it('says what stands against a start: memory, CPUs, a network that is down, a disk that is not there', async () => {
    await host.virsh('net-define', await netFile('quiet'));
    await lab.until(() => lab.inventory.list({ kind: 'network' }).some(({ name }) => name === 'quiet'));
    await defineGuest(host, { name: 'huge', memoryMiB: 4_000_000, vcpus: 64, network: 'quiet' });
    await defineGuest(host, { name: 'bare', disks: [{ path: '/nowhere/disk.qcow2' }] });
    await lab.until(() => lab.vm('huge') !== undefined && lab.vm('bare') !== undefined);
    assert.deepEqual(await obstacles('huge'), [[host.name, ['network', 'memory', 'cpu']]]);
    assert.deepEqual(await obstacles('bare'), [[host.name, ['storage']]]);
    for (const name of ['huge', 'bare']) await vms().undefine(vm(name), runningJob());
  });

  async function netFile(name: string): Promise<string> {
    const file = join(host.imagesDirectory, `${name}-net.xml`);
    await writeFile(file, `<network><name>${name}</name></network>`);
    return file;
  }

  async function obstacles(name: string): Promise<unknown> {
    const error: unknown = await vms()
      .start(vm(name), {}, runningJob())
      .catch((thrown) => thrown);
    assert.ok(error instanceof VirtflowError);
    const { hosts } = error.details as { hosts?: readonly HostObstacles[] };
    return hosts?.map((one) => [one.host, one.obstacles.map(({ what }) => what)]);
  }

  it('samples guests, disks, NICs, the host and its pools', async () => {
    await lab.until(() => lab.vm('web')?.agent === 'connected');
    const readings = await lab.connection.sample(allTiers, soon());
    const web = (measurement: string) => find(readings, measurement, 'web');
    assert.equal(web('vm').gauges.state, 1);
    assert.equal(web('vm').gauges.memory_bytes, 192 * 1024 ** 2);
    assert.ok((web('vm').counters.cpu_seconds_total ?? 0) > 0);
    assert.ok((web('vm').counters.steal_seconds_total ?? -1) >= 0);
    assert.ok((web('vm').gauges.memory_used_bytes ?? 0) > 0);
    assert.equal(web('vm_disk').part, 'vda');
    assert.equal(web('vm_disk').gauges.capacity_bytes, 64 * 1024 ** 2);
    assert.equal(web('vm_nic').part, vm('web').nics[0]?.mac);
    assert.ok((web('vm_nic').counters.receive_packets_total ?? -1) >= 0);
    assert.equal(find(readings, 'host', host.name).gauges.vms_running, 2);
    assert.ok((find(readings, 'storage_pool', 'images').gauges.available_bytes ?? 0) > 0);
  });

  it('saves a guest to disk and restores it', async () => {
    await doing('vm.suspended', 'web', () => vms().suspend(vm('web'), runningJob()));
    assert.equal(vm('web').power, 'suspended');
    const off = await lab.connection.sample(new Set(['state']), soon());
    assert.equal(find(off, 'vm', 'web').gauges.state, 3);
    await doing('vm.started', 'web', () => vms().restore(vm('web'), {}, runningJob()));
    await lab.until(() => lab.vm('web')?.power === 'running');
    await waitForAgent(host, 'web');
  });

  it('refuses to restore what was not saved, instead of booting it', async () => {
    await defineGuest(host, { name: 'fresh' });
    await lab.until(() => lab.vm('fresh') !== undefined);
    await assert.rejects(vms().restore(vm('fresh'), {}, runningJob()), code('HYPERVISOR_FAILED'));
    await vms().undefine(vm('fresh'), runningJob());
  });

  it('aborts a save when its job is cancelled, and the guest goes on', async () => {
    const job = runningJob();
    // Slow enough to be caught; db has the memory of a guest that did little.
    await host.virsh('migrate-setspeed', 'db', '1').catch(() => undefined);
    const saving = vms().suspend(vm('db'), job);
    const paused = lab.next('vm.paused', 'db');
    await Promise.race([paused, saving.catch(() => undefined)]);
    const reason = new Error('cancelled by test');
    job.abort(reason);
    const outcome = await saving.then(
      () => 'saved',
      (error: unknown) => error,
    );
    if (outcome === 'saved') {
      await doing('vm.started', 'db', () => vms().restore(vm('db'), {}, runningJob()));
    } else {
      assert.equal(outcome, reason);
    }
    await lab.until(() => lab.vm('db')?.power === 'running');
    assert.ok(job.calls.some(({ name }) => name === 'DOMAIN_ABORT_JOB'));
  });

  it('samples the rest while a guest hangs, and has it back when it answers again', async () => {
    const names = async () => {
      const readings = await lab.connection.sample(allTiers, soon());
      return [...new Set(readings.filter(({ measurement }) => measurement === 'vm').map(({ name }) => name))].sort();
    };
    const pid = (await host.exec('cat', ['/run/libvirt/qemu/db.pid'])).trim();
    await host.exec('kill', ['-STOP', pid]);
    try {
      assert.deepEqual(await names(), ['web']);
      assert.deepEqual(await names(), ['web']);
      const state = await lab.connection.sample(new Set(['state', 'network']), soon());
      assert.equal(find(state, 'vm', 'db').gauges.state, 1);
    } finally {
      await host.exec('kill', ['-CONT', pid]);
    }
    for (let seen: string[] = []; !seen.includes('db'); ) seen = await names();
  });

  it('resets, and tells of one reboot', async () => {
    await doing('vm.rebooted', 'db', () => vms().reset(vm('db'), runningJob()));
    await host.virsh('domstats', 'db');
    assert.equal(lab.events.filter(({ type, name }) => type === 'vm.rebooted' && name === 'db').length, 1);
  });

  it('lets a call that was under way when the daemon died fail, and finds the guests as they are', async () => {
    const pid = (await host.exec('cat', ['/run/libvirt/qemu/db.pid'])).trim();
    await host.exec('kill', ['-STOP', pid]);
    const pausing = vms().pause(vm('db'), runningJob());
    pausing.catch(() => {});
    const gone = lab.next('host.disconnected', host.name);
    await lab.connection.vms.get(vm('web')); // the call before it has left
    await host.killDaemon();
    await gone;
    await assert.rejects(pausing, code('CONNECTION_LOST'));
    assert.equal(vm('web').power, 'unknown');
    await host.exec('kill', ['-CONT', pid]);
    await host.startDaemon();
    await lab.connection.connected();
    assert.deepEqual(await virshList(), powers());
  });

  it('shuts a guest down by agent and by ACPI', async () => {
    await waitForAgent(host, 'web');
    await doing('vm.stopped', 'web', () => vms().shutdown(vm('web'), { method: 'agent' }, runningJob()));
    assert.equal(vm('web').power, 'halted');
    await doing('vm.agent-connected', 'web', () => vms().start(vm('web'), {}, runningJob()));
    await doing('vm.stopped', 'web', () => vms().shutdown(vm('web'), { method: 'acpi' }, runningJob()));
    assert.equal(lab.events.findLast(({ type }) => type === 'vm.stopped')?.reason, 'shutdown');
  });

  it('tells of a QEMU that dies', async () => {
    const pid = (await host.exec('cat', ['/run/libvirt/qemu/db.pid'])).trim();
    await doing('vm.stopped', 'db', () => host.exec('kill', ['-KILL', pid]));
    assert.equal(lab.events.findLast(({ type }) => type === 'vm.stopped')?.reason, 'failed');
    assert.equal(vm('db').power, 'halted');
  });

  it('deletes a disk once no VM has it any more', async () => {
    const web = vm('web');
    const [disk] = web.disks;
    assert.ok(disk?.source);
    const toDelete = { target: disk.target, source: disk.source };
    await assert.rejects(vms().deleteDisk(toDelete, runningJob()), code('DISK_IN_USE'));
    await vms().undefine(web, runningJob());
    await host.exec('qemu-img', [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-b',
      disk.source,
      '-F',
      'qcow2',
      `${disk.source}.clone`,
    ]);
    await host.virsh('pool-refresh', 'images');
    await assert.rejects(vms().deleteDisk(toDelete, runningJob()), code('DISK_IN_USE'));
    await vms().deleteDisk({ target: 'vda', source: `${disk.source}.clone` }, runningJob());
    await vms().deleteDisk(toDelete, runningJob());
    await assert.rejects(access(disk.source));
  });

  it('finds a volume that its pool has not seen yet, and refuses one that lies in no pool', async () => {
    const source = await createDisk(host, 'late', 1);
    await vms().deleteDisk({ target: 'vda', source }, runningJob());
    await assert.rejects(access(source));
    const elsewhere = { target: 'vda', source: '/etc/hostname' };
    await assert.rejects(vms().deleteDisk(elsewhere, runningJob()), code('OBJECT_UNKNOWN'));
  });

  async function virshList(): Promise<Record<string, string>> {
    const lines = (await host.virsh('list', '--all')).trim().split('\n');
    const words = { running: 'running', paused: 'paused', shut: 'halted' } as const;
    return Object.fromEntries(
      lines.map((line) => {
        const [, name = '', state = ''] = line.trim().split(/\s+/);
        return [name, words[state as keyof typeof words] ?? state];
      }),
    );
  }

  function powers(): Record<string, string> {
    return Object.fromEntries(lab.inventory.list({ kind: 'vm' }).map(({ name, power }) => [name, power]));
  }
});

function find(readings: readonly Reading[], measurement: string, name: string): Reading {
  const found = readings.find((reading) => reading.measurement === measurement && reading.name === name);
  assert.ok(found, `${measurement} of ${name}`);
  return found;
}
