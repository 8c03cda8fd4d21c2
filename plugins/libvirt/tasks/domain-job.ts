import type { TaskRecord, TaskState } from '../../../lib/drivers/tasks.ts';
import type { TypedParameter } from '../rpc/index.ts';

/** virDomainJobOperation, by number. */
export const jobOperations = [
  'unknown',
  'start',
  'save',
  'restore',
  'migration-in',
  'migration-out',
  'snapshot',
  'snapshot-revert',
  'dump',
  'backup',
  'snapshot-delete',
] as const;
export type JobOperation = (typeof jobOperations)[number];

/** Those that ABORT_JOB stops; of an incoming guest libvirt says that it cannot be. */
const abortable: ReadonlySet<JobOperation> = new Set(['save', 'migration-out', 'snapshot', 'dump', 'backup']);

/** virDomainJobType */
const states: readonly (TaskState | 'none')[] = ['none', 'running', 'running', 'succeeded', 'failed', 'cancelled'];

/** What DOMAIN_GET_JOB_STATS tells, or the event of a job that is done. */
export interface DomainJob {
  readonly operation: JobOperation;
  readonly state: TaskState;
  readonly progress: number | null;
  readonly elapsedMs: number;
  readonly abortable: boolean;
  readonly says: string | null;
}

/** The job that a domain has, or had; undefined when there is none. */
export function readDomainJob(type: number, params: readonly TypedParameter[]): DomainJob | undefined {
  const state = states[type];
  if (state === undefined || state === 'none') return undefined;
  const values = new Map(params.map(({ field, value }) => [field, value]));
  const number = (field: string) => Number(values.get(field) ?? 0);
  const operation = jobOperations[number('operation')] ?? 'unknown';
  const errmsg = values.get('errmsg');
  return {
    operation,
    // The event of a backup comes whether it went well or not.
    state: state === 'succeeded' && values.get('success') === false ? 'failed' : state,
    progress: progressOf(number),
    elapsedMs: number('time_elapsed'),
    abortable: state === 'running' && abortable.has(operation),
    says: errmsg === undefined ? null : String(errmsg),
  };
}

/** By what remains: memory that holds nothing is never counted as processed. */
function progressOf(number: (field: string) => number): number | null {
  for (const part of ['data', 'disk', 'memory']) {
    const total = number(`${part}_total`);
    if (total > 0) return Math.min(Math.max(1 - number(`${part}_remaining`) / total, 0), 1);
  }
  return null;
}

/** Identifies a domain's job for as long as it lasts: a domain has one at a time. */
export function domainJobTask(uuid: string, operation: JobOperation, since?: number): TaskRecord['task'] {
  return { id: `${uuid}/${operation}`, type: domainJobType, ...(since === undefined ? {} : { since }) };
}

export const domainJobType = 'libvirt.domain-job';
