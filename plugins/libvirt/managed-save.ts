import { setTimeout as delay } from 'node:timers/promises';
import { admit } from '../../lib/drivers/gate.ts';
import { type Job, lasting, stopsAtHypervisor } from '../../lib/drivers/job.ts';
import { cancelledAtHypervisor } from '../../lib/model/errors.ts';
import type { Caller } from './daemon.ts';
import { LibvirtCode, LibvirtError } from './rpc/index.ts';
import { domainJobTask } from './tasks/domain-job.ts';
import type { Dom } from './tasks/questions.ts';
import type { TaskBook } from './tasks/task-book.ts';

/**
 * Saves a domain's memory to disk and stops it. When the job is cancelled, libvirt's own job is aborted, and the answer
 * to the save tells what became of it: the wait ends only then. When virtflow itself stops, the save goes on.
 */
export async function managedSave(daemon: Caller, book: Pick<TaskBook, 'listen'>, dom: Dom, job: Job): Promise<void> {
  admit({ name: 'DOMAIN_MANAGED_SAVE', effect: 'changes' }, job);
  const task = domainJobTask(dom.uuid, 'save', Date.now());
  job.follow(task);
  const own = lasting(job);
  const answered = new AbortController();
  let aborting: Promise<void> | undefined;
  const { promise: left, reject: leave } = Promise.withResolvers<never>();
  const stop = () => {
    if (stopsAtHypervisor(job)) aborting = abort(daemon, dom, own, answered.signal);
    else leave(job.signal.reason);
  };
  job.signal.addEventListener('abort', stop, { once: true });
  const unlisten = book.listen(task, ({ progress }) => progress !== null && job.progress(progress, 'saving memory'));
  try {
    await Promise.race([daemon.call('DOMAIN_MANAGED_SAVE', { dom }, { job: own }), left]);
  } catch (error) {
    if (!isAborted(error)) throw error;
    if (job.signal.aborted) throw job.signal.reason;
    throw error.code === LibvirtCode.OPERATION_ABORTED ? cancelledAtHypervisor(error.message, error) : error;
  } finally {
    job.signal.removeEventListener('abort', stop);
    unlisten();
    answered.abort();
    await aborting;
  }
}

const againMs = 50;

/** Refused while the save has not begun, and when it is just done: then the save's own answer says so. */
async function abort(daemon: Caller, dom: Dom, job: Job, answered: AbortSignal): Promise<void> {
  const call = 'DOMAIN_ABORT_JOB';
  const begun = performance.now();
  const tookMs = () => performance.now() - begun;
  for (;;) {
    try {
      await daemon.call(call, { dom }, { job });
      return job.stopped({ call, tookMs: tookMs() });
    } catch (error) {
      const noJob = error instanceof LibvirtError && error.code === LibvirtCode.OPERATION_INVALID;
      const refused = error instanceof Error ? error.message : String(error);
      if (!noJob || answered.aborted) return job.stopped({ call, tookMs: tookMs(), refused });
      await delay(againMs, undefined, { signal: answered }).catch(() => undefined); // answered
    }
  }
}

function isAborted(error: unknown): error is LibvirtError {
  const { OPERATION_ABORTED, OPERATION_FAILED } = LibvirtCode;
  return error instanceof LibvirtError && (error.code === OPERATION_ABORTED || error.code === OPERATION_FAILED);
}
