import type { TaskRecord, TaskState } from '../../../lib/drivers/tasks.ts';
import type { Caller } from '../daemon.ts';
import { LibvirtError, RpcError } from '../rpc/index.ts';
import { blockJobOperation, blockJobTask } from './block-job.ts';
import { domainJobTask, type JobOperation, readDomainJob } from './domain-job.ts';

export interface Dom {
  readonly uuid: string;
  readonly name: string;
}

/** A task without what its domain is called. */
export type Answer = Omit<TaskRecord, 'object' | 'name'>;

/** A guest that keeps the daemon waiting so long hangs. */
const timeoutMs = 2000;
/** VIR_DOMAIN_JOB_STATS_COMPLETED, and KEEP_COMPLETED: whoever asks next is told too. */
const completed = 1 | 2;
/** Brief, and not to be stopped: a start is told by its call. */
const untold: ReadonlySet<JobOperation> = new Set(['unknown', 'start']);

/** The job that a domain has; undefined when it has none. @throws RpcError, but for a guest that hangs */
export async function askDomainJob(
  daemon: Caller,
  dom: Dom,
  signal: AbortSignal,
): Promise<Answer | 'hung' | undefined> {
  const reply = await answered(daemon.call('DOMAIN_GET_JOB_STATS', { dom, flags: 0 }, { signal, timeoutMs }));
  if (reply === 'hung' || !reply) return reply;
  const job = readDomainJob(reply.type, reply.params);
  if (job?.state !== 'running' || untold.has(job.operation)) return undefined;
  const { operation, state, progress, elapsedMs, abortable } = job;
  const task = domainJobTask(dom.uuid, operation);
  return { task, operation, state, progress, startedAt: Date.now() - elapsedMs, cancellable: abortable, says: null };
}

/** The job that one disk of a domain has; undefined when it has none. @throws RpcError, but for a guest that hangs */
export async function askBlockJob(
  daemon: Caller,
  dom: Dom,
  disk: string,
  signal: AbortSignal,
): Promise<Answer | 'hung' | undefined> {
  const asked = daemon.call('DOMAIN_GET_BLOCK_JOB_INFO', { dom, path: disk, flags: 0 }, { signal, timeoutMs });
  const reply = await answered(asked);
  if (reply === 'hung' || !reply) return reply;
  const operation = blockJobOperation(reply.type);
  if (reply.found === 0 || operation === 'backup' || operation === 'unknown') return undefined;
  const [done, all] = [Number(reply.cur), Number(reply.end)];
  const progress = all > 0 ? Math.min(done / all, 1) : null;
  const about = { task: blockJobTask(dom.uuid, disk), operation, state: 'running', progress } as const;
  return { ...about, startedAt: Date.now(), cancellable: true, says: null };
}

const shutOff = 5;
/** virDomainShutoffReason and virDomainRunningReason, by the operation that leaves them behind. */
const reasons: Readonly<Record<string, { readonly done: number; readonly cancelled: number }>> = {
  save: { done: 5, cancelled: 7 },
  'migration-out': { done: 4, cancelled: 6 },
};

interface Ended {
  readonly state: TaskState;
  readonly says: string | null;
}

/** A job is found gone soon after its end: it is asked for twice a second. */
const keptWithinMs = 5000;

/** How a domain's job ended that is there no more: from what libvirt kept of it, else from the domain's state. */
export async function howItEnded(
  daemon: Caller,
  dom: Dom,
  { operation, startedAt }: Pick<TaskRecord, 'operation' | 'startedAt'>,
): Promise<Ended> {
  const kept = await answered(daemon.call('DOMAIN_GET_JOB_STATS', { dom, flags: completed }, { timeoutMs }));
  const job = kept && kept !== 'hung' ? readDomainJob(kept.type, kept.params) : undefined;
  // An older job of the same kind may be kept: it did not last until now, or the domain shows that the latest was cancelled.
  const isIts = job?.operation === operation && Math.abs(Date.now() - startedAt - job.elapsedMs) <= keptWithinMs;
  const shown = await byState(daemon, dom, operation);
  return isIts && shown.state !== 'cancelled' ? job : shown;
}

async function byState(daemon: Caller, dom: Dom, operation: string): Promise<Ended> {
  const unknown = { state: 'ended', says: null } as const;
  const told = reasons[operation];
  const reply = await answered(daemon.call('DOMAIN_GET_STATE', { dom }, { timeoutMs }));
  if (!told || !reply || reply === 'hung') return unknown;
  if (reply.state === shutOff) return reply.reason === told.done ? { state: 'succeeded', says: null } : unknown;
  return reply.reason === told.cancelled ? { state: 'cancelled', says: `${operation} canceled` } : unknown;
}

/** Undefined: libvirt has nothing to tell, for the domain is off, or gone, or has no such disk. */
async function answered<T>(answer: Promise<T>): Promise<T | 'hung' | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof LibvirtError) return undefined;
    if (error instanceof RpcError && error.code === 'TIMEOUT') return 'hung';
    throw error;
  }
}
