import { setTimeout as delay } from 'node:timers/promises';
import type { HypervisorTask } from '../../../lib/drivers/job.ts';
import { isSameTask, type TaskRecord, type TaskState, taskKey } from '../../../lib/drivers/tasks.ts';
import { Feed } from '../../../lib/model/feed.ts';
import type { ObjectRef } from '../../../lib/model/reference.ts';
import { type Caller, inBatches } from '../daemon.ts';
import { type DomainRecord, isActive } from '../inventory/domain-record.ts';
import type { EventOf } from '../rpc/index.ts';
import { blockJobTask, blockJobType, readJobStatus } from './block-job.ts';
import { domainJobTask, domainJobType, readDomainJob } from './domain-job.ts';
import { askBlockJob, askDomainJob, type Dom, howItEnded } from './questions.ts';

export interface TaskWatchPort {
  readonly connection: string;
  readonly daemon: Caller;
  readonly domains: { get(id: string): DomainRecord | undefined; records(): Iterable<DomainRecord> };
  tell(record: TaskRecord): void;
}

/** virConnectDomainEventBlockJobStatus; a job that is ready (3) goes on until somebody ends it. */
const blockJobEnds: readonly (TaskState | undefined)[] = ['succeeded', 'failed', 'cancelled'];
/** VIR_DOMAIN_JOB_COMPLETED */
const jobIsDone = 3;
/** libvirt tells of a job's progress only when asked. */
const everyMs = 500;
/** Guests that do not answer are passed over; after so many of them, so are all others. */
const mostHung = 4;

interface Watched {
  readonly dom: Dom;
  /** Of a block job. */
  readonly disk: string | null;
  record: TaskRecord;
}

/**
 * The jobs of a host's domains, whoever began them. libvirt tells of their end, and of the begin of those that write
 * memory (a migration's first pass); of the begin of a block job or a backup only QEMU tells. So a domain is asked when
 * one of these says that there may be a job, and once after connecting; it is asked again and again only while it has one.
 */
export class TaskWatch {
  readonly #port: TaskWatchPort;
  readonly #changes = new Feed<TaskRecord>();
  readonly #watched = new Map<string, Watched>();
  readonly #stopped = new AbortController();
  #begun = false;
  #polling = false;

  constructor(port: TaskWatchPort) {
    this.#port = port;
  }

  /** Looks at all that runs. What is heard before is found by that. */
  begin(): void {
    this.#begun = true;
    this.lookAtAll().catch(() => undefined); // the connection is gone again
  }

  stop(): void {
    this.#stopped.abort();
  }

  running(): TaskRecord[] {
    return [...this.#watched.values()].map(({ record }) => record);
  }

  /** Asks each running domain. @throws LibvirtError, RpcError */
  async lookAtAll(): Promise<void> {
    let hung = 0;
    const active = [...this.#port.domains.records()].filter(({ power }) => isActive(power));
    await inBatches(active, async ({ definition: { uuid, name, disks } }) => {
      const doms = { uuid, name };
      for (const disk of [null, ...disks.map(({ target }) => target)]) {
        if (hung < mostHung && (await this.#look(doms, disk)) === 'hung') hung += 1;
      }
    });
  }

  /** The task as it is now; undefined when it is not there, or not any more. @throws LibvirtError, RpcError */
  async find(task: HypervisorTask): Promise<TaskRecord | undefined> {
    const [uuid = '', part = ''] = task.id.split('/');
    const name = this.#port.domains.get(uuid)?.definition.name;
    if (name === undefined || (task.type !== domainJobType && task.type !== blockJobType)) return undefined;
    await this.#look({ uuid, name }, task.type === domainJobType ? null : part);
    const found = this.#watched.get(taskKey(task))?.record;
    return found && isSameTask(task, found) ? found : undefined;
  }

  /** Resolves with the end of a task that runs; undefined when it does not. @throws the signal's reason */
  async follow(
    task: HypervisorTask,
    hear: (record: TaskRecord) => void,
    signal: AbortSignal,
  ): Promise<TaskRecord | undefined> {
    signal.throwIfAborted();
    if (!this.#watched.has(taskKey(task))) return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<TaskRecord>();
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    const unsubscribe = this.listen(task, (record) => (record.state === 'running' ? hear(record) : resolve(record)));
    return promise.finally(() => {
      unsubscribe();
      signal.removeEventListener('abort', abort);
    });
  }

  listen(task: HypervisorTask, hear: (record: TaskRecord) => void): () => void {
    const key = taskKey(task);
    return this.#changes.subscribe((record) => {
      if (taskKey(record.task) === key) hear(record);
    });
  }

  /** A pass over memory begins: of a migration, a save, a snapshot with memory. */
  memoryPass({ dom, iteration }: EventOf<'domain.migrationIteration'>): void {
    if (iteration === 1) this.#lookSoon(dom, null);
  }

  /** QEMU has a job that may be one of a domain's. */
  jobStatus({ dom, details }: EventOf<'monitor.jobStatusChange'>): void {
    const about = readJobStatus(details);
    if (about) this.#lookSoon(dom, about.isBackup ? null : about.disk);
  }

  jobCompleted({ dom, params }: EventOf<'domain.jobCompleted'>): void {
    const done = readDomainJob(jobIsDone, params);
    if (done) this.#end(taskKey(domainJobTask(dom.uuid, done.operation)), done.state, done.says);
  }

  blockJob({ dom, dst, status }: EventOf<'domain.blockJob2'>): void {
    const state = blockJobEnds[status];
    if (state) this.#end(taskKey(blockJobTask(dom.uuid, dst)), state, null);
    else this.#lookSoon(dom, dst);
  }

  #lookSoon({ uuid, name }: Dom, disk: string | null): void {
    if (this.#begun) this.#look({ uuid, name }, disk).catch(() => undefined); // gone, or the connection is
  }

  /** Asks the daemon about one job, and takes over what it says. */
  async #look(dom: Dom, disk: string | null): Promise<'hung' | 'answered'> {
    const { daemon } = this.#port;
    const signal = this.#stopped.signal;
    const answer =
      disk === null ? await askDomainJob(daemon, dom, signal) : await askBlockJob(daemon, dom, disk, signal);
    if (answer === 'hung') return answer;
    const before = [...this.#watched.values()].filter((one) => one.dom.uuid === dom.uuid && one.disk === disk);
    if (answer) this.#set({ dom, disk, record: { ...answer, object: this.#ref(dom.uuid), name: dom.name } });
    for (const one of before)
      if (!answer || taskKey(answer.task) !== taskKey(one.record.task)) await this.#conclude(one);
    return 'answered';
  }

  #set(watched: Watched): void {
    const key = taskKey(watched.record.task);
    const before = this.#watched.get(key);
    // How long it has run is told in whole milliseconds, so when it began seems to move.
    const startedAt = before?.record.startedAt ?? watched.record.startedAt;
    const record = {
      ...watched.record,
      startedAt,
      progress: furthest(before?.record.progress, watched.record.progress),
    };
    this.#watched.set(key, { ...watched, record });
    if (before?.record.progress !== record.progress || !before) this.#tell(record);
    this.#poll();
  }

  /** It is over, and no event told of it: the domain's state may. */
  async #conclude({ dom, disk, record }: Watched): Promise<void> {
    const key = taskKey(record.task);
    if (disk !== null) await delay(everyMs, undefined, { signal: this.#stopped.signal }); // its event is on the way
    if (!this.#watched.has(key)) return;
    if (disk !== null) return this.#end(key, 'ended', null);
    const { state, says } = await howItEnded(this.#port.daemon, dom, record);
    this.#end(key, state, says);
  }

  #end(key: string, state: TaskState, says: string | null): void {
    const watched = this.#watched.get(key);
    if (!watched) return;
    this.#watched.delete(key);
    const progress = state === 'succeeded' ? 1 : watched.record.progress;
    this.#tell({ ...watched.record, state, progress, cancellable: false, says });
  }

  #tell(record: TaskRecord): void {
    if (this.#stopped.signal.aborted) return;
    this.#changes.publish(record);
    this.#port.tell(record);
  }

  #poll(): void {
    if (this.#polling) return;
    this.#polling = true;
    this.#pollWhileAny()
      .catch(() => undefined) // stopped, or the connection is gone
      .finally(() => {
        this.#polling = false;
      });
  }

  async #pollWhileAny(): Promise<void> {
    while (this.#watched.size > 0) {
      await delay(everyMs, undefined, { signal: this.#stopped.signal });
      await inBatches([...this.#watched.values()], ({ dom, disk }) => this.#look(dom, disk));
    }
  }

  #ref(id: string): ObjectRef {
    return { connection: this.#port.connection, kind: 'vm', id };
  }
}

/** QEMU tells of a job that is being cancelled as if it began anew. */
function furthest(before: number | null | undefined, now: number | null): number | null {
  return now === null ? (before ?? null) : Math.max(before ?? 0, now);
}
