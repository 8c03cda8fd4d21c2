import assert from 'node:assert/strict';
import type { Capability } from '../../lib/drivers/capability.ts';
import type { Job } from '../../lib/drivers/job.ts';
import type { VmArea } from '../../lib/drivers/vms.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import type { ContractContext } from './contract.ts';
import { aJob, coded, noJob, type TestJob } from './subject.ts';

interface Method {
  readonly needs: Capability;
  readonly call: (vms: VmArea, ref: ObjectRef, job: Job) => Promise<unknown>;
}

/** Every method that changes a VM; `define` and `deleteDisk` have no VM to be called on. */
const methods = {
  start: { needs: 'vm.start', call: (vms, ref, job) => vms.start(ref, {}, job) },
  shutdown: { needs: 'vm.shutdown.acpi', call: (vms, ref, job) => vms.shutdown(ref, { method: 'acpi' }, job) },
  reboot: { needs: 'vm.reboot', call: (vms, ref, job) => vms.reboot(ref, { method: 'acpi' }, job) },
  reset: { needs: 'vm.reset', call: (vms, ref, job) => vms.reset(ref, job) },
  pause: { needs: 'vm.pause', call: (vms, ref, job) => vms.pause(ref, job) },
  resume: { needs: 'vm.pause', call: (vms, ref, job) => vms.resume(ref, job) },
  suspend: { needs: 'vm.suspend', call: (vms, ref, job) => vms.suspend(ref, job) },
  restore: { needs: 'vm.suspend', call: (vms, ref, job) => vms.restore(ref, {}, job) },
  forceOff: { needs: 'vm.force-off', call: (vms, ref, job) => vms.forceOff(ref, job) },
  snapshot: {
    needs: 'vm.snapshot',
    call: (vms, ref, job) => vms.snapshot(ref, { name: 'refused', description: '' }, job),
  },
  deleteSnapshot: { needs: 'vm.snapshot', call: (vms, ref, job) => vms.deleteSnapshot(ref, 'refused', job) },
  undefine: { needs: 'vm.undefine', call: (vms, ref, job) => vms.undefine(ref, job) },
} as const satisfies Record<
  Exclude<keyof VmArea, 'get' | 'definition' | 'snapshots' | 'define' | 'deleteDisk'>,
  Method
>;
type MethodName = keyof typeof methods;

const methodNames = Object.keys(methods) as MethodName[];
const whenHalted: readonly MethodName[] = [
  'shutdown',
  'reboot',
  'reset',
  'pause',
  'resume',
  'suspend',
  'restore',
  'forceOff',
];
/** A driver may look first whether there is saved memory, and then needs no permit to refuse. */
const changingWhenHalted = methodNames.filter((name) => name !== 'restore');
const whenRunning: readonly MethodName[] = ['start', 'resume', 'restore'];

export function refusalContract({ setup, subject }: ContractContext): void {
  const offered = (names: readonly MethodName[]) =>
    names.filter((name) => subject().connection.capabilities.has(methods[name].needs));
  const changesSent = () => setup().changesSent?.() ?? 0;

  /** Calls all of them, expects that each is refused, and that nothing became of it. */
  async function refused(names: readonly MethodName[], ref: ObjectRef, job: () => Job, fits: (error: unknown) => true) {
    const before = await subject().power(ref);
    const from = subject().recorder.end;
    for (const name of offered(names)) {
      await assert.rejects(methods[name].call(subject().vms, ref, job()), fits, name);
    }
    assert.equal(await subject().power(ref), before);
    assert.deepEqual(
      subject()
        .eventsOf(ref, from)
        .filter((type) => !type.startsWith('vm.agent-')),
      [],
    );
  }

  describe('a change', () => {
    it('of a VM that does not exist is refused', async () => {
      const ref = subject().ref('00000000-0000-4000-8000-000000000000');
      await refused(methodNames, ref, aJob, coded('OBJECT_UNKNOWN'));
      await assert.rejects(subject().vms.definition(ref), coded('OBJECT_UNKNOWN'));
    });

    it('that a halted VM cannot take is refused by the hypervisor', async () => {
      await refused(whenHalted, await subject().freshVm(), aJob, coded('HYPERVISOR_FAILED'));
    });

    it('that a running VM cannot take is refused by the hypervisor', async () => {
      await refused(whenRunning, await subject().runningVm(), aJob, coded('HYPERVISOR_FAILED'));
    });

    it('is refused in a plan, before anything leaves', async () => {
      const sent = changesSent();
      const jobs: TestJob[] = [];
      const plan = () => {
        const job = aJob({ mode: 'plan' });
        jobs.push(job);
        return job;
      };
      const isRefusal = coded('CHANGE_IN_PLAN');
      await refused(changingWhenHalted, await subject().freshVm(), plan, isRefusal);
      await assert.rejects(subject().vms.define(setup().definition('planned'), plan()), isRefusal);
      assert.deepEqual(
        jobs.flatMap((job) => job.calls),
        [],
      );
      assert.equal(changesSent(), sent);
    });

    it('is refused in a plan for a suspended VM as well', async () => {
      if (!subject().connection.capabilities.has('vm.suspend')) return;
      const ref = await subject().suspendedVm();
      const sent = changesSent();
      await refused(['restore', 'start'], ref, () => aJob({ mode: 'plan' }), coded('CHANGE_IN_PLAN'));
      assert.equal(changesSent(), sent);
    });

    it('is refused in a plan when it is about a disk that nobody uses', async () => {
      const ref = await subject().freshVm();
      const disk = (await subject().vms.get(ref))?.disks.find(({ device }) => device === 'disk');
      if (!disk?.source || !subject().connection.capabilities.has('vm.delete-disks')) return;
      await subject().vms.undefine(ref, aJob());
      const sent = changesSent();
      const plan = aJob({ mode: 'plan' });
      const wanted = { target: disk.target, source: disk.source };
      await assert.rejects(subject().vms.deleteDisk(wanted, plan), coded('CHANGE_IN_PLAN'));
      assert.deepEqual([plan.calls, changesSent()], [[], sent]);
    });

    it('is refused outside an operation, before anything leaves', async () => {
      const ref = await subject().freshVm();
      const sent = changesSent();
      await refused(changingWhenHalted, ref, () => noJob, coded('CHANGE_OUTSIDE_OPERATION'));
      assert.equal(changesSent(), sent);
    });

    it('for a job that was stopped is refused with the reason it was stopped for', async () => {
      const sent = changesSent();
      const reason = new VirtflowError('OPERATION_CANCELLED', { by: ' by a test' });
      const stopped = () => aJob({ signal: AbortSignal.abort(reason) });
      const isReason = (error: unknown): true => {
        assert.equal(error, reason);
        return true;
      };
      await refused(changingWhenHalted, await subject().freshVm(), stopped, isReason);
      assert.equal(changesSent(), sent);
    });

    it('that the hypervisor refused is in the record of calls, with what it said', async () => {
      const ref = await subject().runningVm();
      const job = aJob();
      await assert.rejects(subject().vms.start(ref, {}, job), coded('HYPERVISOR_FAILED'));
      assert.ok(job.calls.some((call) => call.error !== undefined && call.error !== ''));
    });
  });
}
