import { setTimeout as delay } from 'node:timers/promises';
import { admit } from '../../lib/drivers/gate.ts';
import type { Job } from '../../lib/drivers/job.ts';
import { LibvirtCode, LibvirtError, type LibvirtHost } from './rpc/index.ts';

/**
 * Saves a domain's memory to disk and stops it. When the job is cancelled, libvirt's own job is aborted, and the answer
 * to the save tells what became of it: the wait ends only then.
 */
export async function managedSave(
  daemon: LibvirtHost,
  dom: { readonly uuid: string; readonly name: string },
  job: Job,
): Promise<void> {
  admit({ name: 'DOMAIN_MANAGED_SAVE', effect: 'changes' }, job);
  job.follow({ id: dom.uuid, type: 'libvirt.domain-job' });
  // The gate lets nothing through for a cancelled job, so what follows the cancellation goes under a signal of its own.
  const own: Job = {
    operation: job.operation,
    mode: job.mode,
    signal: new AbortController().signal,
    progress: (ratio, step) => job.progress(ratio, step),
    follow: (task) => job.follow(task),
    // The save was announced above, and aborting it changes nothing that has to be settled.
    sending: () => {},
    called: (call) => job.called(call),
  };
  const abort = () => {
    // It fails when the save is just done: then the save's own answer says so.
    daemon.call('DOMAIN_ABORT_JOB', { dom }, { job: own }).catch(() => {});
  };
  job.signal.addEventListener('abort', abort, { once: true });
  const done = new AbortController();
  const following = followProgress(daemon, dom, job, done.signal);
  try {
    await daemon.call('DOMAIN_MANAGED_SAVE', { dom }, { job: own });
  } catch (error) {
    if (job.signal.aborted && isAborted(error)) throw job.signal.reason;
    throw error;
  } finally {
    job.signal.removeEventListener('abort', abort);
    done.abort();
    await following;
  }
}

const everyMs = 500;

/** libvirt tells of a job's progress only when asked. */
async function followProgress(
  daemon: LibvirtHost,
  dom: { readonly uuid: string; readonly name: string },
  job: Job,
  done: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      await delay(everyMs, undefined, { signal: done });
      const { params } = await daemon.call('DOMAIN_GET_JOB_STATS', { dom }, { signal: done });
      const value = (field: string) => Number(params.find((param) => param.field === field)?.value ?? 0);
      if (value('data_total') > 0) job.progress(value('data_processed') / value('data_total'), 'saving memory');
    }
  } catch {
    // It is done; or the daemon cannot tell, and the save's own answer will.
  }
}

function isAborted(error: unknown): boolean {
  const { OPERATION_ABORTED, OPERATION_FAILED } = LibvirtCode;
  return error instanceof LibvirtError && (error.code === OPERATION_ABORTED || error.code === OPERATION_FAILED);
}
