import { writeSync } from 'node:fs';
import { RuleEngine } from '../../lib/rules/engine.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { rule } from './series.ts';

/** Lets a rule fire and resolve as often as it can, until it is killed; reports each alert that it hears of. */
const engine = new RuleEngine(openSqliteStore(process.argv[2] ?? ''));
engine.alerts.subscribe(({ id, sequence, type }) => {
  writeSync(1, `${JSON.stringify({ id, sequence, type })}\n`);
});
engine.add(rule({ id: 'flip' }));
writeSync(1, 'ready\n');
const subject = { key: 'one', name: 'one' };
for (let round = 0; ; round += 1) {
  engine.observeFields('flip', subject, { value: round % 2 === 0 ? 90 : 10 }, Date.now() + round / 1000);
  await new Promise((resolve) => setImmediate(resolve));
}
