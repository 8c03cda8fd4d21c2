import type { DatabaseSync } from 'node:sqlite';
import type { RecordedStep, RunStep, RunSummary } from '../../runs/step.ts';
import type { RunTable } from '../store.ts';
import { guarded } from './failure.ts';
import { transactionOn } from './transaction.ts';

type Row = Readonly<Record<string, unknown>>;

const mostListed = 200;

/** The steps of runs in SQLite, one a row; what a run is as a whole is counted as they come. */
export function sqliteRuns(database: DatabaseSync, path: string): RunTable {
  const begin = database.prepare(
    `insert into run (id, flow, node, started_at, last_at, steps, failures, bytes) values (?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (id) do update set last_at = excluded.last_at, steps = steps + excluded.steps,
       failures = failures + excluded.failures, bytes = bytes + excluded.bytes`,
  );
  const insert = database.prepare('insert into run_step (run, body) values (?, ?)');
  const list = database.prepare(
    'select * from run where (?1 is null or flow = ?1) and last_at < ?2 order by last_at desc, id desc limit ?3',
  );
  const get = database.prepare('select * from run where id = ?');
  const steps = database.prepare('select id, body from run_step where run = ? order by id limit ?');
  const step = database.prepare('select id, body from run_step where run = ? and id = ?');
  const size = database.prepare('select count(*) as runs, coalesce(sum(bytes), 0) as bytes from run');
  const old = database.prepare('select id from run where last_at < ?');
  const oldest = database.prepare('select id, bytes from run order by last_at, id limit ?');
  const remove = database.prepare('delete from run where id = ?');
  const removeSteps = database.prepare('delete from run_step where run = ?');
  const forget = (id: unknown) => {
    removeSteps.run(String(id));
    remove.run(String(id));
  };
  const atOnce = 100;
  const shrink = (mostRuns: number, mostBytes: number) => {
    for (;;) {
      const { runs, bytes } = size.get() ?? {};
      let [tooMany, tooLarge] = [Number(runs) - mostRuns, Number(bytes) - mostBytes];
      if (tooMany <= 0 && tooLarge <= 0) return;
      for (const row of oldest.all(atOnce)) {
        if (tooMany <= 0 && tooLarge <= 0) return;
        forget(row.id);
        tooMany -= 1;
        tooLarge -= Number(row.bytes);
      }
    }
  };
  const add = (added: readonly RunStep[]) => {
    const [first, last] = [added[0], added.at(-1)];
    if (!first || !last) return;
    const bodies = added.map((one) => JSON.stringify(one));
    const bytes = bodies.reduce((sum, { length }) => sum + length, 0);
    const failures = added.filter(({ kind }) => kind === 'failed').length;
    begin.run(first.run, first.flow, first.node, first.at, last.at, added.length, failures, bytes);
    for (const body of bodies) insert.run(first.run, body);
  };
  return {
    append: (all) => {
      const write = () => {
        for (const steps of Map.groupBy(all, ({ run }) => run).values()) add(steps);
      };
      transactionOn(database, path, () => guarded(path, write));
    },
    list: (flow, before) => guarded(path, () => list.all(flow ?? null, before, mostListed).map(summaryOf)),
    get: (id) => {
      const row = guarded(path, () => get.get(id));
      return row && summaryOf(row);
    },
    steps: (run, limit) => guarded(path, () => steps.all(run, limit).map(stepOf)),
    step: (run, id) => {
      const row = guarded(path, () => step.get(run, id));
      return row && stepOf(row);
    },
    prune: (before, mostRuns, mostBytes) => {
      transactionOn(database, path, () =>
        guarded(path, () => {
          for (const { id } of old.all(before)) forget(id);
          shrink(mostRuns, mostBytes);
        }),
      );
    },
  };
}

function summaryOf(row: Row): RunSummary {
  return {
    id: String(row.id),
    flow: row.flow === null ? null : String(row.flow),
    node: String(row.node),
    startedAt: Number(row.started_at),
    lastAt: Number(row.last_at),
    steps: Number(row.steps),
    failures: Number(row.failures),
  };
}

/** Only `append` writes a body, and `user_version` says in which shape. */
function stepOf(row: Row): RecordedStep {
  return { ...JSON.parse(String(row.body)), id: Number(row.id) };
}
