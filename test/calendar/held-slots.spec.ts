import assert from 'node:assert/strict';
import type { DueSlot, Plan } from '../../lib/calendar/plan.ts';
import { Scheduler } from '../../lib/calendar/scheduler.ts';
import { afterWindow } from '../../lib/calendar/slot-reason.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { DrivenClock, turn } from './driven-clock.ts';

const minute = 60_000;
const hour = 60 * minute;
const time = (at: number) => new Date(at).toISOString().slice(11, 16);

/** A schedule by the hour, and a window that holds it. */
class Bench {
  readonly store = openSqliteStore(':memory:');
  readonly clock = new DrivenClock('2026-01-01T00:30:00Z');
  readonly fired: string[] = [];
  window = [Date.parse('2026-01-01T01:50:00Z'), Date.parse('2026-01-01T04:20:00Z')] as const;
  work: (slot: DueSlot, signal: AbortSignal) => Promise<void> | void = () => {};
  scheduler: Scheduler;

  constructor() {
    this.scheduler = this.boot({});
  }

  isFull = false;

  boot(plan: Partial<Plan>): Scheduler {
    const { slots } = this.store;
    const take: typeof slots.take = (...slot) => {
      if (this.isFull) throw new Error('disk full');
      return slots.take(...slot);
    };
    this.scheduler = new Scheduler({ ...slots, take }, this.store.states, { clock: this.clock });
    this.scheduler.start();
    this.add(plan);
    return this.scheduler;
  }

  add(plan: Partial<Plan>): void {
    const [from, until] = this.window;
    const held = (at: number) => (at >= from && at < until ? { says: 'frozen', until } : undefined);
    const schedule = { type: 'cron', expression: '0 * * * *', zone: 'UTC' } as const;
    this.scheduler.add({ id: 'hourly', schedule, held, ...plan }, (slot, signal) => {
      this.fired.push(`${time(slot.slot)} at ${time(slot.at)}`);
      return this.work(slot, signal);
    });
  }

  get facts(): string[] {
    return this.store.slots
      .between(0, Infinity, 100)
      .map(({ slot, outcome, why = '' }) => `${time(slot)} ${outcome} ${why}`.trim());
  }
}

describe('a slot that a window holds', () => {
  it('is left out, with the reason', () => {
    const bench = new Bench();
    bench.clock.advance(4.6 * hour);
    assert.deepEqual(bench.fired, ['01:00 at 01:00', '05:00 at 05:00']);
    assert.deepEqual(bench.facts.slice(1, 4), ['02:00 skipped frozen', '03:00 skipped frozen', '04:00 skipped frozen']);
  });

  it('starts when the window ends, once for all that were held', () => {
    const bench = new Bench();
    bench.add({ whenHeld: 'after' });
    bench.clock.advance(4.6 * hour);
    assert.deepEqual(bench.fired, ['01:00 at 01:00', '04:00 at 04:20', '05:00 at 05:00']);
    assert.match(bench.facts[1] ?? '', /^02:00 skipped A later slot/);
  });

  it('starts when a window ends that has its schedules run what it held, whatever the schedule says', () => {
    const bench = new Bench();
    const [from, until] = bench.window;
    bench.add({ held: (at) => (at >= from && at < until ? { says: 'frozen', until, runsAfter: true } : undefined) });
    bench.clock.advance(4.6 * hour);
    assert.deepEqual(bench.fired, ['01:00 at 01:00', '04:00 at 04:20', '05:00 at 05:00']);
  });

  it('is not in the way of what is owed: that runs once, when no window holds it, also after a restart', () => {
    const bench = new Bench();
    bench.clock.advance(2 * hour);
    bench.scheduler.owe('hourly', afterWindow('w'));
    bench.scheduler.owe('hourly', afterWindow('w'));
    bench.scheduler.review();
    bench.clock.advance(hour);
    bench.scheduler.stop();
    bench.boot({});
    bench.clock.advance(hour);
    assert.deepEqual(bench.fired, ['01:00 at 01:00', '04:20 at 04:20']);
    assert.match(bench.facts.at(-1) ?? '', /^04:20 asked The window "w" has ended/);
  });

  it('starts when the window ends, once, whenever the process dies meanwhile', () => {
    const bench = new Bench();
    bench.add({ whenHeld: 'after' });
    for (let restart = 0; restart < 9; restart += 1) {
      bench.clock.advance(30 * minute + 1_000);
      bench.scheduler.stop();
      bench.boot({ whenHeld: 'after' });
    }
    bench.clock.advance(minute);
    assert.deepEqual(
      bench.fired.filter((one) => one.startsWith('04:00')),
      ['04:00 at 04:20'],
    );
  });

  it('is tried again where it could not be written down when the window ended, as is what is owed', () => {
    const bench = new Bench();
    bench.add({ whenHeld: 'after' });
    bench.clock.advance(3.6 * hour);
    bench.scheduler.owe('hourly', afterWindow('w'));
    bench.isFull = true;
    bench.clock.advance(24 * minute);
    assert.deepEqual(bench.fired, ['01:00 at 01:00']);
    bench.isFull = false;
    bench.clock.advance(minute);
    assert.deepEqual(bench.fired, ['01:00 at 01:00', '04:30 at 04:30', '04:00 at 04:30']);
  });

  it('starts at once when the window is taken away', () => {
    const bench = new Bench();
    bench.add({ whenHeld: 'after' });
    bench.clock.advance(1.6 * hour);
    bench.window = [0, 0];
    bench.add({ whenHeld: 'after' });
    bench.scheduler.review();
    assert.deepEqual(bench.fired, ['01:00 at 01:00', '02:00 at 02:06']);
  });
});

describe('a slot that cancels the run before it', () => {
  it('tells it to end and starts when it has, the latest of those that wait', async () => {
    const bench = new Bench();
    bench.window = [0, 0];
    bench.add({ overlap: 'cancel' });
    const told: string[] = [];
    const ends: (() => void)[] = [];
    bench.work = (slot, signal) => {
      signal.addEventListener('abort', () => told.push(time(slot.slot)));
      return new Promise((resolve) => ends.push(resolve));
    };
    await bench.clock.run(2.6 * hour);
    assert.deepEqual([bench.fired, told], [['01:00 at 01:00'], ['01:00']]);
    ends[0]?.();
    await turn();
    assert.deepEqual(bench.fired.slice(1), ['03:00 at 03:06']);
    assert.match(bench.facts[1] ?? '', /^02:00 skipped A later slot/);
  });

  it('is not cancelled itself when the clock is put back and it falls due once more', async () => {
    const bench = new Bench();
    bench.window = [0, 0];
    bench.add({ overlap: 'cancel' });
    let aborted = false;
    bench.work = (_, signal) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise(() => {});
    };
    await bench.clock.run(30 * minute);
    bench.clock.set(bench.clock.now() - minute);
    await bench.clock.run(3 * minute);
    assert.deepEqual([bench.fired, aborted], [['01:00 at 01:00'], false]);
  });

  it('starts when that has ended, also where its schedule was deployed again meanwhile', async () => {
    const bench = new Bench();
    bench.window = [0, 0];
    bench.add({ overlap: 'cancel' });
    bench.work = (slot, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => time(slot.slot) === '01:00' && resolve()));
    await bench.clock.run(30 * minute);
    bench.scheduler.remove('hourly');
    bench.add({ overlap: 'cancel' });
    await bench.clock.run(hour);
    assert.deepEqual(bench.fired, ['01:00 at 01:00', '02:00 at 02:00']);
  });
});
