import { setTimeout as delay } from 'node:timers/promises';
import type { HypervisorTask } from '../../../lib/drivers/job.ts';
import { isSameTask, type TaskRecord, type TaskState, taskKey } from '../../../lib/drivers/tasks.ts';
import { type Caller, inBatches } from '../daemon.ts';
import { type DomainRecord, isActive } from '../inventory/domain-record.ts';
import type { EventOf } from '../rpc/index.ts';
import { blockJobTask, blockJobType, readJobStatus } from './block-job.ts';
import { domainJobTask, domainJobType, readDomainJob } from './domain-job.ts';
import { type Answer, askBlockJob, askDomainJob, type Dom, howItEnded } from './questions.ts';
import { type Entry, TaskBook } from './task-book.ts';

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
const atOnce = 3;

/**
 * Watches the jobs of a host's domains, whoever began them. libvirt tells of their end, and of the begin of those that
 * write memory (a migration's first pass); of the begin of a block job or a backup only QEMU tells. So a domain is asked
 * when one of these says that there may be a job, and once after connecting; again and again only while it has one.
 */
export class TaskWatch {
  readonly book: TaskBook;
  readonly #port: TaskWatchPort;
  readonly #stopped = new AbortController();
  #begun = false;
  #polling = false;

  constructor(port: TaskWatchPort) {
    this.#port = port;
    this.book = new TaskBook((record) => port.tell(record));
  }

  /** Looks at all that runs. What is heard before is found by that. */
  begin(): void {
    this.#begun = true;
    this.lookAtAll().catch(() => undefined); // the connection is gone again
  }

  stop(): void {
    this.book.close();
    this.#stopped.abort();
  }

  /** Asks each running domain, a few at a time: others have more urgent questions. @throws LibvirtError, RpcError */
  async lookAtAll(): Promise<void> {
    const active = [...this.#port.domains.records()].filter(({ power }) => isActive(power)).values();
    let hung = 0;
    const walk = async () => {
      for (const { definition } of active) {
        if (hung < mostHung && (await this.#lookAtOne(definition)) === 'hung') hung += 1;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, walk));
  }

  /** The task as it is now; undefined when it is not there, or not any more. @throws LibvirtError, RpcError */
  async find(task: HypervisorTask): Promise<TaskRecord | undefined> {
    const [uuid = '', part = ''] = task.id.split('/');
    const name = this.#port.domains.get(uuid)?.definition.name;
    if (name === undefined || (task.type !== domainJobType && task.type !== blockJobType)) return undefined;
    await this.#look({ uuid, name }, task.type === domainJobType ? null : part);
    const found = this.book.get(task);
    return found && isSameTask(task, found) ? found : undefined;
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
    if (done) this.book.end(domainJobTask(dom.uuid, done.operation), done.state, done.says);
  }

  blockJob({ dom, dst, status }: EventOf<'domain.blockJob2'>): void {
    const state = blockJobEnds[status];
    if (state) this.book.end(blockJobTask(dom.uuid, dst), state, null);
    else this.#lookSoon(dom, dst);
  }

  async #lookAtOne({ uuid, name, disks }: DomainRecord['definition']): Promise<'hung' | 'answered'> {
    for (const disk of [null, ...disks.map(({ target }) => target)]) {
      if ((await this.#look({ uuid, name }, disk)) === 'hung') return 'hung';
    }
    return 'answered';
  }

  #lookSoon({ uuid, name }: Dom, disk: string | null): void {
    if (this.#begun) this.#look({ uuid, name }, disk).catch(() => undefined); // gone, or the connection is
  }

  /** Asks the daemon about one job, and takes over what it says. */
  async #look(dom: Dom, disk: string | null): Promise<'hung' | 'answered'> {
    const { ends } = this.book;
    const answer = await this.#ask(dom, disk);
    if (answer === 'hung') return answer;
    // The answer may be older than the event of its end that came meanwhile.
    if (answer && ends !== this.book.ends && !this.book.get(answer.task)) return this.#look(dom, disk);
    const before = this.book.entries().filter((one) => one.dom.uuid === dom.uuid && one.disk === disk);
    for (const one of before) if (!answer || isAnother(one, answer)) await this.#conclude(one);
    if (!answer) return 'answered';
    const object = { connection: this.#port.connection, kind: 'vm', id: dom.uuid } as const;
    this.book.put({ dom, disk, record: { ...answer, object, name: dom.name } });
    this.#poll();
    return 'answered';
  }

  #ask(dom: Dom, disk: string | null): Promise<Answer | 'hung' | undefined> {
    const { daemon } = this.#port;
    const { signal } = this.#stopped;
    return disk === null ? askDomainJob(daemon, dom, signal) : askBlockJob(daemon, dom, disk, signal);
  }

  /** It is over, and no event told of it: the domain's state may. */
  async #conclude({ dom, disk, record }: Entry): Promise<void> {
    if (disk !== null) await delay(everyMs, undefined, { signal: this.#stopped.signal }); // its event is on the way
    const ended = disk === null ? await howItEnded(this.#port.daemon, dom, record) : unsaid;
    if (this.book.get(record.task)?.startedAt === record.startedAt) {
      this.book.end(record.task, ended.state, ended.says);
    }
  }

  #poll(): void {
    if (this.#polling) return;
    this.#polling = true;
    this.#pollWhileAny().catch(() => undefined); // stopped, or the connection is gone
  }

  async #pollWhileAny(): Promise<void> {
    try {
      while (this.book.entries().length > 0) {
        await delay(everyMs, undefined, { signal: this.#stopped.signal });
        await inBatches(this.book.entries(), ({ dom, disk }) => this.#look(dom, disk));
      }
    } finally {
      this.#polling = false;
    }
  }
}

const unsaid = { state: 'ended', says: null } as const;

/** A domain's job may have ended, and another begun, between two looks. */
function isAnother({ disk, record }: Entry, answer: Answer): boolean {
  if (taskKey(record.task) !== taskKey(answer.task)) return true;
  return disk === null && !isSameTask({ ...answer.task, since: answer.startedAt }, record);
}
