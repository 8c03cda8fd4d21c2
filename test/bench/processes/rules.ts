import { createInterface } from 'node:readline';
import { RuleEngine } from '../../../lib/rules/engine.ts';
import { parseRule } from '../../../lib/rules/rule.ts';
import { openSqliteStore } from '../../../lib/store/sqlite/sqlite-store.ts';
import { fleetRules, fleetSamples } from '../fleet.ts';

/**
 * `node --expose-gc rules.ts VMS RULES STORE` judges a round of samples for each line that it reads, and prints, as JSON, how
 * many ms that took, by the clock and of the CPU, how many objects fire, and the process's memory in bytes.
 */
const [vms = '10000', count = '20', path = ''] = process.argv.slice(2);
const store = openSqliteStore(path);
const engine = new RuleEngine(store);
const rules = fleetRules(Number(count)).map(({ name, field, threshold, forSeconds }) =>
  parseRule({
    ...{ id: name, name, kind: 'threshold', measurement: 'vm', value: { field }, unit: 'absolute', direction: 'above' },
    ...{ levels: [{ severity: 'warning', threshold }], forSeconds },
  }),
);
for (const rule of rules) engine.add(rule);
let round = 0;
for await (const _ of createInterface({ input: process.stdin })) {
  const samples = fleetSamples(Number(vms), round, Date.now());
  round += 1;
  const began = performance.now();
  const before = process.cpuUsage();
  for (const { id } of rules) engine.observe(id, samples);
  engine.tick();
  const tookMs = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  const firing = rules.reduce((sum, { id }) => sum + (engine.counts(id).firing ?? 0), 0);
  for (let i = 0; i < 2; i += 1) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  console.log(
    `round ${JSON.stringify({ tookMs, cpuMs: (user + system) / 1000, firing, heap: heapUsed + external, resident: rss })}`,
  );
}
engine.stop();
store.close();
