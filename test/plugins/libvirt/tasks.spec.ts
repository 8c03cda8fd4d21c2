import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TaskRecord, TaskState } from '../../../lib/drivers/tasks.ts';
import { VirtflowError } from '../../../lib/model/errors.ts';
import type { Vm } from '../../../lib/model/objects.ts';
import type { OperationEvent } from '../../../lib/operations/operation.ts';
import { requireLab } from '../../lab/availability.ts';
import { bootGuest, createDisk, defineGuest, waitForState } from '../../lab/guests.ts';
import { type LabHost, startHost } from '../../lab/host.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { runningJob } from './rpc/jobs.ts';
import { type Watched, watch } from './watched-connection.ts';

describe('jobs of libvirt on QEMU', function () {
  this.timeout(180_000);
  let host: LabHost;
  let lab: Watched;
  const controllers: ChildProcess[] = [];

  before(async function () {
    await requireLab(this, 'hosts');
    host = await startHost('jobs');
    // A save is to last long enough to be watched: half a minute for what such a guest has in its memory.
    await host.exec('sh', ['-c', 'echo \'save_image_format = "xz"\' >> /etc/libvirt/qemu.conf']);
    await host.killDaemon();
    await host.startDaemon();
    const path = await createDisk(host, 'data', 64);
    await defineGuest(host, { name: 'web', memoryMiB: 128, disks: [{ path }] });
    await bootGuest(host, 'web');
    lab = watch(host.uri);
    lab.connection.start();
    await lab.connection.connected();
  });

  after(async () => {
    for (const controller of controllers) controller.kill('SIGKILL');
    await lab?.connection.stop();
    await host?.stop();
  });

  function web(): Vm {
    const found = lab.vm('web');
    assert.ok(found);
    return found;
  }

  const tasks = () => lab.connection.tasks;

  async function told(operation: string, state: TaskState, from: number): Promise<TaskRecord> {
    const find = () => lab.tasks.slice(from).find((one) => one.operation === operation && one.state === state);
    await lab.until(() => find() !== undefined);
    const found = find();
    assert.ok(found);
    return found;
  }

  it('are aborted when their operation is cancelled, at once, and the guest goes on', async () => {
    const job = runningJob();
    const from = lab.tasks.length;
    const saving = lab.connection.vms.suspend(web(), job);
    await told('save', 'running', from);
    const reason = new VirtflowError('OPERATION_CANCELLED', { by: ' by a test' });
    const begun = performance.now();
    job.abort(reason);
    await assert.rejects(saving, reason);
    const tookMs = performance.now() - begun;
    assert.deepEqual(
      job.stops.map(({ call, refused }) => [call, refused]),
      [['DOMAIN_ABORT_JOB', undefined]],
    );
    await lab.until(() => lab.vm('web')?.power === 'running');
    assert.equal((await told('save', 'cancelled', from)).name, 'web');
    console.log(
      `      aborted ${Math.round(job.stops[0]?.tookMs ?? 0)} ms, answered ${Math.round(tookMs)} ms after the cancel`,
    );
  });

  it('are aborted even when the cancel comes before libvirt has begun', async () => {
    const job = runningJob();
    const saving = lab.connection.vms.suspend(web(), job);
    await Promise.resolve();
    const reason = new VirtflowError('OPERATION_CANCELLED', { by: ' by a test' });
    job.abort(reason);
    await assert.rejects(saving, reason);
    await lab.until(() => lab.vm('web')?.power === 'running');
  });

  it('are left alone when virtflow stops, and can be taken up again', async () => {
    const job = runningJob();
    const from = lab.tasks.length;
    const saving = lab.connection.vms.suspend(web(), job);
    await told('save', 'running', from);
    job.abort(new VirtflowError('STOPPING'));
    await assert.rejects(saving, { code: 'STOPPING' });
    const [running] = await tasks().list();
    assert.equal(running?.operation, 'save');
    const followed = tasks().follow(running.task, () => undefined, AbortSignal.timeout(60_000));
    await tasks().cancel(running.task, runningJob());
    assert.equal((await followed)?.state, 'cancelled');
  });

  it('that somebody aborts with virsh end the operation as cancelled', async () => {
    const from = lab.tasks.length;
    const saving = lab.connection.vms.suspend(web(), runningJob());
    await told('save', 'running', from);
    await host.virsh('domjobabort', 'web');
    await assert.rejects(saving, { code: 'OPERATION_CANCELLED' });
  });

  it('of others are told by events: a save of virsh, with its progress', async () => {
    const from = lab.tasks.length;
    const saving = host.virsh('save', 'web', join(host.imagesDirectory, 'web.save'));
    saving.catch(() => undefined);
    const first = await told('save', 'running', from);
    await lab.until(() => (lab.tasks.at(-1)?.progress ?? 0) > (first.progress ?? 0));
    await host.virsh('domjobabort', 'web');
    const ended = await told('save', 'cancelled', from);
    assert.equal(ended.says, 'save canceled');
    await assert.rejects(saving);
  });

  it('of others are told by events: a backup in pull mode, which lasts until it is aborted', async () => {
    const xml = `<domainbackup mode='pull'><server transport='unix' socket='${join(host.imagesDirectory, 'nbd')}'/><disks>
      <disk name='vda' backup='yes' type='file'><scratch file='${join(host.imagesDirectory, 'scratch')}'/></disk></disks></domainbackup>`;
    const file = join(host.imagesDirectory, 'backup.xml');
    await writeFile(file, xml);
    const from = lab.tasks.length;
    await host.virsh('backup-begin', 'web', file);
    const running = await told('backup', 'running', from);
    assert.ok(running.cancellable);
    const followed = tasks().follow(running.task, () => undefined, AbortSignal.timeout(60_000));
    await tasks().cancel(running.task, runningJob());
    assert.equal((await followed)?.state, 'succeeded', 'to libvirt that is its proper end');
    assert.deepEqual(await tasks().list(), []);
  });

  it('outlive a virtflow that is killed, and its next life follows them to their end', async () => {
    const directory = await ownDirectory('jobs-state');
    const first = controller(directory, web().id);
    await first.until(({ operation }) => operation.progress > 0.05);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    assert.match(await host.virsh('domjobinfo', 'web'), /Operation: +Save/);

    const second = controller(directory);
    await second.until(({ operation }) => operation.why.some(({ rule }) => rule === 'task-followed'));
    const reached = second.events.at(-1)?.operation.progress ?? 1;
    await second.until(({ type, operation }) => type === 'progress' && operation.progress > reached);
    const { operation } = await second.until(({ type }) => type === 'settled');
    assert.equal(operation.state, 'succeeded');
    const rules = operation.why.map(({ rule }) => rule);
    assert.deepEqual(rules.slice(-4), ['task-followed', 'task-ended', 'changes-sent', 'asked-hypervisor']);
    assert.equal(operation.sent.length, 1, 'nothing was sent twice');
    await waitForState(host, 'web', 'shut off');
  });

  function controller(directory: string, vm?: string) {
    const script = join(import.meta.dirname, 'saving-controller.ts');
    const args = [script, host.uri, directory, ...(vm === undefined ? [] : [vm])];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    controllers.push(child);
    const events: OperationEvent[] = [];
    const waiting = new Set<() => void>();
    createInterface({ input: child.stdout }).on('line', (line) => {
      events.push(JSON.parse(line));
      for (const look of [...waiting]) look();
    });
    const until = (says: (event: OperationEvent) => boolean) =>
      new Promise<OperationEvent>((resolve) => {
        const look = () => {
          const found = events.find(says);
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      });
    return { child, events, until };
  }
});
