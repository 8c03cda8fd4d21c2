import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { metricTiers } from '../../../lib/drivers/driver.ts';
import { VirtflowError } from '../../../lib/model/errors.ts';
import { libvirtDriver } from '../../../plugins/libvirt/index.ts';
import { requireLab } from '../../lab/availability.ts';
import { startTestDaemon, type TestDaemon } from '../../lab/daemon.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { runningJob } from './rpc/jobs.ts';
import { type Watched, watch } from './watched-connection.ts';

const code = (expected: string) => (error: unknown) => error instanceof VirtflowError && error.code === expected;
const soon = () => AbortSignal.timeout(10_000);
const domainXml = (name: string) =>
  `<domain type='test'><name>${name}</name><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>`;

describe("the libvirt driver on libvirt's test hypervisor", () => {
  let daemon: TestDaemon;
  let lab: Watched;

  before(async function () {
    await requireLab(this, 'libvirt-daemon');
    daemon = await startTestDaemon();
  });

  after(() => daemon?.stop());

  beforeEach(async () => {
    lab = watch(daemon.uri);
    lab.connection.start();
    await daemon.whileAlive(lab.connection.connected());
  });

  afterEach(() => lab?.connection.stop());

  it('is probed over unix socket and TCP', async () => {
    for (const uri of [daemon.uri, `test+tcp://127.0.0.1:${daemon.tcp.port}/default`]) {
      const report = await libvirtDriver.probe({ name: 'lab', driver: 'libvirt', uri }, soon());
      assert.equal(report.hypervisor, 'TEST');
      assert.equal(report.vms, 1);
      assert.match(report.version, /^\d+\.\d+\.\d+$/);
    }
  });

  it('tells everything as one reset before it says that it is connected', () => {
    const [change] = lab.changes;
    assert.equal(change?.type, 'reset');
    const kinds = lab.inventory.list().map(({ kind }) => kind);
    assert.deepEqual(kinds.sort(), ['host', 'network', 'storage-pool', 'vm']);
    assert.deepEqual(
      lab.states.map(({ phase }) => phase),
      ['connecting', 'connected'],
    );
    assert.equal(lab.events[0]?.type, 'host.connected');
  });

  it('follows what others do with domains, networks and pools, without asking again', async () => {
    const stopped = lab.next('vm.stopped', 'test');
    await daemon.virsh('destroy', 'test');
    assert.equal((await stopped).reason, 'destroyed');
    assert.equal(lab.vm('test')?.power, 'halted');
    const started = lab.next('vm.started', 'test');
    await daemon.virsh('start', 'test');
    await started;
    assert.equal(lab.vm('test')?.power, 'running');
    const network = lab.next('network.stopped', 'default');
    const pool = lab.next('storage-pool.stopped', 'default-pool');
    await daemon.virsh('net-destroy', 'default');
    await daemon.virsh('pool-destroy', 'default-pool');
    await Promise.all([network, pool]);
    assert.equal(lab.inventory.list({ kind: 'network' })[0]?.active, false);
    assert.equal(lab.inventory.list({ kind: 'storage-pool' })[0]?.active, false);
    await daemon.virsh('net-start', 'default');
    await daemon.virsh('pool-start', 'default-pool');
  });

  it('never asks for the passwords of a domain, and says none that stands in a document', async () => {
    const display = "<devices><graphics type='vnc' passwd='hunter2hunter2'/></devices>";
    const xml = domainXml('secured').replace('</domain>', `${display}</domain>`);
    const job = runningJob();
    const vm = await lab.connection.vms.define(xml, job);
    assert.match(await daemon.virsh('dumpxml', '--security-info', 'secured'), /hunter2/);
    const told = [await lab.connection.vms.definition(vm), JSON.stringify(lab.vm('secured'))];
    assert.doesNotMatch(told.join(), /hunter2/);
    const broken = lab.connection.vms.define(xml.replace('</devices>', ''), job);
    await assert.rejects(
      broken,
      (error) => code('DEFINITION_INVALID')(error) && !/hunter2/.test(JSON.stringify(error)),
    );
    await lab.connection.vms.undefine(vm, job);
  });

  it('defines, starts, pauses, resumes, cuts off and undefines a domain', async () => {
    const job = runningJob();
    const vm = await lab.connection.vms.define(domainXml('cycle'), job);
    const steps = [
      ['vm.started', 'running', () => lab.connection.vms.start(vm, {}, job)],
      ['vm.paused', 'paused', () => lab.connection.vms.pause(vm, job)],
      ['vm.resumed', 'running', () => lab.connection.vms.resume(vm, job)],
      ['vm.stopped', 'halted', () => lab.connection.vms.shutdown(vm, { method: 'acpi' }, job)],
      ['vm.started', 'running', () => lab.connection.vms.start(vm, {}, job)],
      ['vm.stopped', 'halted', () => lab.connection.vms.forceOff(vm, job)],
    ] as const;
    for (const [type, power, act] of steps) {
      const event = lab.next(type, 'cycle');
      await act();
      await event;
      assert.equal(lab.vm('cycle')?.power, power);
      assert.equal((await lab.connection.vms.get(vm))?.power, power);
    }
    const undefined_ = lab.next('vm.undefined', 'cycle');
    await lab.connection.vms.undefine(vm, job);
    await undefined_;
    assert.equal(lab.vm('cycle'), undefined);
    assert.equal(await lab.connection.vms.get(vm), undefined);
    await assert.rejects(lab.connection.vms.start(vm, {}, job), code('OBJECT_UNKNOWN'));
  });

  it('refuses a wrong definition, and nothing is left of it', async () => {
    const wrong = [
      'not XML',
      "<domain type='test'>",
      '<network><name>a</name></network>',
      "<!DOCTYPE domain><domain type='test'><name>w</name></domain>",
      domainXml('w').replace('<os>', '<osx/><os>'),
      domainXml('w').replace('hvm', 'nothing'),
    ];
    for (const xml of wrong) {
      await assert.rejects(lab.connection.vms.define(xml, runningJob()), code('DEFINITION_INVALID'), xml);
    }
    assert.deepEqual((await daemon.virsh('list', '--all', '--name')).trim(), 'test');
  });

  it('sends no changing call in a plan', async () => {
    const vm = lab.vm('test');
    assert.ok(vm);
    await assert.rejects(lab.connection.vms.forceOff(vm, runningJob('plan')), code('CHANGE_IN_PLAN'));
    assert.equal((await lab.connection.vms.get(vm))?.power, 'running');
  });

  it('samples host, domains and pools', async () => {
    const readings = await lab.connection.sample(new Set(metricTiers), soon());
    const of = (measurement: string) => readings.find((reading) => reading.measurement === measurement);
    assert.equal(of('vm')?.gauges.state, 1);
    assert.equal(of('host')?.gauges.vms_running, 1);
    assert.ok((of('host')?.counters.cpu_seconds_total ?? 0) > 0);
    assert.ok((of('storage_pool')?.gauges.capacity_bytes ?? 0) > 0);
  });

  it('comes back after the daemon died, with what there is then', async () => {
    const job = runningJob();
    const vm = await lab.connection.vms.define(domainXml('lost'), job);
    const [test] = lab.inventory.list({ kind: 'vm' });
    assert.ok(test);
    const gone = lab.next('host.disconnected', lab.inventory.list({ kind: 'host' })[0]?.name ?? '');
    await daemon.kill9();
    await gone;
    assert.equal(lab.vm('test')?.power, 'unknown');
    assert.equal(lab.inventory.list({ kind: 'host' })[0]?.live, false);
    await assert.rejects(lab.connection.vms.start(vm, {}, job), code('CONNECTION_DOWN'));
    await assert.rejects(lab.connection.sample(new Set(['state']), soon()), code('CONNECTION_DOWN'));
    await daemon.restart();
    await lab.connection.connected();
    const names = (await daemon.virsh('list', '--all', '--name')).trim().split('\n');
    assert.deepEqual(
      lab.inventory.list({ kind: 'vm' }).map(({ name }) => name),
      names,
    );
    assert.equal(lab.vm('test')?.power, 'running');
  });

  it('does not lose or turn round what happens while the lists are read', async () => {
    const storm = (async () => {
      for (let round = 0; round < 15; round++) {
        await daemon.virsh('suspend', 'test');
        await daemon.virsh('resume', 'test');
      }
    })();
    const others: Watched[] = [];
    let storming = true;
    const over = storm.then(() => {
      storming = false;
    });
    while (storming) {
      const other = watch(daemon.uri);
      others.push(other);
      other.connection.start();
      await daemon.whileAlive(other.connection.connected());
    }
    await over;
    const stopped = others.map((other) => other.next('vm.stopped', 'test'));
    await daemon.virsh('destroy', 'test');
    await Promise.all(stopped);
    for (const other of others) {
      await other.until(() => other.vm('test')?.power === 'halted');
      const types = other.events.map(({ type }) => type).filter((type) => /paused|resumed/.test(type));
      for (let i = 1; i < types.length; i++) assert.notEqual(types[i], types[i - 1]);
      await other.connection.stop();
    }
    await daemon.virsh('start', 'test');
  });

  it('reads a thousand domains, while the event loop goes on turning', async () => {
    const many = watch(`test+unix://${await daemon.nodeFile(1000)}?socket=${daemon.socket}`);
    let turns = 0;
    const turning = setInterval(() => {
      turns += 1;
    }, 1);
    many.connection.start();
    await many.connection.connected();
    clearInterval(turning);
    assert.equal(many.inventory.list({ kind: 'vm' }).length, 1000);
    assert.ok(turns > 5, `${turns} turns`);
    await many.connection.stop();
  });

  it('can be stopped in any state, twice, and started again', async () => {
    const early = watch(daemon.uri);
    await early.connection.stop();
    early.connection.start();
    const waiting = early.connection.connected();
    await Promise.all([
      early.connection.stop(),
      early.connection.stop(),
      assert.rejects(waiting, code('CONNECTION_DOWN')),
    ]);
    assert.equal(early.connection.state.phase, 'stopped');
    early.connection.start();
    await early.connection.connected();
    await early.connection.stop();
    await assert.rejects(early.connection.sample(new Set(['state']), soon()), code('CONNECTION_DOWN'));
  });

  it('stops waiting for a connection when it is told to', async () => {
    const nowhere = watch('qemu+unix:///system?socket=/nowhere');
    nowhere.connection.start();
    await assert.rejects(nowhere.connection.connected(AbortSignal.abort(new Error('enough'))), /enough/);
    await nowhere.until(() => nowhere.connection.state.phase === 'waiting');
    const [, state] = nowhere.states;
    assert.ok(state?.phase === 'waiting' && state.retryAt > Date.now() - 1000);
    assert.equal(state.error.code, 'CONNECTION_REFUSED');
    assert.match(state.error.message, /no such socket/);
    await nowhere.connection.stop();
  });

  it('says what is wrong with an address that leads elsewhere', async () => {
    const probe = (uri: string) => libvirtDriver.probe({ name: 'lab', driver: 'libvirt', uri }, soon());
    await assert.rejects(probe('qemu+tcp://127.0.0.1:1/system'), code('CONNECTION_REFUSED'));
    await assert.rejects(
      probe(daemon.uri.replace('test+unix:///default', 'qemu+unix:///system')),
      code('CONNECTION_REFUSED'),
    );
    const web = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    await once(web.listen(0, '127.0.0.1'), 'listening');
    const address = web.address();
    assert.ok(address !== null && typeof address === 'object');
    await assert.rejects(probe(`qemu+tcp://127.0.0.1:${address.port}/system`), code('PROTOCOL_VIOLATION'));
    web.close();
    const file = join(await ownDirectory('no-socket'), 'file');
    await writeFile(file, '');
    await assert.rejects(probe(`qemu+unix:///system?socket=${file}`), code('CONNECTION_REFUSED'));
  });
});
