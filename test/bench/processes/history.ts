import { statSync } from 'node:fs';
import type { HistoryFilter } from '../../../lib/operations/operation.ts';
import { openSqliteStore } from '../../../lib/store/sqlite/sqlite-store.ts';
import { anOperation } from '../../store/an-operation.ts';

const vms = 1_000;
const times = 50;

/** `node --expose-gc history.ts OPERATIONS JOURNAL` fills a journal and prints, as JSON, what it costs to have and to read. */
function main(count: number, path: string): void {
  const store = openSqliteStore(path);
  const batch = 1_000;
  for (let done = 0; done < count; done += batch) {
    store.transaction(() => {
      for (let number = done; number < Math.min(done + batch, count); number += 1)
        store.journal.insert(operationOf(number));
    });
  }
  const measure = (filter: HistoryFilter) =>
    Array.from({ length: times }, () => timed(() => store.journal.history(filter)));
  const middle = store.journal.history({ before: Math.floor(count / 2), limit: 1 })[0];
  const figures = {
    latest: measure({}),
    next: middle ? measure({ after: middle }) : [],
    ofObject: measure({ object: { connection: 'lab', kind: 'host', id: 'host-1' } }),
    failed: measure({ states: ['failed'] }),
  };
  for (let i = 0; i < 2; i += 1) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const file = ['', '-wal'].reduce(
    (sum, end) => sum + (statSync(`${path}${end}`, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  console.log(JSON.stringify({ heap: heapUsed + external, file, ...figures }));
  store.close();
}

function operationOf(number: number) {
  const vm = number % vms;
  const failed = number % 50 === 0;
  const error = {
    code: 'HYPERVISOR_FAILED',
    message: 'The hypervisor failed: it is only a benchmark.',
    advice: 'None.',
  };
  return anOperation({
    target: { connection: 'lab', kind: 'vm', id: `vm-${vm}` },
    targetName: `vm-${vm}`,
    touches: [{ connection: 'lab', kind: 'host', id: `host-${vm % 20}` }],
    state: failed ? 'failed' : 'succeeded',
    queuedAt: number,
    startedAt: number,
    endedAt: number + 1,
    calls: [{ name: 'DOMAIN_CREATE_WITH_FLAGS', at: number, tookMs: 12.5 }],
    sent: [{ name: 'DOMAIN_CREATE_WITH_FLAGS', at: number }],
    result: failed ? null : { changed: true, power: 'running' },
    changes: [{ what: 'power', before: 'halted', after: 'running' }],
    undo: { action: 'vm.shutdown' },
    error: failed ? error : null,
    why: [{ rule: 'access-granted', says: 'The test has the role operator everywhere.' }],
  });
}

function timed(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

const [count = '0', path = ''] = process.argv.slice(2);
main(Number(count), path);
