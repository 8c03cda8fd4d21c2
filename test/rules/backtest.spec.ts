import assert from 'node:assert/strict';
import { backtest } from '../../lib/rules/backtest.ts';
import { type Alert, RuleEngine } from '../../lib/rules/engine.ts';
import { firingsApart } from '../../lib/rules/firings.ts';
import { historyOf, momentOf, type Recorded } from '../../lib/rules/past.ts';
import { parseRule, type Rule } from '../../lib/rules/rule.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { DrivenClock } from '../calendar/driven-clock.ts';
import { past, sampleOf, start } from './recorded.ts';

const hour = 3_600_000;

const busy = parseRule({
  id: 'busy',
  name: 'busy',
  kind: 'threshold',
  measurement: 'vm',
  value: { field: 'cpu_ratio' },
  unit: 'percent',
  direction: 'above',
  levels: [
    { severity: 'warning', threshold: 70, clear: 60 },
    { severity: 'critical', threshold: 90 },
  ],
  forSeconds: 25,
  noDataAfterSeconds: 65,
});

const growing = parseRule({
  ...{
    id: 'growing',
    name: 'growing',
    kind: 'rate',
    measurement: 'vm',
    value: { field: 'cpu_ratio' },
    unit: 'percent',
  },
  ...{ overSeconds: 60, per: 'minute', direction: 'above', levels: [{ severity: 'info', threshold: 20 }] },
});

const silent = parseRule({
  ...{ id: 'silent', name: 'silent', kind: 'absence', measurement: 'vm', keepFiringForSeconds: 15 },
  levels: [{ severity: 'warning', threshold: 45 }],
});

const crashing = parseRule({
  ...{ id: 'crashing', name: 'crashing', kind: 'event-count', events: ['vm.crashed'], windowSeconds: 300 },
  ...{ over: 'object', levels: [{ severity: 'warning', threshold: 2 }] },
});

const stuck = parseRule({
  ...{ id: 'stuck', name: 'stuck', kind: 'state', states: ['crashed'] },
  levels: [{ severity: 'warning', threshold: 90 }],
});

const together = parseRule({
  ...{ id: 'together', name: 'together', kind: 'composite', severity: 'critical', over: 'object', forSeconds: 12 },
  condition: { any: [{ rule: 'crashing' }, { all: [{ rule: 'busy' }, { not: { rule: 'growing' } }] }] },
});

const rules = [busy, growing, silent, crashing, stuck, together];

/** What the engine tells of the same, on disk, tick by tick, and with restarts where `restartEvery` says so. */
function live(recorded: readonly Recorded[], to: number, restartEvery = Number.POSITIVE_INFINITY): Alert[] {
  const clock = new DrivenClock(start);
  const store = openSqliteStore(':memory:');
  const alerts: Alert[] = [];
  const boot = () => {
    const made = new RuleEngine(store, { clock });
    made.alerts.subscribe((alert) => alerts.push(alert));
    for (const rule of rules) made.add(rule);
    made.start();
    return made;
  };
  let engine = boot();
  for (const [index, one] of recorded.entries()) {
    clock.advance(momentOf(one) - clock.now());
    for (const { id } of rules) {
      if ('sample' in one) engine.observe(id, [one.sample]);
      else if ('event' in one) engine.event(id, one.event);
    }
    if (index % restartEvery === restartEvery - 1) {
      engine.stop();
      engine = boot();
    }
  }
  clock.advance(to - clock.now());
  engine.stop();
  store.close();
  return alerts;
}

const plain = (alerts: readonly Alert[]) =>
  alerts
    .map(({ rule, key, type, at, severity, sequence, why }) =>
      [rule, key, sequence, type, at, severity, why.says].join(' '),
    )
    .sort();

describe('a backtest', () => {
  const recorded = past(1, 400);
  const range = { from: start, to: start + 2 * hour };
  const test = (rule: Rule) => backtest(historyOf(recorded), { ...range, rule, members: rules });

  it('comes to exactly what ran live, for every kind of rule and with composites', async () => {
    const alerts = live(recorded, range.to);
    for (const rule of rules) {
      const { transitions } = await test(rule);
      assert.ok(transitions.length > 3, `${rule.id} says too little: ${transitions.length}`);
      assert.deepEqual(plain(transitions), plain(alerts.filter((alert) => alert.rule === rule.id)));
    }
  }).timeout(60_000);

  it('comes to what ran live with restarts in between', async () => {
    // Without missing data: the wait for them begins anew with a start, and that is meant.
    const kinds = [growing, crashing];
    const alerts = live(recorded, range.to, 101);
    for (const rule of kinds) {
      const { transitions } = await test(rule);
      assert.deepEqual(plain(transitions), plain(alerts.filter((alert) => alert.rule === rule.id)));
    }
  }).timeout(60_000);

  it('tells each time that a rule would have fired, for whom, and to what it came', async () => {
    const one: Recorded[] = [0.5, 0.8, 0.8, 0.8, 0.95, 0.95, 0.95, 0.95, 0.2, 0.2].map((value, index) => ({
      sample: sampleOf('u-1', start + index * 10_000, value),
    }));
    const { firings, objects, samples } = await backtest(historyOf(one), { ...range, rule: busy });
    assert.deepEqual([objects, samples, firings.length], [1, 10, 1]);
    const [firing] = firings;
    assert.deepEqual(
      [firing?.name, firing?.severity, firing?.ended, (firing?.since ?? 0) - start, (firing?.until ?? 0) - start],
      ['u-1', 'critical', 'resolved', 35_000, 80_000],
    );
  });

  it('looks at what lies before the range as far as the rule needs it, and does not tell of it', async () => {
    const from = start + hour;
    const { transitions, firings } = await backtest(historyOf(recorded), { from, to: range.to, rule: growing });
    const whole = (await test(growing)).transitions.filter(({ at }) => at >= from);
    assert.deepEqual(
      transitions.map(({ at, key, type }) => [at, key, type]),
      whole.map(({ at, key, type }) => [at, key, type]),
    );
    assert.ok(firings.every(({ until }) => until === null || until >= from));
  });

  it('says how a draft differs from the rule of today', async () => {
    const draft = parseRule({ ...busy, levels: [{ severity: 'warning', threshold: 85, clear: 60 }] });
    const [today, tried] = [await test(busy), await test(draft)];
    const apart = firingsApart(today.firings, tried.firings);
    assert.equal(apart.gone.length + apart.moved.length + apart.same, today.firings.length);
    assert.equal(apart.added.length + apart.moved.length + apart.same, tried.firings.length);
    assert.ok(apart.gone.length > 0 && apart.moved.length > 0);
    assert.deepEqual(firingsApart(today.firings, today.firings), {
      added: [],
      gone: [],
      moved: [],
      same: today.firings.length,
    });
  });

  it('ends when it is called off', async () => {
    const signal = AbortSignal.abort();
    await assert.rejects(backtest(historyOf(recorded), { ...range, rule: busy, signal }), { name: 'AbortError' });
  });
});
