import assert from 'node:assert/strict';
import type { DueSlot, Plan, SlotFact } from '../../lib/calendar/plan.ts';
import type { Schedule } from '../../lib/calendar/schedule.ts';
import { Scheduler } from '../../lib/calendar/scheduler.ts';
import { askedBy } from '../../lib/calendar/slot-reason.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { DrivenClock, turn } from './driven-clock.ts';

const minute = 60_000;
const hour = 60 * minute;
const hourly: Schedule = { type: 'cron', expression: '0 * * * *', zone: 'UTC' };

/** A scheduler that can be restarted on the same store, and what it did. */
class Bench {
  readonly store: Store = openSqliteStore(':memory:');
  readonly clock: DrivenClock;
  readonly fired: string[] = [];
  readonly facts: string[] = [];
  scheduler: Scheduler;
  work: (slot: DueSlot) => Promise<void> | void = () => {};

  constructor(start = '2026-01-01T00:30:00Z') {
    this.clock = new DrivenClock(start);
    this.scheduler = this.boot();
  }

  boot(): Scheduler {
    this.scheduler = new Scheduler(this.store.slots, this.store.states, { clock: this.clock });
    this.scheduler.facts.subscribe((fact) => this.facts.push(written(fact)));
    this.scheduler.problems.subscribe(({ error }) => this.facts.push(error.message));
    this.scheduler.start();
    return this.scheduler;
  }

  add(plan: Partial<Plan> = {}): void {
    this.scheduler.add({ id: 'nightly', schedule: hourly, ...plan }, (slot) => {
      this.fired.push(time(slot.slot) + (slot.late ? ' late' : ''));
      return this.work(slot);
    });
  }

  crash(): void {
    this.scheduler.stop();
  }
}

const time = (at: number) => new Date(at).toISOString().slice(11, 16);
const written = (fact: SlotFact) => `${time(fact.slot)} ${fact.outcome}`;

describe('the scheduler', () => {
  it('starts each slot in its time, once', () => {
    const bench = new Bench();
    bench.add();
    bench.clock.advance(3 * hour);
    assert.deepEqual(bench.fired, ['01:00', '02:00', '03:00']);
    assert.equal(bench.scheduler.next('nightly'), Date.parse('2026-01-01T04:00Z'));
  });

  it('starts nothing when a schedule is saved, changed or saved again', () => {
    const bench = new Bench();
    bench.add();
    bench.clock.advance(hour);
    bench.add();
    bench.add({ schedule: { type: 'daily', time: '00:15', zone: 'UTC' }, misfire: { policy: 'once' } });
    bench.clock.advance(minute);
    assert.deepEqual(bench.fired, ['01:00']);
  });

  it('never starts a slot again after a restart, and goes on with the next', () => {
    const bench = new Bench();
    bench.add();
    bench.clock.advance(hour);
    for (let restart = 0; restart < 5; restart += 1) {
      bench.crash();
      bench.boot();
      bench.add({ misfire: { policy: 'all', limit: 10 } });
      bench.clock.advance(minute);
    }
    bench.clock.advance(hour);
    assert.deepEqual(bench.fired, ['01:00', '02:00']);
  });

  it('started late but within a minute is not a misfire', () => {
    const bench = new Bench();
    bench.add();
    bench.crash();
    bench.clock.advance(30 * minute + 59_000);
    bench.boot();
    bench.add();
    assert.deepEqual(bench.fired, ['01:00']);
  });

  const policies: [Plan['misfire'] & {}, string[], string[]][] = [
    [{ policy: 'skip' }, [], ['05:00 missed']],
    [{ policy: 'once' }, ['05:00 late'], ['04:00 missed', '05:00 run']],
    [{ policy: 'all', limit: 2 }, ['04:00 late', '05:00 late'], ['03:00 missed', '04:00 run', '05:00 run']],
    [
      { policy: 'all', limit: 100 },
      ['01:00 late', '02:00 late', '03:00 late', '04:00 late', '05:00 late'],
      ['01:00 run', '02:00 run', '03:00 run', '04:00 run', '05:00 run'],
    ],
  ];
  for (const [misfire, fired, facts] of policies) {
    it(`after downtime does as the misfire policy says: ${JSON.stringify(misfire)}`, async () => {
      const bench = new Bench();
      bench.add({ misfire });
      bench.crash();
      bench.clock.advance(5 * hour);
      bench.boot();
      bench.add({ misfire });
      await bench.clock.run(minute);
      assert.deepEqual(bench.fired, fired);
      assert.deepEqual(bench.facts, facts);
      bench.clock.advance(29 * minute);
      assert.equal(bench.fired.at(-1), '06:00');
    });
  }

  it('runs once when a slot is due and others were missed', async () => {
    const bench = new Bench();
    bench.add({ misfire: { policy: 'once' } });
    bench.crash();
    bench.clock.advance(4.5 * hour);
    bench.boot();
    bench.add({ misfire: { policy: 'once' } });
    await turn();
    assert.deepEqual(bench.facts, ['04:00 missed', '05:00 run']);
  });

  it('takes a wall clock that jumps forward for downtime', () => {
    const bench = new Bench();
    bench.add({ misfire: { policy: 'once' } });
    bench.clock.advance(hour);
    bench.clock.set('2026-01-01T08:20:00Z');
    bench.clock.advance(minute);
    assert.deepEqual(bench.fired, ['01:00', '08:00 late']);
  });

  it('never starts a slot again when the wall clock jumps back, and starts those that have not run', () => {
    const bench = new Bench();
    bench.add({ misfire: { policy: 'once' } });
    bench.clock.advance(2 * hour);
    bench.clock.set('2026-01-01T00:10:00Z');
    bench.clock.advance(3 * hour);
    assert.deepEqual(bench.fired, ['01:00', '02:00', '03:00']);
    bench.clock.set('2099-01-01T00:10:00Z');
    bench.clock.advance(minute);
    bench.clock.set('2026-01-01T03:10:00Z');
    bench.clock.advance(hour);
    assert.deepEqual(bench.fired.slice(3), ['00:00 late', '04:00']);
  });

  it('starts nothing while disabled, over restarts, and what falls due once it is enabled again', () => {
    const bench = new Bench();
    bench.add({ misfire: { policy: 'all', limit: 10 } });
    bench.scheduler.enable('nightly', false);
    bench.clock.advance(2 * hour);
    bench.crash();
    bench.boot();
    bench.add({ misfire: { policy: 'all', limit: 10 } });
    bench.clock.advance(hour);
    assert.deepEqual([bench.fired, bench.scheduler.next('nightly')], [[], undefined]);
    bench.scheduler.enable('nightly', true);
    bench.crash();
    bench.boot();
    bench.add({ misfire: { policy: 'all', limit: 10 } });
    bench.clock.advance(hour);
    assert.deepEqual(bench.fired, ['04:00']);
  });

  it('runs when somebody asks, disabled or not, and what is due keeps its time', () => {
    const bench = new Bench();
    bench.add({ jitterSeconds: 1800 });
    bench.clock.advance(30 * minute);
    const before = bench.fired.length;
    assert.match(bench.scheduler.runNow('nightly', askedBy('anna')) ?? '', /./);
    assert.equal(bench.facts.at(-1), '01:00 asked');
    bench.crash();
    bench.boot();
    bench.add({ jitterSeconds: 1800 });
    bench.clock.advance(30 * minute);
    assert.equal(bench.facts.filter((fact) => fact === '01:00 run').length, 1);
    bench.scheduler.enable('nightly', false);
    bench.scheduler.runNow('nightly', askedBy('anna'));
    assert.equal(bench.fired.length, before + 3);
  });

  it('does not run what somebody asks for against a window, or beside a run that goes on', async () => {
    const bench = new Bench();
    bench.work = () => new Promise<void>(() => {});
    bench.add({ held: () => ({ says: 'The blackout "freeze" lasts.', until: null }) });
    assert.throws(() => bench.scheduler.runNow('nightly', askedBy('anna')), { code: 'SCHEDULE_HELD' });
    bench.add();
    bench.scheduler.runNow('nightly', askedBy('anna'));
    await turn();
    assert.throws(() => bench.scheduler.runNow('nightly', askedBy('anna')), { code: 'SCHEDULE_RUNNING' });
    assert.throws(() => bench.scheduler.runNow('no such', askedBy('anna')), { code: 'SCHEDULE_UNKNOWN' });
  });

  it('looks again within 30 s, however far the next slot is', () => {
    const bench = new Bench();
    bench.add({ schedule: { type: 'once', at: '2027-06-01T12:00', zone: 'UTC' } });
    bench.clock.set('2027-06-01T12:00:01Z');
    bench.clock.advance(30_000);
    assert.deepEqual(bench.fired, ['12:00']);
  });

  it('beside another controller on the same store starts each slot once between them', () => {
    const bench = new Bench();
    bench.add();
    bench.boot();
    bench.add();
    bench.clock.advance(5 * hour);
    assert.deepEqual(bench.fired, ['01:00', '02:00', '03:00', '04:00', '05:00']);
  });

  describe('while an earlier run goes on', () => {
    const overlaps: [Plan['overlap'], string[], string[]][] = [
      ['skip', ['01:00'], ['01:00', '04:00']],
      ['queue', ['01:00'], ['01:00', '02:00', '03:00', '04:00']],
      ['parallel', ['01:00', '02:00', '03:00'], ['01:00', '02:00', '03:00', '04:00']],
    ];
    for (const [overlap, during, after] of overlaps) {
      it(`a slot is treated as ${overlap}`, async () => {
        const bench = new Bench();
        const first = Promise.withResolvers<void>();
        bench.work = () => (bench.fired.length === 1 ? first.promise : undefined);
        bench.add({ overlap });
        await bench.clock.run(3 * hour);
        assert.deepEqual(bench.fired, during);
        first.resolve();
        await bench.clock.run(hour);
        assert.deepEqual(bench.fired, after);
      });
    }

    it('a deploy of the same plan does not let it overlap', async () => {
      const bench = new Bench();
      bench.work = () => new Promise<void>(() => {});
      bench.add();
      await bench.clock.run(hour);
      bench.scheduler.remove('nightly');
      bench.add();
      await bench.clock.run(hour);
      assert.deepEqual(bench.fired, ['01:00']);
    });
  });

  it('goes on after a run that failed, and tells of it', async () => {
    const bench = new Bench();
    bench.work = () => Promise.reject(new Error('no such flow'));
    bench.add();
    await bench.clock.run(2 * hour);
    assert.equal(bench.facts.filter((fact) => fact.includes('no such flow')).length, 2);
  });

  it('starts nothing that could not be written down, and tries it again', () => {
    const bench = new Bench();
    let full = true;
    const slots = { ...bench.store.slots };
    slots.take = (...slot) => {
      if (full) throw new Error('disk full');
      return bench.store.slots.take(...slot);
    };
    bench.scheduler.stop();
    bench.scheduler = new Scheduler(slots, bench.store.states, { clock: bench.clock });
    bench.scheduler.start();
    bench.add();
    bench.clock.advance(30 * minute);
    assert.deepEqual(bench.fired, []);
    full = false;
    bench.clock.advance(30_000);
    assert.deepEqual(bench.fired, ['01:00']);
  });

  it('delays slots by the jitter, each by the same amount whenever it is asked', () => {
    const delays = () => {
      const bench = new Bench();
      const seen: number[] = [];
      bench.work = ({ slot, at }) => void seen.push(at - slot);
      bench.add({ jitterSeconds: 600 });
      bench.clock.advance(20 * hour);
      return seen;
    };
    const first = delays();
    assert.equal(first.length, 20);
    assert.ok(first.every((delay) => delay >= 0 && delay < 600_000));
    assert.ok(new Set(first).size > 10);
    assert.deepEqual(delays(), first);
  });

  it('begins afresh after it was disabled', () => {
    const bench = new Bench();
    bench.add({ misfire: { policy: 'once' } });
    bench.scheduler.forget('nightly');
    bench.clock.advance(5 * hour);
    bench.add({ misfire: { policy: 'once' } });
    bench.clock.advance(minute);
    assert.deepEqual(bench.fired, []);
  });

  it('forgets what became of slots after a time, never the last, and not by a clock that was put forward', () => {
    const bench = new Bench();
    bench.crash();
    bench.scheduler = new Scheduler(bench.store.slots, bench.store.states, { clock: bench.clock, keptDays: 1 });
    bench.scheduler.start();
    bench.add();
    bench.add({ id: 'once', schedule: { type: 'once', at: '2026-01-01T01:30', zone: 'UTC' } });
    const kept = () => bench.store.slots.between(0, Infinity, 100).map(({ slot }) => slot);
    bench.clock.advance(10 * hour);
    assert.equal(kept().length, 11);
    const [wall, before] = [bench.clock.now(), kept().length];
    bench.clock.set('2099-01-01T00:10:00Z');
    bench.clock.advance(minute);
    bench.clock.set(wall);
    bench.clock.advance(minute);
    assert.ok(kept().length >= before);
    bench.crash();
    bench.scheduler = new Scheduler(bench.store.slots, bench.store.states, { clock: bench.clock, keptDays: 1 });
    bench.scheduler.start();
    bench.clock.advance(40 * hour);
    assert.deepEqual(
      kept()
        .filter((slot) => slot < bench.clock.now() - 24 * hour)
        .map(time),
      ['01:30'],
    );
  });

  it('leaves no timer behind when it is stopped, also twice and by a run', () => {
    const bench = new Bench();
    bench.work = () => bench.scheduler.stop();
    bench.add();
    bench.clock.advance(hour);
    bench.scheduler.stop();
    bench.scheduler.stop();
    assert.equal(bench.clock.timers, 0);
  });

  it('keeps every slot of ten years in three zones, once each, over restarts', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];
    const bench = new Bench('2026-01-01T00:00:00Z');
    const days = new Map(zones.map((zone) => [zone, [] as string[]]));
    const begin = () => {
      for (const zone of zones) {
        bench.scheduler.add({ id: zone, schedule: { type: 'daily', time: '02:15', zone } }, ({ slot, late }) => {
          assert.equal(late, false);
          days.get(zone)?.push(new Date(slot).toLocaleDateString('sv', { timeZone: zone }));
        });
      }
    };
    begin();
    const end = Date.parse('2036-01-01T00:00:00Z');
    for (let step = 0; bench.clock.now() < end; step += 1) {
      const next = Math.min(end, ...zones.map((zone) => bench.scheduler.next(zone) ?? end));
      bench.clock.leap(Math.max(1, next - bench.clock.now()));
      if (step % 100 === 99) {
        bench.crash();
        bench.boot();
        begin();
      }
    }
    for (const zone of zones) assert.deepEqual(days.get(zone), daysIn(zone, end));
  }).timeout(60_000);
});

/** Every local date on which 02:15, or the first moment after it, lies before the end. */
function daysIn(zone: string, end: number): string[] {
  const dates: string[] = [];
  for (let noon = Date.parse('2026-01-01T12:00:00Z'); noon < end + 24 * hour; noon += 24 * hour) {
    dates.push(new Date(noon).toISOString().slice(0, 10));
  }
  const last = new Date(end).toLocaleString('sv', { timeZone: zone });
  return dates.filter((date) => `${date} 02:15:00` <= last && `${date} 02:15:00` > localStart(zone));
}

function localStart(zone: string): string {
  return new Date('2026-01-01T00:00:00Z').toLocaleString('sv', { timeZone: zone });
}
