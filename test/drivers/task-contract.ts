import assert from 'node:assert/strict';
import { type TaskRecord, taskKey } from '../../lib/drivers/tasks.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import type { ContractContext } from './contract.ts';
import { aJob, coded, noJob } from './subject.ts';

const nowhere = { id: '00000000-0000-4000-8000-000000000000/save', type: 'libvirt.domain-job' };

export function taskContract({ setup, subject }: ContractContext): void {
  const tasks = () => subject().connection.tasks;

  /** Waits until a task of a VM is told so. */
  async function told(ref: ObjectRef, state: TaskRecord['state'], from: number): Promise<TaskRecord> {
    const { recorder, deadlineMs } = subject();
    const index = await recorder.until(
      `a task of ${ref.id} that is ${state}`,
      (one) => one.kind === 'task' && one.record.object.id === ref.id && one.record.state === state,
      from,
      deadlineMs,
    );
    const found = recorder.told[index];
    assert.ok(found?.kind === 'task');
    return found.record;
  }

  async function begunByOthers(): Promise<{ ref: ObjectRef; from: number; record: TaskRecord }> {
    const ref = await subject().runningVm();
    const from = subject().recorder.end;
    await setup().beginTask?.(ref.id);
    return { ref, from, record: await told(ref, 'running', from) };
  }

  describe('a task', () => {
    it('that is not there is not found, not followed and not cancelled', async () => {
      assert.equal(await tasks().get(nowhere), undefined);
      assert.equal(await tasks().follow(nowhere, () => assert.fail(), AbortSignal.timeout(5000)), undefined);
      await assert.rejects(tasks().cancel(nowhere, aJob()), coded('TASK_GONE'));
    });

    it('that others began is told, listed and looked up', async function () {
      if (!setup().beginTask) return this.skip();
      const { ref, record } = await begunByOthers();
      assert.deepEqual(record.object, ref);
      assert.equal(record.name, (await subject().vms.get(ref))?.name);
      assert.ok(record.operation !== '' && record.cancellable && Math.abs(record.startedAt - Date.now()) < 3_600_000);
      const listed = (await tasks().list()).filter(({ object }) => object.id === ref.id);
      assert.deepEqual(
        listed.map(({ task }) => task),
        [record.task],
      );
      assert.equal((await tasks().get(record.task))?.state, 'running');
    });

    it('is cancelled, and whoever follows it and whoever listens hear so', async function () {
      if (!setup().beginTask) return this.skip();
      const { ref, from, record } = await begunByOthers();
      const followed = tasks().follow(record.task, () => undefined, AbortSignal.timeout(subject().deadlineMs));
      const job = aJob();
      await tasks().cancel(record.task, job);
      assert.equal((await followed)?.state, 'cancelled');
      await told(ref, 'cancelled', from);
      assert.equal(job.calls.length, 1);
      assert.ok((await tasks().list()).every(({ object }) => object.id !== ref.id));
      assert.notEqual((await tasks().get(record.task))?.state, 'running');
      await assert.rejects(tasks().cancel(record.task, aJob()), coded('TASK_GONE'));
      assert.equal(await subject().power(ref), 'running');
    });

    it('is cancelled by an operation that runs, and by nothing else', async function () {
      if (!setup().beginTask) return this.skip();
      const { record } = await begunByOthers();
      const before = setup().changesSent?.();
      await assert.rejects(tasks().cancel(record.task, aJob({ mode: 'plan' })), coded('CHANGE_IN_PLAN'));
      await assert.rejects(tasks().cancel(record.task, noJob), coded('CHANGE_OUTSIDE_OPERATION'));
      assert.equal(setup().changesSent?.(), before);
      assert.equal((await tasks().get(record.task))?.state, 'running');
    });

    it('is followed no longer than its follower wants', async function () {
      if (!setup().beginTask) return this.skip();
      const { record } = await begunByOthers();
      const enough = new AbortController();
      const followed = tasks().follow(record.task, () => undefined, enough.signal);
      enough.abort(new Error('enough'));
      await assert.rejects(followed, /enough/);
      assert.equal((await tasks().get(record.task))?.state, 'running');
    });

    it('goes on when the connection breaks, and is told again when it is back', async function () {
      if (!setup().beginTask) return this.skip();
      const { ref, record } = await begunByOthers();
      const { recorder, connection, deadlineMs } = subject();
      const from = recorder.end;
      await setup().breakConnection();
      await recorder.until('away', (one) => one.kind === 'state' && one.state.phase === 'waiting', from, deadlineMs);
      await connection.connected(AbortSignal.timeout(deadlineMs));
      assert.equal(taskKey((await told(ref, 'running', from)).task), taskKey(record.task));
      assert.equal((await tasks().get(record.task))?.state, 'running');
    });

    it('that virtflow began is recorded for its job before it is told, and has an end', async function () {
      if (!subject().connection.capabilities.has('vm.suspend')) return this.skip();
      const ref = await subject().runningVm();
      const from = subject().recorder.end;
      const job = aJob();
      await subject().vms.suspend(ref, job);
      const [task] = job.tasks;
      assert.ok(task);
      // So brief a task may be over before libvirt is asked about it.
      const about = subject()
        .recorder.told.slice(from)
        .flatMap((one) => (one.kind === 'task' && one.record.object.id === ref.id ? [one.record] : []));
      if (about.length > 0) await told(ref, 'succeeded', from);
      assert.ok(about.every((record) => taskKey(record.task) === taskKey(task) && record.operation === 'save'));
      assert.notEqual((await tasks().get(task))?.state, 'running');
    });
  });
}
