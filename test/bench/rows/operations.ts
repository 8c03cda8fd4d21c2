import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Vm } from '../../../lib/model/objects.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { difference, plain } from '../figures.ts';
import { operate, pauseAndResume as pauseAndResumeByOperations } from '../operate.ts';
import { permit } from '../permit.ts';
import { rounds } from '../rounds.ts';
import type { Row } from '../row.ts';
import { SimulatedFleet } from '../simulator.ts';

const pairs = 50;

export const operations: Row = {
  id: 'operations',
  title: 'An operation against the bare driver call',
  needs: [],
  notes: [
    'The simulator, which answers at once; each operation is finished before the next one is submitted.',
    'An operation is on disk (fsync) before its call leaves, and its outcome before anyone hears of it.',
  ],
  async measure({ rounds: count }) {
    const directory = await ownDirectory('bench-operations');
    const fleet = await SimulatedFleet.open(12, join(directory, 'state.db'));
    const database = openDatabase(join(directory, 'commits.db'));
    const commit = database.prepare('insert into entry (body) values (zeroblob(1000))');
    try {
      const vm = fleet.inventory.list({ kind: 'vm' }).find(({ power }) => power === 'running');
      if (!vm) throw new Error('the simulator runs no VM');
      const values = await rounds(
        {
          bare: () => meanUs(() => pauseAndResume(fleet, vm), 2),
          operation: () => meanUs(() => pauseAndResumeByOperations(fleet, vm), 2),
          commit: () => meanUs(async () => void commit.run(), 1),
          noop: () => meanUs(() => operate(fleet, vm, 'vm.start'), 1),
        },
        { count, warmUp: 3 },
      );
      const reference = { name: 'the bare call', values: values.bare };
      return [
        plain('driver call: pause, resume', values.bare, 'µs'),
        difference('operation: pause, resume', values.operation, 'µs', reference),
        plain('operation: start of a VM that runs', values.noop, 'µs'),
        plain('for comparison: 1,000 bytes committed to disk', values.commit, 'µs'),
      ];
    } finally {
      database.close();
      await fleet.stop();
    }
  },
};

/** As the journal is kept. */
function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode = wal; pragma synchronous = full; create table entry (body blob)');
  return database;
}

async function meanUs(run: () => Promise<void>, steps: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < pairs; i += 1) await run();
  return ((performance.now() - start) * 1000) / (pairs * steps);
}

async function pauseAndResume({ connection }: SimulatedFleet, vm: Vm): Promise<void> {
  await connection.vms.pause(vm, permit);
  await connection.vms.resume(vm, permit);
}
