import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultMqttSettings } from '../../../lib/api/mqtt/settings.ts';
import type { HostObstacles } from '../../../lib/drivers/obstacles.ts';
import { DriverRegistry } from '../../../lib/drivers/registry.ts';
import type { ObjectRef } from '../../../lib/model/reference.ts';
import type { Operation, OperationEvent } from '../../../lib/operations/operation.ts';
import { Platform } from '../../../lib/platform.ts';
import { createWorld, DrivenClock, forgetWorld, simulatorDriver } from '../../../plugins/simulator/index.ts';
import { forceOff } from '../../../plugins/simulator/power.ts';
import type { World } from '../../../plugins/simulator/world.ts';
import { silent } from '../../platform-on-simulator.ts';

/** A platform on a world whose time passes when the test says so. */
describe('tasks of a simulated world', () => {
  let clock: DrivenClock;
  let world: World;
  let platform: Platform;
  let directory: string;
  const told: OperationEvent[] = [];

  beforeEach(async () => {
    clock = new DrivenClock();
    world = createWorld('tasks', {}, clock);
    directory = mkdtempSync(join(tmpdir(), 'virtflow-tasks-'));
    const drivers = new DriverRegistry();
    drivers.register(simulatorDriver);
    const mqtt = { ...defaultMqttSettings, broker: 'off' } as const;
    platform = new Platform({ metrics: 'off', dataDirectory: directory, log: silent, drivers, mqtt });
    told.length = 0;
    platform.operations.events.subscribe((event) => told.push(event));
    platform.start();
    const uri = 'simulator:///tasks?latencyMs=0';
    await platform.connections.acquire({ name: 'lab', driver: 'simulator', uri }, 'test').connected();
  });

  afterEach(async () => {
    await platform.stop();
    forgetWorld('tasks');
    rmSync(directory, { recursive: true });
  });

  const ref = (name: string): ObjectRef => ({ connection: 'lab', kind: 'vm', id: world.vmNamed(name).id });
  const rules = ({ why }: Operation) => why.map(({ rule }) => rule);
  const running = () => world.tasks.running().map(({ operation }) => operation);

  async function submit(action: string, name: string, parameters = {}): Promise<string> {
    const origin = { through: 'flow', principal: 'flow' } as const;
    return (await platform.operations.submit({ action, target: ref(name), parameters, origin })).id;
  }

  /** Resolves when it is told; what was told before counts as well. */
  function until(says: (event: OperationEvent) => boolean): Promise<OperationEvent> {
    const { promise, resolve } = Promise.withResolvers<OperationEvent>();
    const unsubscribe = platform.operations.events.subscribe((event) => says(event) && resolve(event));
    const before = told.find(says);
    if (before) resolve(before);
    return promise.finally(unsubscribe);
  }

  async function untilTask(operation: string): Promise<void> {
    while (!running().includes(operation)) await new Promise(setImmediate);
  }

  it('go on when the connection breaks, and their operation is taken up again at them', async () => {
    const id = await submit('vm.suspend', 'web-01');
    await untilTask('save');
    clock.advance(100);
    world.faults.drop();
    await until(({ type }) => type === 'interrupted');
    clock.advance(100);
    await until(({ operation }) => operation.id === id && rules(operation).includes('task-followed'));
    clock.advance(30_000);
    const ended = await platform.operations.finished(id);
    assert.equal(ended.state, 'succeeded');
    assert.ok(rules(ended).includes('task-ended'));
    assert.equal(ended.sent.length, 1);
  });

  it('are stopped by a cancel that comes after the connection broke', async () => {
    const id = await submit('vm.suspend', 'web-01');
    await untilTask('save');
    world.faults.drop();
    await until(({ operation }) => operation.id === id && rules(operation).includes('task-followed'));
    platform.operations.cancel(id, 'alice');
    const ended = await platform.operations.finished(id);
    assert.equal(ended.state, 'cancelled');
    assert.ok(rules(ended).includes('task-stop'));
    assert.equal(world.vmNamed('web-01').power, 'running');
  });

  it('that cannot be stopped go on, and the operation says so and how it ended', async () => {
    const saved = await submit('vm.suspend', 'web-01');
    await untilTask('save');
    clock.advance(30_000);
    await platform.operations.finished(saved);
    const id = await submit('vm.restore', 'web-01');
    await untilTask('restore');
    platform.operations.cancel(id, 'alice');
    clock.advance(30_000);
    const ended = await platform.operations.finished(id);
    assert.equal(ended.state, 'succeeded');
    assert.match(ended.why.find(({ rule }) => rule === 'task-stop')?.says ?? '', /restore cannot be stopped/);
    assert.ok(rules(ended).includes('stop-too-late'));
  });

  it('are a guest that goes down: nobody calls it back', async () => {
    const id = await submit('vm.shutdown', 'web-01');
    await untilTask('shutdown');
    const [task] = await platform.connections.get('lab').tasks.list();
    assert.deepEqual([task?.operation, task?.cancellable], ['shutdown', false]);
    assert.deepEqual(platform.operations.external.list(), [], 'it is ours');
    clock.advance(10_000);
    assert.equal((await platform.operations.finished(id)).state, 'succeeded');
    assert.deepEqual(running(), []);
  });

  it('fail with the VM that they are about', async () => {
    await submit('vm.shutdown', 'web-01');
    await untilTask('shutdown');
    const [task] = world.tasks.running();
    assert.ok(task);
    forceOff(world, world.vmNamed('web-01'));
    assert.equal(world.tasks.get(task.id)?.state, 'failed');
  });

  it('that others begin are seen and stopped like those of a real hypervisor', async () => {
    const vm = world.vmNamed('web-01');
    const task = world.tasks.begin({ operation: 'export', vm, cancel: (says) => task.end('cancelled', says) });
    const [seen] = platform.operations.external.list();
    assert.deepEqual([seen?.action, seen?.targetName], ['external.export', 'web-01']);
    assert.ok(seen);
    await platform.operations.requestCancel(seen.id, { through: 'flow', principal: 'flow' });
    const { operation } = await until(({ type, operation: { id } }) => type === 'ended' && id === seen.id);
    assert.equal(operation.state, 'cancelled');
    assert.equal(platform.operations.get(seen.id).state, 'cancelled', 'the history has it');
    const audited = [...platform.access.audit.rows()].map(({ entry }) => entry);
    assert.ok(
      audited.every((entry) => !entry.includes(seen.id)),
      'virtflow changed nothing by it',
    );
    assert.ok(
      audited.some((entry) => entry.includes('vm.cancel-task')),
      'but it did by the cancel',
    );
  });

  it('are forgotten when many have ended since', () => {
    const vm = world.vmNamed('web-01');
    const first = world.tasks.begin({ operation: 'export', vm });
    first.end('succeeded');
    for (let count = 0; count < 200; count += 1) world.tasks.begin({ operation: 'export', vm }).end('succeeded');
    assert.equal(world.tasks.get(first.id), undefined);
  });

  it('leave a start that no host can carry with a reason for each host', async () => {
    const [away] = world.hosts.values();
    assert.ok(away);
    away.live = false;
    const definition = JSON.stringify({ name: 'huge', memoryMiB: 1024 * 1024 });
    const origin = { through: 'flow', principal: 'flow' } as const;
    const target = { connection: 'lab', kind: 'connection' } as const;
    const define = await platform.operations.submit({
      action: 'vm.define',
      target,
      parameters: { definition },
      origin,
    });
    await platform.operations.finished(define.id);
    const { error } = await platform.operations.finished(await submit('vm.start', 'huge'));
    assert.equal(error?.code, 'RESOURCES_EXHAUSTED');
    const hosts = error.details?.hosts as readonly HostObstacles[];
    assert.deepEqual(
      hosts.map(({ host, obstacles }) => [host, obstacles[0]?.what]),
      [...world.hosts.values()].map(({ name, live }) => [name, live ? 'memory' : 'host']),
    );
    assert.match(error.message, /does not answer; .*1024\.0 GiB needed/);
  });
});
