import assert from 'node:assert/strict';
import type { AccountGrant } from '../../lib/access/account.ts';
import { decide } from '../../lib/access/decision.ts';
import { mayUse } from '../../lib/access/identity.ts';
import { AccessHouse, aVm, isError } from './fixtures.ts';

const as = (role: string, about: Partial<AccountGrant> = {}): AccountGrant => ({
  effect: 'allow',
  role,
  scope: {},
  ...about,
});
const start = { id: 'vm.start', role: 'operator' } as const;

describe('a service that flows run as', () => {
  let house: AccessHouse;
  const web = { connection: 'lab', kind: 'vm', object: aVm({ tags: ['web'] }) } as const;
  const other = { connection: 'lab', kind: 'vm', object: aVm({ id: 'db-1', name: 'db-1' }) } as const;

  beforeEach(() => {
    house = new AccessHouse();
    const { accounts } = house.access;
    accounts.adopt('test', 'vera', [as('operator', { scope: { selector: "'web' in tags" } })], 'no hash');
    accounts.adopt('test', 'otto', [as('administrator')], 'no hash');
    accounts.addService('test', 'night-shift', 'vera', [as('administrator')]);
  });
  afterEach(() => house.close());

  const origin = (owner = 'vera') => ({ through: 'flow', principal: 'night-shift', owner }) as const;
  const may = async (subject: typeof web | typeof other, owner?: string) =>
    (await decide(house.access.principalOf(origin(owner)), start, subject)).allowed;

  it('may what it is granted, and never more than its owner may now', async () => {
    assert.deepEqual([await may(web), await may(other)], [true, false]);
    const { why } = await decide(house.access.principalOf(origin()), start, other);
    assert.match(String(why[0]?.says), /night-shift may no more than vera, whose service it is/);
    house.access.accounts.grant('test', 'vera', [as('viewer')]);
    assert.equal(await may(web), false);
    house.access.accounts.grant('test', 'vera', [as('operator')]);
    house.access.accounts.grant('test', 'night-shift', [as('viewer')]);
    assert.equal(await may(other), false);
  });

  it('may nothing once it is gone, its owner is, or it is said to be of somebody else', async () => {
    assert.equal(await may(web, 'otto'), false);
    house.access.accounts.remove('test', 'vera');
    assert.equal(await may(web), false);
    house.access.accounts.removeService('test', 'night-shift');
    assert.equal(await may(web), false);
    assert.throws(() => house.access.accounts.service('night-shift'), isError('IDENTITY_UNKNOWN'));
  });

  it('is used by its owner and by whom that is granted, and not with a token that is for something else', async () => {
    const { accounts, principals, tokens } = house.access;
    const service = accounts.service('night-shift');
    accounts.adopt('test', 'dora', [as('operator')], 'no hash');
    const who = (name: string) => mayUse(principals.named(name), service);
    assert.deepEqual(await Promise.all(['vera', 'otto', 'dora', 'nobody'].map(who)), [true, true, false, false]);
    accounts.putRole('test', { name: 'drawer', permissions: ['identities.use.night-*'] });
    accounts.grant('test', 'dora', [as('drawer')]);
    assert.equal(await who('dora'), true);
    const wish = { owner: 'vera', label: '', permissions: ['flows.write'], scope: {}, expiresAt: null };
    const record = tokens.use(tokens.create('test', wish));
    assert.equal(await mayUse(principals.ofToken(record), service), false);
  });

  it('is made for users alone, under a name of its own, and each change is recorded', () => {
    const { accounts } = house.access;
    const add = (name: string, owner: string) => () => accounts.addService('test', name, owner, []);
    assert.throws(add('Night Shift', 'vera'), isError('ACCOUNT_INVALID'));
    assert.throws(add('vera', 'vera'), isError('ACCOUNT_INVALID'));
    assert.throws(add('other', 'night-shift'), isError('ACCOUNT_INVALID'));
    assert.throws(add('other', 'nobody'), isError('ACCOUNT_UNKNOWN'));
    for (const name of ['flow', 'mqtt', 'vera', '', undefined]) {
      assert.throws(() => accounts.service(name), isError('IDENTITY_UNKNOWN'));
    }
    accounts.removeService('test', 'night-shift');
    const told = house.recorded().filter(({ what }) => what.startsWith('service.'));
    assert.deepEqual(
      told.map(({ what, about }) => [what, about.service]),
      [
        ['service.added', 'night-shift'],
        ['service.removed', 'night-shift'],
      ],
    );
  });
});
