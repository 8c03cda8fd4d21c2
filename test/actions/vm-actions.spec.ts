import assert from 'node:assert/strict';
import type { Operation } from '../../lib/operations/operation.ts';
import { hang, ignoreShutdown } from '../../plugins/simulator/index.ts';
import { PlatformOnSimulator } from '../platform-on-simulator.ts';

describe('VM actions', () => {
  let house: PlatformOnSimulator;
  beforeEach(async () => {
    house = await PlatformOnSimulator.start();
  });
  afterEach(() => house.stop());

  const changingCalls = (operation: Operation) => operation.sent.map(({ name }) => name);
  const code = (expected: string) => (error: { code?: string }) => error.code === expected;

  describe('each lead to the power state they promise', () => {
    const steps = [
      ['vm.start', 'dev-02', 'running'],
      ['vm.pause', 'web-01', 'paused'],
      ['vm.resume', 'dev-01', 'running'],
      ['vm.suspend', 'web-01', 'suspended'],
      ['vm.force-off', 'web-01', 'halted'],
      ['vm.shutdown', 'web-01', 'halted'],
    ] as const;
    for (const [action, name, power] of steps) {
      it(`${action}: ${power}`, async () => {
        const operation = await house.run(action, name);
        assert.equal(operation.state, 'succeeded', operation.error?.message);
        assert.deepEqual([house.vm(name).power, operation.result?.changed], [power, true]);
      });
    }
  });

  it('restore a suspended VM, or start it, which is the same', async () => {
    for (const action of ['vm.restore', 'vm.start']) {
      await house.run('vm.suspend', 'web-01');
      await house.run(action, 'web-01');
      assert.equal(house.vm('web-01').power, 'running');
    }
  });

  it('start paused on request', async () => {
    await house.run('vm.start', 'dev-02', { paused: true });
    assert.equal(house.vm('dev-02').power, 'paused');
  });

  it('reboot and reset a running VM', async () => {
    for (const action of ['vm.reboot', 'vm.reset']) {
      const operation = await house.run(action, 'web-01');
      assert.deepEqual([operation.state, house.vm('web-01').power], ['succeeded', 'running']);
    }
  });

  it('send nothing when what is wanted holds already', async () => {
    const operation = await house.run('vm.start', 'web-01');
    assert.deepEqual(
      [operation.state, operation.result, changingCalls(operation)],
      ['succeeded', { changed: false }, []],
    );
  });

  it('refuse what the state forbids before any effect', async () => {
    await assert.rejects(house.run('vm.resume', 'dev-02'), code('STATE_FORBIDS'));
    await assert.rejects(house.run('vm.delete', 'web-01'), code('STATE_FORBIDS'));
  });

  it('refuse a parameter out of range and name it', async () => {
    await assert.rejects(house.run('vm.shutdown', 'web-01', { waitSeconds: 0 }), /waitSeconds/);
    await assert.rejects(house.run('vm.shutdown', 'web-01', { method: 'shout' }), code('PARAMETER_INVALID'));
    await assert.rejects(house.run('vm.shutdown', 'web-01', { wait: 5 }), code('PARAMETER_INVALID'));
  });

  describe('shut down', () => {
    it('gives up on a guest that does not listen, and leaves it running', async () => {
      ignoreShutdown(house.world.vmNamed('web-01'));
      const operation = await house.run('vm.shutdown', 'web-01', { waitSeconds: 1 });
      assert.deepEqual([operation.state, operation.error?.code], ['failed', 'SHUTDOWN_TIMED_OUT']);
      assert.equal(house.vm('web-01').power, 'running');
    });

    it('cuts the power after the time-out when it may', async () => {
      ignoreShutdown(house.world.vmNamed('web-01'));
      const operation = await house.run('vm.shutdown', 'web-01', { waitSeconds: 1, force: true });
      assert.deepEqual([operation.state, operation.result?.forced], ['succeeded', true]);
      assert.equal(house.vm('web-01').power, 'halted');
    });

    it('does not blame the guest when the hypervisor is gone: only it can tell, once it answers again', async () => {
      const { operations } = house.platform;
      const loseConnection = () => {
        house.world.faults.refuse();
        house.world.faults.drop();
      };
      const interrupted = new Promise<Operation>((resolve) => {
        operations.events.subscribe(({ type, operation }) => {
          if (type === 'progress' && operation.step === 'waiting for the guest') loseConnection();
          if (type === 'interrupted') resolve(operation);
        });
      });
      ignoreShutdown(house.world.vmNamed('web-01'));
      const ended = house.run('vm.shutdown', 'web-01', { waitSeconds: 1 });
      const { id } = await interrupted;
      operations.cancel(id, 'the test');
      assert.equal((await ended).state, 'cancelled');
    });

    it('uses the power button when the agent hangs, unless the agent was asked for', async () => {
      hang(house.world.vmNamed('web-01'));
      const byAgent = await house.run('vm.shutdown', 'web-01', { method: 'agent', waitSeconds: 1 });
      assert.equal(byAgent.error?.code, 'AGENT_UNAVAILABLE');
      const auto = await house.run('vm.shutdown', 'web-01', { method: 'auto', waitSeconds: 1 });
      assert.equal(auto.error?.code, 'SHUTDOWN_TIMED_OUT');
    });
  });

  describe('define and delete', () => {
    const define = async (definition: string) => {
      const { operations } = house.platform;
      const target = { connection: 'lab', kind: 'connection' } as const;
      const origin = { through: 'flow', principal: 'flow' } as const;
      const { id } = await operations.submit({ action: 'vm.define', target, parameters: { definition }, origin });
      return operations.finished(id);
    };

    it('define a VM that is there afterwards, off', async () => {
      const operation = await define(JSON.stringify({ name: 'new-01', memoryMiB: 512 }));
      assert.equal(operation.state, 'succeeded', operation.error?.message);
      assert.equal(house.vm('new-01').power, 'halted');
    });

    it('refuse a definition that cannot be read', async () => {
      const operation = await define('<domain/>');
      assert.equal(operation.error?.code, 'DEFINITION_INVALID');
    });

    it('delete a VM and keep its disks unless told otherwise', async () => {
      const operation = await house.run('vm.delete', 'dev-02');
      assert.equal(operation.state, 'succeeded', operation.error?.message);
      assert.throws(() => house.vm('dev-02'));
      assert.deepEqual(operation.result?.deletedDisks, []);
    });

    it('delete only the disks that nobody else uses', async () => {
      const disks = [
        { target: 'vda', source: '/pool/own.qcow2' },
        { target: 'vdb', source: '/pool/both.qcow2' },
        { target: 'vdc', source: '/pool/shared.qcow2', shareable: true },
        { target: 'sda', source: '/pool/debian.iso', device: 'cdrom', readOnly: true },
      ];
      await define(JSON.stringify({ name: 'new-01', disks }));
      await define(JSON.stringify({ name: 'new-02', disks: disks.slice(1, 2) }));
      const operation = await house.run('vm.delete', 'new-01', { disks: true });
      assert.equal(operation.state, 'succeeded', operation.error?.message);
      assert.deepEqual(operation.result?.deletedDisks, ['/pool/own.qcow2']);
    });

    it('end as partial when a disk cannot be deleted', async () => {
      await define(JSON.stringify({ name: 'new-01', disks: [{ target: 'vda', source: '/pool/own.qcow2' }] }));
      house.world.faults.inject({ kind: 'error', call: 'volume.delete', reason: 'the storage is away' });
      const operation = await house.run('vm.delete', 'new-01', { disks: true });
      assert.equal(operation.state, 'partial');
      assert.match(operation.error?.message ?? '', /storage is away/);
    });
  });
});
