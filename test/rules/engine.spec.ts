import assert from 'node:assert/strict';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Sample } from '../../lib/model/reading.ts';
import { type Alert, RuleEngine } from '../../lib/rules/engine.ts';
import type { ThresholdRule } from '../../lib/rules/kinds/threshold.ts';
import { parseRule, type Rule } from '../../lib/rules/rule.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import type { States, Store } from '../../lib/store/store.ts';
import { DrivenClock } from '../calendar/driven-clock.ts';
import { rule } from './series.ts';

const minute = 60_000;

/** An engine that can be stopped, killed and started again on the same store. */
class Bench {
  readonly store: Store = openSqliteStore(':memory:');
  readonly clock = new DrivenClock();
  readonly told: string[] = [];
  readonly alerts: Alert[] = [];
  quiet = false;
  readonly exists = new Map<string, boolean>();
  states: States = { ...this.store.states };
  engine = this.boot();
  readonly more: Rule[] = [];
  judged: ThresholdRule;

  constructor(more: Partial<ThresholdRule> = {}) {
    this.judged = rule({ value: { field: 'cpu_ratio' }, unit: 'percent', ...more });
    this.engine.add(this.judged);
  }

  parts() {
    return { states: this.states, transaction: this.store.transaction };
  }

  boot(): RuleEngine {
    const engine = new RuleEngine(this.parts(), { clock: this.clock, exists: ({ id }) => this.exists.get(id) });
    engine.alerts.subscribe((alert) => {
      if (engine !== this.engine || this.quiet) return;
      this.alerts.push(alert);
      if (alert.rule === 'cpu') this.told.push([alert.name, alert.type, alert.severity].join(' ').trim());
    });
    this.engine = engine;
    engine.start();
    return engine;
  }

  restart(change: Partial<ThresholdRule> = {}): void {
    this.engine.stop();
    this.judged = { ...this.judged, ...change };
    this.boot().add(this.judged);
    for (const rule of this.more) this.engine.add(rule);
  }

  also(...rules: Rule[]): this {
    this.more.push(...rules);
    for (const rule of rules) this.engine.add(rule);
    return this;
  }

  /** As `restart`, but without a word of leave. */
  kill(): void {
    Object.assign(this.states, { put: () => {}, delete: () => {} });
    this.states = { ...this.store.states };
    this.boot().add(this.judged);
    for (const rule of this.more) this.engine.add(rule);
  }

  sample(percent: number, id = 'u-1', name = 'web'): void {
    const tags = { connection: 'lab', host: 'alpha', id, name };
    const sample: Sample = { measurement: 'vm', tags, at: this.clock.now(), fields: { cpu_ratio: percent / 100 } };
    this.engine.observe(this.judged.id, [sample]);
  }

  every10s(...percents: number[]): void {
    for (const percent of percents) {
      this.sample(percent);
      this.clock.advance(10_000);
    }
  }
}

const slow: Rule = parseRule({
  id: 'slow',
  name: 'disk is slow',
  kind: 'threshold',
  value: { field: 'latency_seconds' },
  unit: 'absolute',
  direction: 'above',
  levels: [{ severity: 'critical', threshold: 1 }],
  noDataAfterSeconds: 60,
});

function composite(condition: object, over: 'object' | 'all' = 'object'): Rule {
  return parseRule({ id: 'both', name: 'both', kind: 'composite', severity: 'warning', condition, over });
}

describe('a composite', () => {
  const both = composite({ all: [{ rule: 'cpu' }, { rule: 'slow' }] });
  const disk = (bench: Bench, seconds: number, id = 'u-1') => {
    const tags = { connection: 'lab', id, name: 'web', disk: 'vda' };
    const at = bench.clock.now();
    bench.engine.observe('slow', [{ measurement: 'vm_disk', tags, at, fields: { latency_seconds: seconds } }]);
  };
  const ofIt = (bench: Bench) => bench.alerts.filter(({ rule }) => rule === 'both');

  it('fires when all of its members do for one object, disks and all, and says with which', () => {
    const bench = new Bench().also(slow, both);
    bench.sample(90);
    disk(bench, 5, 'u-2');
    disk(bench, 5);
    bench.clock.advance(1);
    disk(bench, 0);
    const own = ofIt(bench);
    assert.deepEqual(
      own.map(({ type, name }) => [type, name]),
      [
        ['firing', 'web'],
        ['resolved', 'web'],
      ],
    );
    assert.equal(own[0]?.why.says, '(cpu (firing) and slow (firing)) is true.');
    assert.deepEqual(own[0]?.why.members, {
      cpu: { status: 'firing', severity: 'warning' },
      slow: { status: 'firing', severity: 'critical' },
    });
  });

  it('knows or and not, and what severity a member has to have at least', () => {
    const bench = new Bench().also(
      slow,
      composite({ any: [{ rule: 'cpu', atLeast: 'critical' }, { not: { rule: 'slow' } }] }),
    );
    disk(bench, 5);
    bench.sample(90);
    bench.clock.advance(1);
    disk(bench, 0);
    assert.deepEqual(
      ofIt(bench).map(({ type }) => type),
      ['firing'],
    );
  });

  it('has no data where it hangs on a member that has none', () => {
    const bench = new Bench().also(slow, both);
    bench.sample(90);
    disk(bench, 5);
    bench.clock.advance(62_000);
    bench.sample(90);
    disk(bench, 0);
    assert.deepEqual(
      ofIt(bench).map(({ type }) => type),
      ['firing', 'no-data', 'data-back', 'resolved'],
    );
  });

  it('is an error when a member was given up', () => {
    const bench = new Bench().also(slow, both);
    bench.sample(90);
    disk(bench, 5);
    bench.engine.forget('slow');
    bench.clock.advance(1);
    bench.sample(10);
    bench.clock.advance(1);
    bench.sample(90);
    assert.deepEqual(
      ofIt(bench).map(({ type }) => type),
      ['firing', 'resolved', 'error'],
    );
  });

  it('is gone with its object, not resolved', () => {
    const bench = new Bench().also(slow, both);
    bench.sample(90);
    disk(bench, 5);
    bench.exists.set('u-1', false);
    bench.clock.advance(30_000);
    assert.deepEqual(
      ofIt(bench).map(({ type }) => type),
      ['firing', 'gone'],
    );
  });

  it('over all holds when a member fires for any object', () => {
    const bench = new Bench().also(slow, composite({ all: [{ rule: 'cpu' }, { rule: 'slow' }] }, 'all'));
    bench.sample(90, 'u-1');
    disk(bench, 5, 'u-2');
    assert.deepEqual(
      ofIt(bench).map(({ type, key }) => [type, key]),
      [['firing', 'all']],
    );
  });

  it('goes on over a kill without a word', () => {
    const bench = new Bench().also(slow, both);
    bench.sample(90);
    disk(bench, 5);
    bench.kill();
    bench.clock.advance(1);
    bench.sample(90);
    disk(bench, 5);
    assert.deepEqual(
      ofIt(bench).map(({ type }) => type),
      ['firing'],
    );
  });
});

describe('an alert', () => {
  it('that was on disk and not told when the process was killed is told once by the next, under the same id', () => {
    const bench = new Bench();
    // The kill comes before anybody hears of it: the row is there, the telling is not.
    bench.quiet = true;
    bench.engine.alerts.subscribe(() => {
      bench.quiet = false;
      bench.kill();
    });
    bench.sample(90);
    assert.deepEqual(bench.told, ['web firing warning']);
    bench.restart();
    assert.deepEqual(bench.told, ['web firing warning']);
    assert.match(bench.alerts[0]?.id ?? '', /^cpu\/vm\/lab\/u-1\/\/1@/);
  });

  it('stays on disk until the last sink has taken it, and comes again to that one alone', async () => {
    const bench = new Bench();
    const taken: string[] = [];
    const problems: string[] = [];
    bench.engine.problems.subscribe(({ message }) => problems.push(message));
    let away = true;
    bench.engine.addSink({
      name: 'mail',
      take: async (alerts) => {
        if (away) throw new Error('no way to the server');
        taken.push(...alerts.map(({ type }) => type));
      },
    });
    bench.sample(90);
    await bench.clock.run(1_000);
    assert.equal(bench.store.states.list('rule-outbox').length, 1);
    assert.match(problems[0] ?? '', /no way to the server/);
    away = false;
    await bench.clock.run(60_000);
    assert.deepEqual(taken, ['firing']);
    assert.deepEqual(bench.store.states.list('rule-outbox'), []);
    assert.deepEqual(bench.told, ['web firing warning']);
  });

  it('has an id that no other has, also of an object that came back', () => {
    const bench = new Bench();
    for (let round = 0; round < 3; round += 1) {
      bench.sample(90);
      bench.exists.set('u-1', false);
      bench.clock.advance(30_000);
      bench.exists.set('u-1', true);
    }
    assert.equal(bench.alerts.length, 6);
    assert.equal(new Set(bench.alerts.map(({ id }) => id)).size, 6);
  });
});

describe('the rule engine', () => {
  it('keeps each object apart, and tells which one it is', () => {
    const bench = new Bench();
    const objects: unknown[] = [];
    bench.engine.alerts.subscribe(({ object }) => objects.push(object));
    bench.sample(90, 'u-1', 'web');
    bench.sample(10, 'u-2', 'db');
    bench.sample(95, 'u-2', 'db');
    bench.clock.advance(1);
    bench.sample(95, 'u-2', 'db');
    bench.sample(10, 'u-1', 'web');
    assert.deepEqual(bench.told, ['web firing warning', 'db firing warning', 'web resolved']);
    assert.deepEqual(objects[1], { connection: 'lab', kind: 'vm', id: 'u-2' });
  });

  it('keeps an object over a rename and a move to another host', () => {
    const bench = new Bench();
    bench.sample(90, 'u-1', 'web');
    bench.clock.advance(1);
    bench.sample(10, 'u-1', 'renamed');
    assert.deepEqual(bench.told, ['web firing warning', 'renamed resolved']);
  });

  it('passes over other measurements and samples without the field', () => {
    const bench = new Bench({ measurement: 'host' });
    bench.sample(99);
    bench.engine.observe('cpu', [{ measurement: 'host', tags: { id: 'h' }, at: 0, fields: { other: 1 } }]);
    assert.deepEqual(bench.engine.list(), []);
  });

  it('judges the figures of a message', () => {
    const bench = new Bench({ value: { field: 'used', of: 'size' } });
    bench.engine.observeFields('cpu', { key: 'rack', name: 'rack 7' }, { used: 9, size: 10 });
    bench.engine.observeFields('cpu', { key: 'shelf', name: 'shelf' }, { used: 9 });
    assert.deepEqual(bench.told, ['rack 7 firing warning']);
  });

  it('fires when a hold time ends between two samples', () => {
    const bench = new Bench({ forSeconds: 15 });
    bench.sample(90);
    bench.clock.advance(17_000);
    assert.deepEqual(bench.told, ['web pending warning', 'web firing warning']);
  });

  it('tells of missing data by itself, and of an object that is gone', () => {
    const bench = new Bench({ noDataAfterSeconds: 30 });
    bench.sample(90);
    bench.clock.advance(40_000);
    bench.exists.set('u-1', false);
    bench.clock.advance(minute);
    assert.deepEqual(bench.told, ['web firing warning', 'web no-data warning', 'web gone']);
    assert.deepEqual(bench.engine.list(), []);
  });

  it('does not take an object for gone while its connection cannot tell', () => {
    const bench = new Bench();
    bench.sample(90);
    bench.clock.advance(10 * minute);
    assert.deepEqual(bench.told, ['web firing warning']);
  });

  it('tells nothing when a rule is saved again, changed, taken away or brought back', () => {
    const bench = new Bench();
    bench.every10s(90, 90);
    bench.restart();
    bench.restart({ levels: [{ severity: 'warning', threshold: 95 }] });
    bench.engine.remove('cpu');
    bench.engine.add(bench.judged);
    bench.engine.forget('cpu');
    assert.deepEqual(bench.told, ['web firing warning']);
    bench.engine.add(bench.judged);
    assert.deepEqual(bench.engine.list(), []);
  });

  it('has what a rule told of withdrawn when it is given up, also while nothing ran', () => {
    const bench = new Bench();
    bench.every10s(90);
    const withdrawn: string[] = [];
    const sink = { name: 'alerts', take: () => {}, withdraw: (rule: string) => void withdrawn.push(rule) };
    bench.engine.addSink(sink);
    bench.engine.remove('cpu');
    assert.deepEqual(withdrawn, [], 'a deploy that changes it');
    bench.engine.stop();
    const next = bench.boot();
    next.addSink(sink);
    next.add(slow);
    next.forgetOthers();
    assert.deepEqual(withdrawn, ['cpu']);
    next.forget('slow');
    assert.deepEqual([withdrawn, bench.told], [['cpu', 'slow'], ['web firing warning']]);
  });

  it('applies a changed rule with the next sample, and resolves what fired under the old one', () => {
    const bench = new Bench();
    bench.every10s(90);
    bench.restart({ levels: [{ severity: 'critical', threshold: 95 }] });
    bench.every10s(90, 90);
    assert.deepEqual(bench.told, ['web firing warning', 'web resolved']);
  });

  for (const how of ['restart', 'kill'] as const) {
    it(`after a ${how} goes on without a word`, () => {
      const bench = new Bench({ forSeconds: 30 });
      bench.every10s(90, 90);
      bench[how]();
      bench.every10s(90, 90);
      bench[how]();
      bench.every10s(90, 10);
      bench[how]();
      bench.every10s(10, 10);
      assert.deepEqual(bench.told, ['web pending warning', 'web firing warning', 'web resolved']);
    });
  }

  it('comes to the same over restarts at every step', () => {
    const percents = Array.from({ length: 300 }, (_, n) => 80 + 30 * Math.sin(n / 3) * Math.cos(n / 17));
    const told = (restart: boolean) => {
      const bench = new Bench({ forSeconds: 20, keepFiringForSeconds: 20, hits: { n: 2, m: 3 } });
      for (const percent of percents) {
        bench.every10s(percent);
        if (restart) bench.restart();
      }
      return bench.told;
    };
    assert.ok(told(false).length > 20);
    assert.deepEqual(told(true), told(false));
  });

  it('does not count the time that it was down as hold time, nor as time without data', () => {
    const bench = new Bench({ forSeconds: 60, noDataAfterSeconds: 120 });
    bench.every10s(90, 90);
    bench.engine.stop();
    bench.clock.advance(60 * minute);
    bench.boot().add(bench.judged);
    bench.clock.advance(1_000);
    bench.every10s(90, 90);
    assert.deepEqual(bench.told, ['web pending warning']);
    bench.every10s(90, 90, 90);
    assert.deepEqual(bench.told, ['web pending warning', 'web firing warning']);
  });

  it('tells nothing that is not on disk', () => {
    const bench = new Bench();
    bench.engine.stop();
    const broken = { ...bench.store.states };
    broken.put = () => {
      throw new VirtflowError('STORE_FULL', { path: '/data' });
    };
    bench.states = broken;
    bench.boot().add(bench.judged);
    assert.throws(() => bench.sample(90), VirtflowError);
    assert.deepEqual(bench.told, []);
    broken.put = bench.store.states.put;
    bench.clock.advance(1);
    bench.sample(90);
    assert.deepEqual(bench.told, ['web firing warning']);
  });

  it('passes over states that it cannot read', () => {
    const bench = new Bench();
    bench.store.states.put('rule:cpu', 'vm/lab/u-9/', { state: 'nonsense' });
    bench.kill();
    assert.deepEqual(bench.engine.list(), []);
  });

  it('refuses a rule that cannot work, and leaves no timer when it is stopped', () => {
    const bench = new Bench();
    assert.throws(() => bench.engine.add(rule({ levels: [] })), VirtflowError);
    bench.engine.stop();
    bench.engine.stop();
    assert.equal(bench.clock.timers, 0);
  });

  it('judges 10,000 objects without writing to disk while nothing happens', () => {
    const bench = new Bench();
    let writes = 0;
    const counting = { ...bench.store.states };
    counting.put = (...put) => {
      writes += 1;
      bench.store.states.put(...put);
    };
    bench.engine.stop();
    bench.states = counting;
    bench.boot().add(bench.judged);
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 10_000; n += 1) bench.sample(n % 80, `u-${n}`);
      bench.clock.advance(10_000);
    }
    assert.equal(bench.engine.list().length, 10_000);
    assert.equal(writes, 0);
  });
});
