import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Lockout } from '../../lib/access/lockout.ts';
import { hashPassword, isOutdated } from '../../lib/access/password.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { AccessHouse, isError } from './fixtures.ts';

describe('logging in', function () {
  this.timeout(30_000);
  let house: AccessHouse;

  // A lock lasts a second; a password takes longer than that on a busy machine.
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date'], now: 1_000_000_000_000 });
    house = new AccessHouse();
  });
  afterEach(() => {
    house.close();
    mock.timers.reset();
  });

  it('takes the password that was shown, and no other; both are recorded, without the password', async () => {
    const password = await house.access.accounts.add('test', 'alice', []);
    assert.equal((await house.access.logins.logIn('alice', password, '10.0.0.1')).name, 'alice');
    await assert.rejects(house.access.logins.logIn('alice', `${password}x`, '10.0.0.1'), isError('LOGIN_FAILED'));
    assert.deepEqual(house.recorded().slice(-2), [
      { what: 'login.succeeded', who: 'alice', about: { source: '10.0.0.1' } },
      { what: 'login.failed', who: 'alice', about: { source: '10.0.0.1' } },
    ]);
    assert.ok(!JSON.stringify(house.recorded()).includes(password));
  });

  it('answers the same for a wrong password, a user that is not there and a service', async () => {
    await house.access.accounts.add('test', 'alice', []);
    const texts = new Set<string>();
    for (const name of ['alice', 'nobody', 'flow', '', '__proto__']) {
      const error: unknown = await house.access.logins.logIn(name, 'x', undefined).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof VirtflowError);
      texts.add(JSON.stringify(error));
    }
    assert.equal(texts.size, 1);
  });

  it('does not write down a name that nobody has, for it may be a password', async () => {
    await assert.rejects(house.access.logins.logIn('hunter2', 'x', undefined));
    assert.ok(!JSON.stringify([house.recorded(), house.store.states.list('login-failures')]).includes('hunter2'));
  });

  it('renews a hash that was made with less than is asked for today', async () => {
    const old = await hashPassword('x', { N: 2 ** 10, r: 8, p: 1 });
    house.access.accounts.adopt('test', 'alice', [], old);
    await house.access.logins.logIn('alice', 'x', undefined);
    const renewed = house.access.accounts.get('alice').password ?? '';
    assert.equal(isOutdated(renewed), false);
    await house.access.logins.logIn('alice', 'x', undefined);
  });

  it('locks out after repeated failures, also whom nobody knows, and says for how long', async () => {
    for (const name of ['alice', 'nobody']) {
      for (let failure = 0; failure < 5; failure += 1) {
        await assert.rejects(house.access.logins.logIn(name, 'x', undefined), isError('LOGIN_FAILED'));
      }
      await assert.rejects(house.access.logins.logIn(name, 'x', undefined), (error: unknown) => {
        assert.ok(error instanceof VirtflowError && error.code === 'LOCKED_OUT');
        return Number(error.details.seconds) === 1 && !JSON.stringify(error).includes(name);
      });
    }
  });

  it('counts attempts that come all at once', async () => {
    const tries = Array.from({ length: 30 }, () => house.access.logins.logIn('alice', 'x', undefined));
    const codes = (await Promise.allSettled(tries)).map((one) => one.status === 'rejected' && one.reason.code);
    assert.equal(codes.filter((code) => code === 'LOGIN_FAILED').length, 5);
    assert.equal(codes.filter((code) => code === 'LOCKED_OUT').length, 25);
  });
});

describe('the lock after failed logins', () => {
  let house: AccessHouse;
  let lockout: Lockout;

  beforeEach(() => {
    mock.timers.enable({ apis: ['Date'], now: 1_000_000_000_000 });
    house = new AccessHouse();
    lockout = new Lockout(house.store.states);
  });
  afterEach(() => {
    house.close();
    mock.timers.reset();
  });

  function lockedSeconds(user: string, source?: string): number {
    try {
      lockout.begin(user, source);
      return 0;
    } catch (error) {
      return error instanceof VirtflowError ? Number(error.details.seconds) : Number.NaN;
    }
  }

  it('doubles with each failure, up to a quarter of an hour', () => {
    for (let free = 0; free < 5; free += 1) assert.equal(lockedSeconds('alice'), 0);
    for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
      assert.equal(lockedSeconds('alice'), seconds);
      assert.equal(lockedSeconds('bob-is-another'), 0);
      lockout.succeeded('bob-is-another', undefined);
      mock.timers.tick(seconds * 1000);
      assert.equal(lockedSeconds('alice'), 0);
    }
  });

  it('holds for a source that tries many users, and survives a restart', () => {
    for (let user = 0; user < 20; user += 1) assert.equal(lockedSeconds(`user-${user}`, '10.0.0.1'), 0);
    assert.equal(lockedSeconds('another', '10.0.0.1'), 1);
    house.restart();
    lockout = new Lockout(house.store.states);
    assert.equal(lockedSeconds('another', '10.0.0.1'), 1);
    assert.equal(lockedSeconds('another', '10.0.0.2'), 0);
  });

  it('is over once the right password was said, and forgotten after a day', () => {
    for (let failure = 0; failure < 4; failure += 1) lockedSeconds('alice', '10.0.0.1');
    lockout.succeeded('alice', '10.0.0.1');
    for (let failure = 0; failure < 5; failure += 1) assert.equal(lockedSeconds('alice', '10.0.0.1'), 0);
    assert.equal(lockedSeconds('alice', '10.0.0.1'), 1);
    mock.timers.tick(24 * 3_600_000);
    assert.equal(lockedSeconds('zoe', '10.0.0.3'), 0);
    assert.equal(house.store.states.list('login-failures').length, 2);
  });

  it('does not hold for ever when the clock was wrong', () => {
    for (let failure = 0; failure < 6; failure += 1) lockedSeconds('alice');
    mock.timers.setTime(1_000_000_000_000 - 30 * 24 * 3_600_000);
    assert.equal(lockedSeconds('alice'), 0);
  });
});
