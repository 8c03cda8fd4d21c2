import Type from 'typebox';
import { type ErrorRecord, toVirtflowError, VirtflowError } from '../model/errors.ts';
import type { Snapshot } from '../model/objects.ts';
import { type AnyAction, action, type Run } from './action.ts';
import { expectPower } from './power.ts';
import { kept, type Retention } from './retention.ts';
import { marked, markOf } from './snapshot-mark.ts';

const series = Type.String({
  title: 'Series',
  description: 'Snapshots of one series are kept and deleted together; it begins their names.',
  pattern: '^[\\w.-]{1,40}$',
  minLength: 1,
  maxLength: 40,
  default: 'manual',
});

export const snapshot = action({
  id: 'vm.snapshot',
  target: 'vm',
  role: 'operator',
  danger: 'disruptive',
  label: 'snapshot vm',
  summary: 'Makes a snapshot of the disks of a VM, and of its memory where it runs, named by its series and the time.',
  icon: 'font-awesome/fa-camera',
  parameters: Type.Object({
    series,
    description: Type.String({
      title: 'Description',
      description: 'For people; who made it is added.',
      maxLength: 500,
      default: '',
    }),
  }),
  needs: ['vm.snapshot'],
  timeoutSeconds: 1800,
  check: ({ target }) => expectPower(target, 'snapshot', 'running', 'paused', 'halted'),
  holds: async ({ connection, target, operation }) =>
    (await connection.vms.snapshots(target)).some((one) => markOf(one)?.operation === operation),
  plan: ({ target, parameters }) => ({
    changes: [{ what: 'snapshot', before: null, after: `a new one of the series ${parameters.series}` }],
    calls: ['snapshot'],
    ...(target.power === 'running' ? { risk: 'The guest stands still while its memory is saved.' } : {}),
  }),
  undo: () => ({ none: 'Delete the snapshot instead, if it is not wanted; nothing else was changed.' }),
  run: async ({ connection, target, parameters, job }) => {
    const name = freeName(parameters.series, await connection.vms.snapshots(target));
    const mark = { series: parameters.series, operation: job.operation };
    job.progress(0.1, 'making the snapshot');
    const made = await connection.vms.snapshot(
      target,
      { name, description: marked(parameters.description, mark) },
      job,
    );
    return { snapshot: shown(made) };
  },
});

/** The time in UTC to the second, and a number where that is taken. */
function freeName(series: string, taken: readonly Snapshot[]): string {
  const name = `${series}-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const names = new Set(taken.map((one) => one.name));
  for (let number = 1; ; number += 1) {
    const free = number === 1 ? name : `${name}-${number}`;
    if (!names.has(free)) return free;
  }
}

export const deleteSnapshot = action({
  id: 'vm.delete-snapshot',
  target: 'vm',
  role: 'power-operator',
  danger: 'destructive',
  label: 'delete snapshot',
  summary: 'Deletes one snapshot of a VM. Disks and other snapshots stay as they are.',
  icon: 'font-awesome/fa-eraser',
  parameters: Type.Object({
    name: Type.String({
      title: 'Snapshot',
      description: 'Its name.',
      minLength: 1,
      maxLength: 255,
      default: '',
    }),
    foreign: Type.Boolean({
      title: 'Also one of others',
      description: 'Without it, a snapshot that virtflow did not make is left alone.',
      default: false,
    }),
  }),
  needs: ['vm.snapshot'],
  timeoutSeconds: 1800,
  holds: async ({ connection, target, parameters }) =>
    !(await connection.vms.snapshots(target)).some(({ name }) => name === parameters.name),
  plan: ({ parameters }) => ({
    changes: [{ what: `snapshot ${parameters.name}`, before: 'there', after: null }],
    calls: ['deleteSnapshot'],
    risk: 'The VM cannot be brought back to it any more.',
  }),
  undo: () => ({ none: 'What was deleted is not kept anywhere.' }),
  run: async ({ connection, target, parameters, job }) => {
    const { name, foreign } = parameters;
    const found = (await connection.vms.snapshots(target)).find((one) => one.name === name);
    if (!found) return { changed: false };
    if (!foreign && !markOf(found)) throw new VirtflowError('SNAPSHOT_FOREIGN', { name, vm: target.name });
    await connection.vms.deleteSnapshot(target, name, job);
    return { snapshot: shown(found) };
  },
});

const keep = (title: string, description: string, minimum: number, of: number) =>
  Type.Integer({ title, description, minimum, maximum: 1000, default: of });

export const pruneSnapshots = action({
  id: 'vm.prune-snapshots',
  target: 'vm',
  role: 'power-operator',
  // As a log is rotated: it takes away only what the same series made, and always leaves the latest.
  danger: 'none',
  label: 'prune snapshots',
  summary:
    'Deletes old snapshots of a series: the latest stay, and one of each day, week and month. Those of others stay.',
  icon: 'font-awesome/fa-filter',
  parameters: Type.Object({
    series,
    keepLast: keep('Keep the last', 'So many of the latest stay.', 1, 7),
    keepDaily: keep('Days', 'The latest of each of so many days stays.', 0, 0),
    keepWeekly: keep('Weeks', 'The latest of each of so many weeks stays.', 0, 0),
    keepMonthly: keep('Months', 'The latest of each of so many months stays.', 0, 0),
  }),
  needs: ['vm.snapshot'],
  timeoutSeconds: 3600,
  holds: async ({ connection, target, parameters }) =>
    sorted(await connection.vms.snapshots(target), parameters).old.length === 0,
  plan: ({ parameters }) => ({
    changes: [{ what: `snapshots of ${parameters.series}`, before: 'all there are', after: retentionText(parameters) }],
    calls: ['deleteSnapshot'],
    risk: 'The VM cannot be brought back to those that are deleted. Snapshots of others and of other series stay.',
  }),
  undo: () => ({ none: 'What was deleted is not kept anywhere.' }),
  run: async (run) => {
    const { old, stay } = sorted(await run.connection.vms.snapshots(run.target), run.parameters);
    if (old.length === 0) return { changed: false, deleted: [], kept: stay.length };
    const { deleted, failures } = await deleteAll(run, old);
    return { deleted, kept: stay.length, ...(failures.length > 0 ? { failures } : {}) };
  },
});

function sorted(snapshots: readonly Snapshot[], parameters: Retention & { readonly series: string }) {
  const own = snapshots.filter((one) => markOf(one)?.series === parameters.series);
  const stay = kept(own, parameters);
  return { old: own.filter((one) => !stay.has(one)), stay: [...stay] };
}

async function deleteAll(run: Run<'vm', unknown>, old: readonly Snapshot[]) {
  const deleted: string[] = [];
  const failures: ErrorRecord[] = [];
  for (const [index, { name }] of old.entries()) {
    run.job.signal.throwIfAborted();
    run.job.progress((index + 1) / (old.length + 1), `deleting ${name}`);
    try {
      await run.connection.vms.deleteSnapshot(run.target, name, run.job);
      deleted.push(name);
    } catch (error) {
      failures.push(toVirtflowError(error).toJSON());
    }
  }
  return { deleted, failures };
}

function retentionText({ keepLast, keepDaily, keepWeekly, keepMonthly }: Retention): string {
  return `the latest ${keepLast}, and one of each of ${keepDaily} days, ${keepWeekly} weeks and ${keepMonthly} months`;
}

function shown({ name, createdAt, withMemory }: Snapshot) {
  return { name, createdAt, withMemory };
}

export const snapshotActions: readonly AnyAction[] = [snapshot, deleteSnapshot, pruneSnapshots];
