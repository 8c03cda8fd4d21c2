import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mock } from 'node:test';
import type { AccountGrant } from '../../lib/access/account.ts';
import { decide } from '../../lib/access/decision.ts';
import { readToken } from '../../lib/access/token-text.ts';
import type { TokenWish } from '../../lib/access/tokens.ts';
import { AccessHouse, isError } from './fixtures.ts';

const operator: AccountGrant = { effect: 'allow', role: 'operator', scope: {} };
const web = { connection: 'lab', kind: 'vm' } as const;

describe('tokens', function () {
  this.timeout(20_000);
  let house: AccessHouse;

  beforeEach(() => {
    house = new AccessHouse();
    house.access.accounts.adopt('test', 'alice', [operator], 'no hash');
  });
  afterEach(() => {
    house.close();
    mock.timers.reset();
  });

  function create(about: Partial<TokenWish> = {}): string {
    const wish = { owner: 'alice', label: 'ci', permissions: ['*'], scope: {}, expiresAt: null };
    return house.access.tokens.create('test', { ...wish, ...about });
  }

  async function may(token: string, id: string, role: 'operator' | 'administrator' = 'operator'): Promise<boolean> {
    const principal = house.access.principals.ofToken(house.access.tokens.use(token));
    return (await decide(principal, { id, role }, web)).allowed;
  }

  it('are shown once; what is kept has nothing of their secret', async () => {
    const token = create();
    const session = house.access.tokens.openSession('alice');
    assert.equal(await may(token, 'vm.start'), true);
    house.shut();
    const bytes = readFileSync(house.storeFile, 'latin1');
    for (const text of [token, session])
      assert.ok(!bytes.includes(readToken(text)?.secret ?? ''), 'a secret is on disk');
    house.restart();
    assert.equal(await may(token, 'vm.start'), true);
    assert.equal(await may(session, 'vm.start'), true);
  });

  it('follow what is granted to their owner, at each use', async () => {
    house.access.accounts.adopt('test', 'admin', [{ ...operator, role: 'administrator' }], 'no hash');
    const token = create();
    assert.equal(await may(token, 'vm.delete', 'administrator'), false);
    house.access.accounts.grant('test', 'alice', [{ ...operator, role: 'administrator' }]);
    assert.equal(await may(token, 'vm.delete', 'administrator'), true);
    house.access.accounts.grant('test', 'alice', []);
    assert.equal(await may(token, 'vm.start'), false);
  });

  it('can be for less than their owner may', async () => {
    assert.equal(await may(create({ permissions: ['vm.pause'] }), 'vm.start'), false);
    assert.equal(await may(create({ permissions: ['vm.st*'] }), 'vm.start'), true);
    assert.equal(await may(create({ scope: { connection: 'moon' } }), 'vm.start'), false);
  });

  it('end: when they expire, are revoked, when their owner goes, and sessions with a new password', async () => {
    mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    const [brief, revoked, other, session] = [
      create({ expiresAt: 1_001_000 }),
      create(),
      create(),
      house.access.tokens.openSession('alice'),
    ];
    house.access.tokens.use(brief);
    mock.timers.tick(1000);
    assert.throws(() => house.access.tokens.use(brief), isError('TOKEN_INVALID'));
    house.access.tokens.revoke('test', revoked.split('_')[1] ?? '');
    assert.throws(() => house.access.tokens.use(revoked), isError('TOKEN_INVALID'));
    house.access.tokens.use(session);
    await house.access.accounts.resetPassword('test', 'alice');
    assert.throws(() => house.access.tokens.use(session), isError('TOKEN_INVALID'));
    house.access.tokens.use(other);
    house.access.accounts.remove('test', 'alice');
    assert.throws(() => house.access.tokens.use(other), isError('TOKEN_INVALID'));
    house.access.accounts.adopt('test', 'alice', [], 'no hash');
    assert.throws(() => house.access.tokens.use(other), isError('TOKEN_INVALID'));
  });

  it('tell when they were used last, to the minute', () => {
    mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    const token = create();
    assert.equal(house.access.tokens.list()[0]?.usedAt, null);
    house.access.tokens.use(token);
    mock.timers.tick(59_000);
    house.access.tokens.use(token);
    assert.equal(house.access.tokens.list()[0]?.usedAt, 1_000_000);
    mock.timers.tick(1000);
    house.access.tokens.use(token);
    assert.equal(house.access.tokens.list()[0]?.usedAt, 1_060_000);
  });

  it('do not exist with another secret, or made up', () => {
    const token = create();
    const { id, secret } = readToken(token) ?? { id: '', secret: '' };
    const other = `${secret.startsWith('A') ? 'B' : 'A'}${secret.slice(1)}`;
    for (const text of [`vft_${id}_${other}`, `vft_0000000000000000_${secret}`, 'vft', '', 'x'.repeat(100_000)]) {
      assert.throws(() => house.access.tokens.use(text), isError('TOKEN_INVALID'));
    }
  });

  it('are for users, and only API tokens are listed and revoked', () => {
    assert.throws(() => create({ owner: 'flow' }), isError('ACCOUNT_INVALID'));
    assert.throws(() => create({ owner: 'nobody' }), isError('ACCOUNT_UNKNOWN'));
    const session = house.access.tokens.openSession('alice');
    assert.deepEqual(house.access.tokens.list(), []);
    assert.throws(() => house.access.tokens.revoke('test', session.split('_')[1] ?? ''), isError('TOKEN_UNKNOWN'));
  });

  it('of a session end when its owner logs out', () => {
    const session = house.access.tokens.openSession('alice');
    const token = create();
    house.access.tokens.closeSession(token);
    house.access.tokens.use(token);
    house.access.tokens.closeSession(session);
    assert.throws(() => house.access.tokens.use(session), isError('TOKEN_INVALID'));
    assert.equal(house.recorded().at(-1)?.what, 'logout');
  });
});
