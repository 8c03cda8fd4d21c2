import { writeSync } from 'node:fs';
import { AuditLog } from '../../lib/access/audit/audit-log.ts';
import { auditedJournal } from '../../lib/access/audit/audited-journal.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { anOperation } from '../store/an-operation.ts';

/** Takes operations through their lives until it is killed, and reports each transition after it was recorded. */
const store = openSqliteStore(process.argv[2] ?? '');
const journal = auditedJournal(store, new AuditLog(store));
for (;;) {
  const operation = anOperation();
  journal.insert(operation);
  writeSync(1, `${operation.id} queued\n`);
  journal.update({ ...operation, state: 'running' });
  writeSync(1, `${operation.id} running\n`);
  journal.update({ ...operation, state: 'succeeded', endedAt: 1 });
  writeSync(1, `${operation.id} succeeded\n`);
}
