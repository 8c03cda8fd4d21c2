import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountGrant } from '../../../lib/access/account.ts';
import type { Sample } from '../../../lib/model/reading.ts';
import { operator, RestHouse, viewer } from './house.ts';

const busy = {
  name: 'CPU is busy',
  kind: 'threshold',
  measurement: 'vm',
  value: { field: 'cpu_ratio' },
  unit: 'percent',
  direction: 'above',
  levels: [{ severity: 'warning', threshold: 80 }],
};

describe('rules over REST', function () {
  this.timeout(30_000);
  let house: RestHouse;

  before(async () => {
    house = await RestHouse.open();
  });
  after(() => house.close());

  const vm = (index: number) => {
    const found = house.platform.inventory.list({ kind: 'vm' })[index];
    assert.ok(found);
    return found;
  };
  const sample = (index: number, cpuRatio: number, at = Date.now()): Sample => {
    const { connection, id, name } = vm(index);
    return { measurement: 'vm', tags: { connection, id, name }, at, fields: { cpu_ratio: cpuRatio } };
  };
  const put = (id: string, rule: object) => house.ask(`/rules/${id}`, { method: 'PUT', body: { rule } });
  /** Until an alert of a rule has a state. */
  const alert = async (rule: string, state: string) => {
    const { alerts } = house.platform;
    while (alerts.list().find((one) => one.rule === rule)?.state !== state) {
      await new Promise<void>((resolve) => {
        const end = alerts.changes.subscribe(() => {
          end();
          resolve();
        });
      });
    }
  };

  it('are put, judge what is collected, are disabled, enabled and deleted', async () => {
    const told = await put('busy', busy);
    assert.deepEqual([told.status, told.body.from, told.body.enabled], [200, { type: 'file' }, true]);
    house.platform.metrics.samples.publish([sample(0, 0.95), sample(1, 0.2)]);
    await alert('busy', 'firing');
    const { body } = await house.ask('/rules/busy');
    assert.deepEqual(body.counts, { firing: 1, ok: 1 });
    const says = body.objects.map(({ status, says: text }: { status: string; says: string }) => `${status} ${text}`);
    assert.deepEqual(says.sort(), ['firing cpu_ratio is 95 %.', 'ok cpu_ratio is 20 %.']);
    const disabled = await house.ask('/rules/busy/enabled', { method: 'PUT', body: { enabled: false } });
    assert.deepEqual([disabled.body.enabled, disabled.body.counts], [false, {}]);
    await alert('busy', 'withdrawn');
    await house.ask('/rules/busy/enabled', { method: 'PUT', body: { enabled: true } });
    house.platform.metrics.samples.publish([sample(0, 0.95)]);
    await alert('busy', 'firing');
    assert.equal((await house.ask('/rules/busy', { method: 'DELETE' })).status, 204);
    await alert('busy', 'withdrawn');
    assert.equal((await house.ask('/rules/busy')).body.code, 'RULE_UNKNOWN');
  });

  it('stand in one list with those of nodes, which are changed where they are drawn', async () => {
    await put('busy', busy);
    const { rules } = house.platform;
    rules.add(
      { ...house.platform.ruleRoom.get('busy').rule, id: 'a1b2c3d4e5f60718' },
      { type: 'node', flow: 'tab', fedBy: 'flow' },
    );
    const { body } = await house.ask('/rules?objects=true');
    assert.deepEqual(
      body.items.map(({ rule, from }: { rule: { id: string }; from: object }) => [rule.id, from]),
      [
        ['a1b2c3d4e5f60718', { type: 'node', flow: 'tab', fedBy: 'flow' }],
        ['busy', { type: 'file' }],
      ],
    );
    const refused = await house.ask('/rules/a1b2c3d4e5f60718', { method: 'DELETE' });
    assert.deepEqual([refused.status, refused.body.code], [409, 'RULE_OF_NODE']);
    assert.equal((await put('a1b2c3d4e5f60719', busy)).body.code, 'RULE_INVALID');
    rules.forget('a1b2c3d4e5f60718');
    await house.ask('/rules/busy', { method: 'DELETE' });
  });

  it('are read by who may read flows, with the objects that they may see, and changed by who may write them', async () => {
    await put('busy', busy);
    house.platform.metrics.samples.publish([sample(0, 0.95), sample(1, 0.2)]);
    const { connection } = vm(0);
    const otto = house.user('otto', [operator()]);
    const eve = house.user('eve', [viewer({ connection, selector: `id = '${vm(1).id}'` })]);
    const write = { method: 'PUT', body: { rule: busy } };
    assert.equal((await house.ask('/rules/other', { token: otto, ...write })).body.code, 'ACCESS_DENIED');
    assert.equal((await house.ask('/rules/busy', { token: otto, method: 'DELETE' })).status, 403);
    assert.deepEqual((await house.ask('/rules/busy', { token: otto })).body.counts, { firing: 1, ok: 1 });
    assert.equal((await house.ask('/rules/busy', { token: eve })).status, 403);
    house.platform.access.accounts.putRole('test', { name: 'reader', permissions: ['flows.read'] });
    const reads: AccountGrant = { effect: 'allow', role: 'reader', scope: {} };
    const nina = house.user('nina', [reads, viewer({ selector: `id = '${vm(1).id}'` })]);
    assert.deepEqual((await house.ask('/rules/busy', { token: nina })).body.counts, { ok: 1 });
    await house.ask('/rules/busy', { method: 'DELETE' });
  });

  it('are refused before anything has changed, with what is wrong', async () => {
    for (const [wrong, reason] of [
      [{ ...busy, levels: [] }, /levels/],
      [{ ...busy, forSecond: 5 }, /forSecond|additional/],
      [{ ...busy, targets: { selector: "'web' in" } }, /selector/],
      [{ ...busy, kind: 'guess' }, /kind has to be one of/],
    ] as const) {
      const { status, body } = await put('wrong', wrong);
      assert.deepEqual([status, body.code], [422, 'RULE_INVALID']);
      assert.match(body.detail, reason);
    }
    assert.deepEqual((await house.ask('/rules')).body.items, []);
  });

  it('are read from the file again when it changes, and the last good ones count while it is broken', async () => {
    const path = join(house.platform.dataDirectory, 'rules.json');
    writeFileSync(path, JSON.stringify({ version: 1, rules: [{ id: 'busy', ...busy }] }));
    assert.equal((await house.ask('/rules')).body.items.length, 1);
    writeFileSync(path, '{ "version": 1, "rules": [');
    const { body } = await house.ask('/rules');
    assert.deepEqual([body.items.length, body.problem.code], [1, 'SETTINGS_FILE_INVALID']);
    assert.equal((await put('other', busy)).body.code, 'SETTINGS_FILE_INVALID');
    writeFileSync(path, JSON.stringify({ version: 1, rules: [] }));
    assert.deepEqual((await house.ask('/rules')).body, { items: [], problem: null });
  });

  it('of states know how VMs are that nothing happens to', async () => {
    const halted = { kind: 'state', states: ['halted'], levels: [{ severity: 'info', threshold: 1 }] };
    await put('halted', halted);
    await alert('halted', 'firing');
    const { body } = await house.ask('/rules/halted');
    const vms = house.platform.inventory.list({ kind: 'vm' }).filter(({ template }) => !template);
    const expected = vms.filter(({ power }) => power === 'halted').length;
    assert.equal(body.objects.length, vms.length);
    assert.deepEqual(body.counts, { firing: expected, ok: vms.length - expected });
    await house.ask('/rules/halted', { method: 'DELETE' });
  });

  it('are tried on the stored past, against the rule of today, with progress', async () => {
    const { metrics } = house.platform;
    metrics.store.start();
    const from = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;
    for (let at = from; at < from + 3_600_000; at += 10_000) {
      metrics.store.write([sample(0, (at - from) % 600_000 < 120_000 ? 0.95 : 0.85, at), sample(1, 0.2, at)]);
    }
    await metrics.store.settled();
    await put('busy', busy);
    const draft = { ...busy, levels: [{ severity: 'critical', threshold: 90 }] };
    const body = { rule: draft, against: 'busy', from, to: from + 3_600_000 };
    const told = await house.ask('/rules/backtest', { body });
    assert.deepEqual([told.body.draft.count, told.body.today.count, told.body.draft.samples], [6, 1, 720]);
    assert.deepEqual(told.body.apart, { same: 0, added: 5, gone: 0, moved: 1 });
    const headers = { accept: 'application/x-ndjson' };
    const lines = (await (await house.response('/rules/backtest', { body, headers })).text()).trim().split('\n');
    assert.ok(lines.length > 1);
    assert.deepEqual(JSON.parse(lines.at(-1) ?? '').result.draft.firings, told.body.draft.firings);
    assert.ok(lines.slice(0, -1).every((line) => JSON.parse(line).progress <= 1));
    const blind = house.user('blind', [viewer({ selector: `id = '${vm(1).id}'` })]);
    assert.equal((await house.ask('/rules/backtest', { body, token: blind })).body.code, 'ACCESS_DENIED');
    const { against: _, ...alone } = body;
    const over = { kind: 'composite', condition: { rule: 'busy' }, severity: 'info', over: 'object' };
    const joined = { ...alone, rule: over };
    assert.equal((await house.ask('/rules/backtest', { body: joined, token: blind })).body.code, 'ACCESS_DENIED');
    assert.equal((await house.ask('/rules/backtest', { body: alone, token: blind })).body.draft.count, 0);
  });

  it('are tried on no past that cannot be', async () => {
    const [from, to] = [Date.now() - 1_000, Date.now()];
    for (const body of [
      { rule: busy, from: to, to: from },
      { rule: busy, from: 0, to },
    ]) {
      const { status, body: problem } = await house.ask('/rules/backtest', { body });
      assert.deepEqual([status, problem.code], [422, 'BACKTEST_REFUSED']);
    }
  });
});
