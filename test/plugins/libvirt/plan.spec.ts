import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allActions } from '../../../lib/actions/registry.ts';
import { defaultMqttSettings } from '../../../lib/api/mqtt/settings.ts';
import { DriverRegistry } from '../../../lib/drivers/registry.ts';
import { VirtflowError } from '../../../lib/model/errors.ts';
import type { OperationRequest } from '../../../lib/operations/operation.ts';
import { Platform } from '../../../lib/platform.ts';
import { libvirtDriver } from '../../../plugins/libvirt/index.ts';
import { requireLab } from '../../lab/availability.ts';
import { startTestDaemon, type TestDaemon } from '../../lab/daemon.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { silent } from '../../platform-on-simulator.ts';
import { Relay } from './relay.ts';

const disk = `<disk type='file'><source file='/default-pool/planned'/><target dev='vda'/></disk>`;
const domainXml = (name: string, devices = '') =>
  `<domain type='test'><name>${name}</name><memory unit='MiB'>64</memory><os><type>hvm</type></os>
   <devices>${devices}</devices></domain>`;

/** How virsh brings the VM into the state that an action needs. */
const preparations: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'vm.start': [],
  'vm.pause': [['start']],
  'vm.resume': [['start'], ['suspend']],
  'vm.suspend': [['start']],
  'vm.restore': [['start'], ['managedsave']],
  'vm.reset': [['start']],
  'vm.force-off': [['start']],
  'vm.shutdown': [['start']],
  'vm.reboot': [['start']],
  'vm.cancel-task': [['start']],
  'vm.delete': [],
  'vm.snapshot': [['start']],
  'vm.delete-snapshot': [['start'], ['snapshot-create-as', 'before']],
  'vm.prune-snapshots': [['start'], ['snapshot-create-as', 'before']],
};

const parametersOf: Readonly<Record<string, Record<string, unknown>>> = {
  'vm.delete': { disks: true },
  'vm.delete-snapshot': { name: 'before', foreign: true },
};

describe("plans on libvirt's test hypervisor", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), 'virtflow-plan-'));
  let daemon: TestDaemon;
  let relay: Relay;
  let platform: Platform;

  before(async function () {
    await requireLab(this, 'libvirt-daemon');
    daemon = await startTestDaemon();
    const own = await ownDirectory('plan');
    relay = new Relay(join(own, 'relay'), daemon.socket);
    await relay.listen();
    const drivers = new DriverRegistry();
    drivers.register(libvirtDriver);
    const mqtt = { ...defaultMqttSettings, broker: 'off' } as const;
    platform = new Platform({ metrics: 'off', dataDirectory: directory, log: silent, drivers, mqtt });
    platform.start();
    const uri = `test+unix:///default?socket=${relay.path}`;
    await platform.connections.acquire({ name: 'lab', driver: 'libvirt', uri }, 'test').connected();
    const file = join(own, 'planned.xml');
    await daemon.virsh('vol-create-as', 'default-pool', 'planned', '1M');
    await writeFile(file, domainXml('planned', disk));
    await daemon.virsh('define', file);
  });

  after(async () => {
    await platform?.stop();
    await relay?.close();
    await daemon?.stop();
    rmSync(directory, { recursive: true });
  });

  afterEach(async () => {
    await daemon.virsh('snapshot-delete', 'planned', 'before').catch(() => undefined);
    await daemon.virsh('managedsave-remove', 'planned').catch(() => undefined);
    await daemon.virsh('destroy', 'planned').catch(() => undefined);
  });

  async function target(): Promise<OperationRequest['target']> {
    return { connection: 'lab', kind: 'vm', id: (await daemon.virsh('domuuid', 'planned')).trim() };
  }

  async function theDomain(): Promise<{ uuid: string }> {
    return { uuid: (await daemon.virsh('domuuid', 'planned')).trim() };
  }

  async function operate(request: Pick<OperationRequest, 'action' | 'target' | 'parameters' | 'mode'>) {
    const { id } = await platform.operations.submit({ ...request, origin: { through: 'flow', principal: 'flow' } });
    return platform.operations.finished(id);
  }

  /** A plan that ends as planned, or is refused because the test hypervisor cannot do it; no changing frame either way. */
  async function planned(request: Pick<OperationRequest, 'action' | 'target' | 'parameters'>): Promise<unknown> {
    const before = relay.changes;
    try {
      const { state, error, sent } = await operate({ ...request, mode: 'plan' });
      assert.equal(state, 'planned', error?.message);
      assert.deepEqual(sent, []);
      return state;
    } catch (error) {
      if (error instanceof VirtflowError && error.code === 'CAPABILITY_MISSING') return error.code;
      throw error;
    } finally {
      assert.equal(relay.changes, before);
    }
  }

  for (const { id: action, needs } of allActions.filter((one) => one.target === 'vm')) {
    it(`${action} sends no changing frame`, async () => {
      for (const [verb, ...more] of preparations[action] ?? assert.fail(`${action} has no preparation here`)) {
        await daemon.virsh(verb ?? '', 'planned', ...more);
      }
      const parameters = parametersOf[action] ?? {};
      const { capabilities } = platform.connections.get('lab');
      const can = needs.every((need) => capabilities.has(need));
      assert.equal(
        await planned({ action, target: await target(), parameters }),
        can ? 'planned' : 'CAPABILITY_MISSING',
      );
    });
  }

  it('vm.define sends no changing frame, and defines nothing', async () => {
    const parameters = { definition: domainXml('never') };
    const on = { connection: 'lab', kind: 'connection' } as const;
    assert.equal(await planned({ action: 'vm.define', target: on, parameters }), 'planned');
    assert.doesNotMatch(await daemon.virsh('list', '--all', '--name'), /never/);
  });

  it('connection.call and connection.read send no changing frame', async () => {
    const on = { connection: 'lab', kind: 'connection' } as const;
    const { uuid } = await theDomain();
    const args = JSON.stringify({ dom: { name: 'planned', uuid } });
    const call = { target: on, parameters: { procedure: 'DOMAIN_CREATE', arguments: args } };
    assert.equal(await planned({ action: 'connection.call', ...call }), 'planned');
    assert.equal(await planned({ action: 'connection.read', ...call }), 'planned');
    const before = relay.changes;
    const refused = await operate({ action: 'connection.read', ...call });
    assert.deepEqual([refused.error?.code, relay.changes], ['PROCEDURE_CHANGES', before]);
    const info = { procedure: 'DOMAIN_GET_STATE', arguments: { dom: { name: 'planned', uuid } } };
    const read = await operate({ action: 'connection.read', target: on, parameters: info });
    assert.deepEqual([read.state, relay.changes], ['succeeded', before]);
    assert.equal((await operate({ action: 'connection.call', ...call })).state, 'succeeded');
    assert.ok(relay.changes > before);
    assert.match(await daemon.virsh('domstate', 'planned'), /running/);
  });

  it('are told from runs by the same count: a run does send', async () => {
    const before = relay.changes;
    assert.equal((await operate({ action: 'vm.start', target: await target(), parameters: {} })).state, 'succeeded');
    assert.ok(relay.changes > before);
  });
});
