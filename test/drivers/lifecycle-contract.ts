import assert from 'node:assert/strict';
import type { ContractContext } from './contract.ts';
import { aJob } from './subject.ts';

export function lifecycleContract({ setup, subject }: ContractContext): void {
  describe('a VM', () => {
    it('is asked of the hypervisor itself', async () => {
      const ref = await subject().freshVm();
      const vm = await subject().vms.get(ref);
      assert.ok(vm);
      assert.equal(vm.power, 'halted');
      assert.equal(vm.template, false);
      assert.ok(vm.name !== '' && vm.vcpus.current >= 1 && vm.memoryBytes.current > 0);
      assert.equal(await subject().vms.get(subject().ref('00000000-0000-4000-8000-000000000000')), undefined);
    });

    it('starts', async () => {
      const ref = await subject().freshVm();
      const from = subject().recorder.end;
      await subject().vms.start(ref, {}, aJob());
      assert.equal(await subject().becomes('running', 'vm.started', ref, from), 'booted');
      const vm = await subject().vms.get(ref);
      assert.ok(vm?.host && vm.hostName);
    });

    it('starts on a host that is chosen', async () => {
      const ref = await subject().freshVm();
      const [other] = subject().hosts().slice(-1);
      const start = () => subject().vms.start(ref, { host: other?.name ?? '' }, aJob());
      if (await subject().lacks('vm.start-on-host', start)) return;
      await start();
      assert.equal((await subject().vms.get(ref))?.hostName, other?.name);
    });

    it('starts paused, and runs on when it is resumed', async () => {
      const ref = await subject().freshVm();
      const from = subject().recorder.end;
      const start = () => subject().vms.start(ref, { paused: true }, aJob());
      if (await subject().lacks('vm.start-paused', start)) return;
      await start();
      await subject().happens('vm.started', ref, from);
      await subject().becomes('paused', 'vm.paused', ref, from);
      await subject().vms.resume(ref, aJob());
      await subject().becomes('running', 'vm.resumed', ref, from);
    });

    it('is paused and resumed', async () => {
      const ref = await subject().runningVm();
      const from = subject().recorder.end;
      const pause = () => subject().vms.pause(ref, aJob());
      if (await subject().lacks('vm.pause', pause)) return;
      await pause();
      await subject().becomes('paused', 'vm.paused', ref, from);
      await subject().vms.resume(ref, aJob());
      await subject().becomes('running', 'vm.resumed', ref, from);
    });

    it('is suspended and restored', async () => {
      const ref = await subject().runningVm();
      const from = subject().recorder.end;
      const suspend = () => subject().vms.suspend(ref, aJob());
      if (await subject().lacks('vm.suspend', suspend)) return;
      await suspend();
      await subject().becomes('suspended', 'vm.suspended', ref, from);
      const suspended = subject().recorder.end;
      await subject().vms.restore(ref, {}, aJob());
      assert.equal(await subject().happens('vm.started', ref, suspended), 'restored');
      await subject().untilPower(ref, 'running', suspended);
      assert.equal(await subject().power(ref), 'running');
    });

    it('is restored paused', async () => {
      if (!subject().connection.capabilities.has('vm.suspend')) return;
      const ref = await subject().suspendedVm();
      const from = subject().recorder.end;
      await subject().vms.restore(ref, { paused: true }, aJob());
      await subject().untilPower(ref, 'paused', from);
      assert.equal(await subject().power(ref), 'paused');
      await subject().vms.resume(ref, aJob());
      await subject().untilPower(ref, 'running', from);
    });

    it('continues from saved memory when it is started', async () => {
      if (!subject().connection.capabilities.has('vm.suspend')) return;
      const ref = await subject().suspendedVm();
      const from = subject().recorder.end;
      await subject().vms.start(ref, {}, aJob());
      assert.equal(await subject().happens('vm.started', ref, from), 'restored');
      await subject().untilPower(ref, 'running', from);
    });

    it('is reset, and runs on', async () => {
      const ref = await subject().runningVm();
      const from = subject().recorder.end;
      const reset = () => subject().vms.reset(ref, aJob());
      if (await subject().lacks('vm.reset', reset)) return;
      await reset();
      await subject().becomes('running', 'vm.rebooted', ref, from);
    });

    it('reboots when its guest is asked to, and runs on', async function () {
      if (setup().guestsListen === false) return this.skip();
      const ref = await subject().runningVm();
      const from = subject().recorder.end;
      const reboot = () => subject().vms.reboot(ref, { method: 'acpi' }, aJob());
      if (await subject().lacks('vm.reboot', reboot)) return;
      await subject().askUntil('vm.rebooted', ref, from, reboot);
      await subject().untilPower(ref, 'running', 0);
      assert.equal(await subject().power(ref), 'running');
    });

    it('shuts down when its guest is asked to', async () => {
      const ref = await subject().runningVm();
      const from = subject().recorder.end;
      const shutdown = () => subject().vms.shutdown(ref, { method: 'acpi' }, aJob());
      if (await subject().lacks('vm.shutdown.acpi', shutdown)) return;
      await subject().askUntil('vm.stopped', ref, from, shutdown);
      assert.equal(await subject().becomes('halted', 'vm.stopped', ref, from), 'shutdown');
    });

    it('is forced off', async () => {
      const ref = await subject().runningVm();
      const from = subject().recorder.end;
      const forceOff = () => subject().vms.forceOff(ref, aJob());
      if (await subject().lacks('vm.force-off', forceOff)) return;
      await forceOff();
      assert.equal(await subject().becomes('halted', 'vm.stopped', ref, from), 'destroyed');
    });

    it('is forced off while it is paused', async () => {
      const ref = await subject().runningVm();
      if (!subject().connection.capabilities.has('vm.pause')) return;
      const from = subject().recorder.end;
      await subject().vms.pause(ref, aJob());
      await subject().vms.forceOff(ref, aJob());
      await subject().becomes('halted', 'vm.stopped', ref, from);
    });

    it('tells what it goes through in the order it went through it', async () => {
      const ref = await subject().freshVm();
      if (!subject().connection.capabilities.has('vm.pause')) return;
      const from = subject().recorder.end;
      await subject().vms.start(ref, {}, aJob());
      await subject().vms.pause(ref, aJob());
      await subject().vms.resume(ref, aJob());
      await subject().vms.forceOff(ref, aJob());
      await subject().happens('vm.stopped', ref, from);
      const lifecycle = new Set(['vm.started', 'vm.paused', 'vm.resumed', 'vm.stopped']);
      const told = subject()
        .eventsOf(ref, from)
        .filter((type) => lifecycle.has(type));
      assert.deepEqual(told, ['vm.started', 'vm.paused', 'vm.resumed', 'vm.stopped']);
    });

    it('starts again after it was off', async () => {
      const ref = await subject().runningVm();
      await subject().vms.forceOff(ref, aJob());
      const from = subject().recorder.end;
      await subject().vms.start(ref, {}, aJob());
      assert.equal(await subject().becomes('running', 'vm.started', ref, from), 'booted');
    });

    it('tells a job the calls that were made for it', async () => {
      const ref = await subject().freshVm();
      const job = aJob();
      await subject().vms.start(ref, {}, job);
      assert.ok(job.calls.length > 0);
      for (const call of job.calls) {
        assert.ok(call.name !== '' && call.tookMs >= 0 && Math.abs(call.at - Date.now()) < 3_600_000);
        assert.equal(call.error, undefined);
      }
      assert.ok(job.ratios.every((ratio, index) => ratio <= 1 && ratio >= (job.ratios[index - 1] ?? 0)));
    });
  });
}
