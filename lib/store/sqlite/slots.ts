import type { DatabaseSync } from 'node:sqlite';
import type { SlotRecord, Slots } from '../store.ts';
import { guarded } from './failure.ts';

/** Schedule slots in SQLite: the primary key is what lets a slot be taken once. */
export function sqliteSlots(database: DatabaseSync, path: string): Slots {
  const take = database.prepare(
    'insert into slot (schedule, slot, at, outcome, run, why, facts) values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing',
  );
  const taken = database.prepare('select 1 from slot where schedule = ? and slot = ?');
  const last = database.prepare("select max(slot) as slot from slot where schedule = ? and outcome <> 'asked'");
  const between = database.prepare('select * from slot where slot >= ? and slot < ? order by slot desc limit ?');
  const runs = database.prepare(
    'select run from slot where schedule = ? and run is not null order by slot desc limit ?',
  );
  const prune = database.prepare(
    `delete from slot where (schedule, slot) in (
       select schedule, slot from slot as old where slot < ? and exists (
         select 1 from slot as later
         where later.schedule = old.schedule and later.slot > old.slot and later.outcome <> 'asked'
       ) order by slot limit ?)`,
  );
  return {
    take: (schedule, slot, at, outcome, { run = null, why = null, facts } = {}) => {
      const told = facts ? JSON.stringify(facts) : null;
      return guarded(path, () => take.run(schedule, slot, at, outcome, run, why, told).changes === 1);
    },
    isTaken: (schedule, slot) => guarded(path, () => taken.get(schedule, slot) !== undefined),
    last: (schedule) => {
      const slot = guarded(path, () => last.get(schedule)?.slot);
      return typeof slot === 'number' ? slot : undefined;
    },
    lastRuns: (schedule, limit) => guarded(path, () => runs.all(schedule, limit).map(({ run }) => String(run))),
    prune: (before, most) => guarded(path, () => void prune.run(before, most)),
    between: (from, until, limit) => guarded(path, () => between.all(from, until, limit).map(recordOf).reverse()),
  };
}

function recordOf({ schedule, slot, at, outcome, run, why, facts }: Record<string, unknown>): SlotRecord {
  return {
    schedule: String(schedule),
    slot: Number(slot),
    at: Number(at),
    outcome: String(outcome),
    ...(typeof run === 'string' ? { run } : {}),
    ...(typeof why === 'string' ? { why } : {}),
    ...(typeof facts === 'string' ? { facts: JSON.parse(facts) } : {}),
  };
}
