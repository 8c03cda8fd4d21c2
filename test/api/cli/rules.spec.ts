import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliHouse } from './cli-house.ts';

const busy = {
  id: 'busy',
  name: 'CPU is busy',
  kind: 'threshold',
  measurement: 'vm',
  value: { field: 'cpu_ratio' },
  unit: 'percent',
  direction: 'above',
  levels: [{ severity: 'warning', threshold: 80 }],
};

describe('virtflow rules', () => {
  const directory = mkdtempSync(join(tmpdir(), 'virtflow-rules-'));
  let house: CliHouse;

  before(async () => {
    house = await CliHouse.open();
  });
  after(async () => {
    await house.close();
    rmSync(directory, { recursive: true });
  });

  const file = (content: unknown) => {
    const path = join(directory, 'file.json');
    writeFileSync(path, JSON.stringify(content));
    return path;
  };

  it('puts, lists, shows, disables and deletes rules', async () => {
    const line = 'busy  threshold  CPU is busy  rules.json  ';
    assert.equal((await house.run('rules', 'put', file(busy))).printed, `${line}nothing seen yet`);
    const [vm] = house.rest.platform.inventory.list({ kind: 'vm' });
    assert.ok(vm);
    const { connection, id, name } = vm;
    const sample = {
      measurement: 'vm',
      tags: { connection, id, name },
      at: Date.now(),
      fields: { cpu_ratio: 0.9 },
    } as const;
    house.rest.platform.metrics.samples.publish([sample]);
    assert.equal((await house.run('rules', 'list')).printed, `${line}firing 1`);
    assert.match(
      (await house.run('rules', 'show', 'busy')).printed,
      new RegExp(`  ${name}  firing warning  cpu_ratio is 90 %`),
    );
    assert.equal((await house.run('rules', 'disable', 'busy')).printed, `${line}disabled`);
    assert.equal((await house.run('rules', 'enable', 'busy')).printed, `${line}nothing seen yet`);
    await house.run('rules', 'delete', 'busy');
    assert.equal((await house.run('rules', 'list')).printed, '');
    await assert.rejects(house.run('rules', 'show', 'busy'), { code: 'RULE_UNKNOWN' });
  });

  it('puts no rule that has no id', async () => {
    const { id: _, ...nameless } = busy;
    await assert.rejects(house.run('rules', 'put', file(nameless)), { code: 'RULE_INVALID' });
    assert.equal((await house.run('rules', 'list')).printed, '');
  });

  it('tells when a rule would have fired, and how that differs from the rule of today', async () => {
    const { metrics, inventory } = house.rest.platform;
    const [vm] = inventory.list({ kind: 'vm' });
    assert.ok(vm);
    const { connection, id, name } = vm;
    const tags = { connection, id, name };
    metrics.store.start();
    const from = Date.now() - 1_200_000;
    for (let at = from; at < from + 600_000; at += 10_000) {
      const minute = Math.floor((at - from) / 60_000);
      metrics.store.write([{ measurement: 'vm', tags, at, fields: { cpu_ratio: minute % 2 ? 0.95 : 0.85 } }]);
    }
    await metrics.store.settled();
    await house.run('rules', 'put', file(busy));
    const draft = file({ ...busy, levels: [{ severity: 'critical', threshold: 90 }] });
    const { printed } = await house.run('rules', 'backtest', draft, '--last', '30m');
    assert.match(printed, new RegExp(`critical  ${name}  cpu_ratio is 95 %`));
    assert.match(
      printed,
      /5 times, for 1 objects by 60 samples\ntoday's rule: 1 times; the same 0, moved 1, new 4, gone 0$/,
    );
  }).timeout(20_000);

  it('runs the tests of a file without a virtflow that runs', async () => {
    const test = {
      name: 'a peak',
      rule: 'busy',
      everySeconds: 10,
      series: { web: '50 90' },
      expect: ['web 10 firing warning'],
    };
    const rules = [busy];
    assert.equal((await house.run('rules', 'test', file({ rules, tests: [test] }))).printed, 'ok     a peak');
    const wrong = { ...test, expect: [] };
    await assert.rejects(house.run('rules', 'test', file({ rules, tests: [wrong] })), { code: 'RULE_TEST_FAILED' });
  });
});
