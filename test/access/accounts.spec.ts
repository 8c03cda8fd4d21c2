import assert from 'node:assert/strict';
import type { AccountGrant } from '../../lib/access/account.ts';
import { AccessHouse, isError } from './fixtures.ts';

const as = (role: string, about: Partial<AccountGrant> = {}): AccountGrant => ({
  effect: 'allow',
  role,
  scope: {},
  ...about,
});

describe('accounts', function () {
  this.timeout(20_000);
  let house: AccessHouse;

  beforeEach(() => {
    house = new AccessHouse();
  });
  afterEach(() => house.close());

  it('begin with the services, as administrators, and those stay as they were made to be', () => {
    const { accounts } = house.access;
    assert.deepEqual(
      accounts.list().map(({ name, kind, grants }) => [name, kind, grants[0]?.role]),
      [
        ['flow', 'service', 'administrator'],
        ['mqtt', 'service', 'administrator'],
      ],
    );
    accounts.grant('test', 'mqtt', [as('viewer')]);
    house.restart();
    assert.equal(house.access.accounts.get('mqtt').grants[0]?.role, 'viewer');
    assert.equal(house.access.accounts.hasAdministrator(), false);
  });

  it('record each change, with who made it and what was before', () => {
    const { accounts } = house.access;
    accounts.adopt('root', 'alice', [as('viewer')], 'hash');
    accounts.grant('root', 'alice', [as('operator')]);
    accounts.putRole('root', { name: 'night', permissions: ['vm.*'] });
    accounts.removeRole('root', 'night');
    accounts.remove('root', 'alice');
    const recorded = house.recorded().slice(1);
    assert.deepEqual(
      recorded.map(({ what, who }) => [what, who]),
      ['user.added', 'grants.changed', 'role.changed', 'role.removed', 'user.removed'].map((what) => [what, 'root']),
    );
    assert.deepEqual(recorded[1]?.about, { account: 'alice', grants: [as('operator')], before: [as('viewer')] });
  });

  it('keep one administrator at least, and change nothing when they refuse', () => {
    const { accounts } = house.access;
    accounts.adopt('test', 'admin', [as('administrator')], 'hash');
    accounts.adopt('test', 'half', [as('administrator', { scope: { connection: 'lab' } })], 'hash');
    const before = [accounts.list(), house.recorded().length];
    assert.throws(() => accounts.remove('test', 'admin'), isError('ACCOUNT_INVALID'));
    assert.throws(() => accounts.grant('test', 'admin', [as('viewer')]), isError('ACCOUNT_INVALID'));
    assert.deepEqual([accounts.list(), house.recorded().length], before);
    accounts.adopt('test', 'second', [as('administrator')], 'hash');
    accounts.remove('test', 'admin');
  });

  it('refuse names, roles and selectors that cannot be', async () => {
    const { accounts } = house.access;
    for (const name of ['', ' ', 'a b', '../x', 'flow', 'x'.repeat(65), '-x']) {
      await assert.rejects(accounts.add('test', name, []), isError('ACCOUNT_INVALID'), name);
    }
    await assert.rejects(accounts.add('test', 'bob', [as('king')]), isError('ROLE_UNKNOWN'));
    const odd = as('viewer', { scope: { selector: '(' } });
    await assert.rejects(accounts.add('test', 'bob', [odd]), isError('SELECTOR_INVALID'));
    for (const role of [
      { name: 'viewer', permissions: ['*'] },
      { name: 'a b', permissions: ['*'] },
      { name: 'night', permissions: [] },
      { name: 'night', permissions: ['vm start'] },
    ]) {
      assert.throws(() => accounts.putRole('test', role), isError('ROLE_INVALID'));
    }
    assert.throws(() => accounts.remove('test', 'flow'), isError('ACCOUNT_INVALID'));
    assert.throws(() => accounts.remove('test', 'bob'), isError('ACCOUNT_UNKNOWN'));
    await assert.rejects(accounts.resetPassword('test', 'mqtt'), isError('ACCOUNT_INVALID'));
  });

  it('do not let a role go that somebody has', () => {
    const { accounts } = house.access;
    accounts.putRole('test', { name: 'night', permissions: ['vm.*'] });
    accounts.grant('test', 'mqtt', [as('night')]);
    assert.throws(() => accounts.removeRole('test', 'night'), isError('ROLE_INVALID'));
    accounts.grant('test', 'mqtt', []);
    accounts.removeRole('test', 'night');
    assert.throws(() => accounts.removeRole('test', 'night'), isError('ROLE_UNKNOWN'));
  });
});
