import { ok, rejects, strictEqual } from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { requireLab } from './availability.ts';
import { run } from './command.ts';
import { startTestDaemon, type TestDaemon } from './daemon.ts';

describe('the lab test daemon', () => {
  let daemon: TestDaemon;

  before(async function () {
    await requireLab(this, 'libvirt-daemon');
    daemon = await startTestDaemon();
  });

  after(async () => {
    await daemon?.stop();
    await daemon?.stop();
  });

  it('serves test:///default over its unix socket', async () => {
    ok((await daemon.virsh('list', '--name')).includes('test'));
  });

  it('serves it over TCP', async () => {
    const uri = `test+tcp://${daemon.tcp.host}:${daemon.tcp.port}/default`;
    ok((await run('virsh', ['-q', '-c', uri, 'list', '--name'])).includes('test'));
  });

  it('serves a node file with as many domains as wanted', async () => {
    const uri = `test+unix://${await daemon.nodeFile(200)}?socket=${daemon.socket}`;
    const names = await run('virsh', ['-q', '-c', uri, 'list', '--name']);
    strictEqual(names.trim().split('\n').length, 200);
  });

  it('comes back on the same socket and port after kill -9', async () => {
    const { pid } = daemon;
    await daemon.kill9();
    await rejects(daemon.virsh('list'));
    await daemon.restart();
    ok(daemon.pid !== pid);
    ok((await daemon.virsh('list', '--name')).includes('test'));
  });

  it('tells how it died to whoever needs it', async () => {
    const doomed = await startTestDaemon();
    const waiting = doomed.whileAlive(new Promise<never>(() => {}));
    process.kill(doomed.pid, 'SIGSEGV');
    await rejects(waiting, /libvirtd is gone: SIGSEGV/);
    await rejects(doomed.virsh('list'), /libvirtd is gone: SIGSEGV/);
    await doomed.restart();
    await rejects(doomed.virsh('start', 'test'), {
      name: 'CommandError',
      message: /start test: exit 1: error: Domain is already active$/,
    });
    await doomed.stop();
  });

  it('does not disturb a second one', async () => {
    const second = await startTestDaemon();
    await daemon.virsh('destroy', 'test');
    ok((await second.virsh('list', '--name')).includes('test'));
    await second.stop();
  });
});
