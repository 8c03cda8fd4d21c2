import assert from 'node:assert/strict';
import { DrivenClock, RealClock } from '../../../plugins/simulator/clock.ts';

describe('a driven clock', () => {
  it('stands still until it is advanced', () => {
    const clock = new DrivenClock(1000);
    clock.after(1, () => assert.fail('nothing was advanced'));
    assert.equal(clock.now(), 1000);
  });

  it('lets things happen in order, each at its own moment', () => {
    const clock = new DrivenClock(0);
    const happened: string[] = [];
    const note = (what: string) => () => happened.push(`${what} at ${clock.now()}`);
    clock.after(20, note('late'));
    clock.after(10, note('first'));
    clock.after(10, note('second'));
    clock.after(5, () => clock.after(10, note('chained')));
    clock.advance(20);
    assert.deepEqual(happened, ['first at 10', 'second at 10', 'chained at 15', 'late at 20']);
    assert.equal(clock.now(), 20);
  });

  it('does not do what was cancelled', () => {
    const clock = new DrivenClock(0);
    const cancel = clock.after(10, () => assert.fail('it was cancelled'));
    cancel();
    cancel();
    clock.advance(100);
  });
});

describe('a real clock', () => {
  it('passes simulated time as fast as it is told', async () => {
    const clock = new RealClock(100_000);
    const begun = clock.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.after(100_000, resolve);
    clock.wake();
    await promise;
    assert.ok(clock.now() - begun >= 100_000);
    clock.rest();
  });

  it('holds what falls due while it rests, and does it when it wakes', async () => {
    const [resting, other] = [new RealClock(1000), new RealClock(1000)];
    const { promise, resolve } = Promise.withResolvers<boolean>();
    let awake = false;
    resting.wake();
    resting.rest();
    resting.after(1, () => resolve(awake));
    other.wake();
    await new Promise<void>((passed) => other.after(5000, passed));
    other.rest();
    awake = true;
    resting.wake();
    assert.equal(await promise, true);
    resting.rest();
  });
});
