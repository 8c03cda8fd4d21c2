import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { anOperation } from './an-operation.ts';

/** Commits until it is killed, and reports each commit after it was made. `writer.ts <path> <life>` */
const [path = '', life = ''] = process.argv.slice(2);
const store = openSqliteStore(path);
for (let number = 0; ; number += 1) {
  const operation = anOperation({ step: `${life}-${number}` });
  store.journal.insert(operation, `${life}-${number}`);
  writeSync(1, `${operation.id} queued\n`);
  store.journal.update({ ...operation, state: 'running' });
  writeSync(1, `${operation.id} running\n`);
  store.states.put('test', life, number);
  store.slots.take('test', number, 0, 'run');
  store.journal.update({ ...operation, state: 'succeeded', endedAt: 1 });
  writeSync(1, `${operation.id} succeeded\n`);
}
