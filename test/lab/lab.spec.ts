import { ok, rejects, strictEqual } from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { requireLab } from './availability.ts';
import { run } from './command.ts';
import { until } from './condition.ts';
import { agentCommand, bootGuest, createDisk, defineGuest, waitForAgent, waitForState } from './guests.ts';
import { type LabHost, startHost } from './host.ts';

describe('lab hosts', function () {
  this.timeout(60_000);
  let alpha: LabHost;
  let beta: LabHost;

  before(async function () {
    await requireLab(this, 'hosts');
    [alpha, beta] = await Promise.all([startHost('alpha'), startHost('beta')]);
  });

  after(async () => {
    await Promise.all([alpha?.stop(), beta?.stop()]);
  });

  it('are separate machines', async () => {
    await defineGuest(alpha, { name: 'only-here' });
    strictEqual((await alpha.virsh('hostname')).trim(), 'alpha');
    strictEqual((await beta.virsh('hostname')).trim(), 'beta');
    ok((await alpha.virsh('list', '--all', '--name')).includes('only-here'));
    ok(!(await beta.virsh('list', '--all', '--name')).includes('only-here'));
    ok((await alpha.virsh('capabilities')).includes(alpha.uuid));
  });

  it('leave the rest of the machine alone', async () => {
    ok(!(await alpha.exec('ps', ['-eo', 'comm'])).includes('node'));
    strictEqual((await alpha.exec('cat', ['/etc/hostname'])).trim(), 'alpha');
    for (const path of ['/run/libvirt/libvirt-sock', '/etc/libvirt/qemu/only-here.xml']) {
      await rejects(run('stat', [path]), `${path} appeared on the machine`);
    }
  });

  it('boot guests whose agent answers and whose disk works', async () => {
    const disk = await createDisk(alpha, 'web-1', 64);
    await defineGuest(alpha, {
      name: 'web-1',
      disks: [{ path: disk }],
      network: 'default',
      commandLine: 'lab.data=vda',
    });
    await alpha.virsh('net-start', 'default');
    await bootGuest(alpha, 'web-1');
    const { 'host-name': name } = (await agentCommand(alpha, 'web-1', 'guest-get-host-name')) as Record<string, string>;
    strictEqual(name, 'web-1');
    await until('an address by DHCP', async () => {
      const leases = await alpha.virsh('domifaddr', 'web-1');
      return leases.includes('192.168.122.') || undefined;
    });
    const filesystems = await until('the data disk', async () => {
      const mounted = JSON.stringify(await agentCommand(alpha, 'web-1', 'guest-get-fsinfo'));
      return mounted.includes('/data') ? mounted : undefined;
    });
    ok(filesystems.includes('vda'));
  });

  it('keep their guests when libvirtd is killed and started again', async () => {
    const id = await alpha.virsh('domid', 'web-1');
    await alpha.killDaemon();
    await rejects(alpha.virsh('list'));
    await alpha.startDaemon();
    strictEqual(await alpha.virsh('domid', 'web-1'), id);
    await waitForAgent(alpha, 'web-1');
  });

  it('answer over TCP', async () => {
    const uri = `qemu+tcp://${alpha.tcp.host}:${alpha.tcp.port}/system`;
    strictEqual((await run('virsh', ['-q', '-c', uri, 'hostname'])).trim(), 'alpha');
  });

  it('reach one another by name', async () => {
    const uri = `qemu+tcp://alpha:${alpha.tcp.port}/system`;
    strictEqual((await beta.exec('virsh', ['-q', '-c', uri, 'hostname'])).trim(), 'alpha');
  });

  it('fall silent when cut off, and come back', async () => {
    const uri = `qemu+tcp://${alpha.tcp.host}:${alpha.tcp.port}/system`;
    const ask = () => run('virsh', ['-q', '-c', uri, 'hostname'], { timeoutMs: 1_000 });
    await alpha.partition();
    await rejects(ask, /killed/);
    await alpha.heal();
    await until('alpha after healing', ask);
  });

  it('shut guests down by ACPI', async () => {
    await alpha.virsh('shutdown', 'web-1', '--mode', 'acpi');
    await waitForState(alpha, 'web-1', 'shut off');
  });

  it('have guests that ignore ACPI, and guests without an agent', async () => {
    await defineGuest(beta, { name: 'deaf', acpi: 'ignored', memoryMiB: 128 });
    await defineGuest(beta, { name: 'mute', agent: 'absent' });
    await defineGuest(beta, { name: 'silent', agent: 'silent' });
    await Promise.all([bootGuest(beta, 'deaf'), beta.virsh('start', 'mute'), beta.virsh('start', 'silent')]);
    await until('mute to boot', () => bootedWithoutAgent(beta, 'mute'));
    await until('silent to boot', () => bootedWithoutAgent(beta, 'silent'));
    await rejects(agentCommand(beta, 'mute', 'guest-ping'), /agent is not configured/);
    await rejects(agentCommand(beta, 'silent', 'guest-ping'), /agent is not connected/);
    for (const name of ['deaf', 'mute', 'silent']) await beta.virsh('shutdown', name, '--mode', 'acpi');
    await waitForState(beta, 'mute', 'shut off');
    await waitForState(beta, 'silent', 'shut off');
    strictEqual((await beta.virsh('domstate', 'deaf')).trim(), 'running');
  });

  it('lose their guests, but not what is defined, in a power failure', async () => {
    await beta.crash();
    await rejects(beta.virsh('list'));
    await beta.boot();
    await waitForState(beta, 'deaf', 'shut off');
  });

  it('refuse a second host of the same name', async () => {
    await rejects(startHost('alpha'), /EEXIST/);
    strictEqual((await alpha.virsh('hostname')).trim(), 'alpha');
  });

  it('may be stopped twice', async () => {
    await beta.stop();
    await beta.stop();
    await rejects(beta.virsh('list'));
  });
});

async function bootedWithoutAgent(host: LabHost, name: string): Promise<true | undefined> {
  const log = await host.exec('cat', [`/var/log/libvirt/qemu/${name}-serial.log`]);
  return log.includes('lab: ready') || undefined;
}
