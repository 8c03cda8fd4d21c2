import type { DatabaseSync } from 'node:sqlite';
import type { Slots } from '../store.ts';
import { guarded } from './failure.ts';

/** Schedule slots in SQLite: the primary key is what lets a slot be taken once. */
export function sqliteSlots(database: DatabaseSync, path: string): Slots {
  const take = database.prepare(
    'insert into slot (schedule, slot, at, outcome) values (?, ?, ?, ?) on conflict do nothing',
  );
  const last = database.prepare('select max(slot) as slot from slot where schedule = ?');
  const history = database.prepare('select slot, at, outcome from slot where schedule = ? order by slot desc limit ?');
  return {
    take: (schedule, slot, at, outcome) => guarded(path, () => take.run(schedule, slot, at, outcome).changes === 1),
    last: (schedule) => {
      const slot = guarded(path, () => last.get(schedule)?.slot);
      return typeof slot === 'number' ? slot : undefined;
    },
    history: (schedule, limit) =>
      guarded(path, () =>
        history
          .all(schedule, limit)
          .map((row) => ({ slot: Number(row.slot), at: Number(row.at), outcome: String(row.outcome) })),
      ),
  };
}
