import assert from 'node:assert/strict';
import type { AccountGrant } from '../../lib/access/account.ts';
import type { Principal } from '../../lib/access/decision.ts';
import type { Scope } from '../../lib/access/scope.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { AccessHouse, aVm } from './fixtures.ts';

const web = aVm({ tags: ['web'] });
const db = aVm({ id: 'db-1', name: 'db-1', tags: ['db'] });
const moon = aVm({ connection: 'moon', id: 'moon-1' });

const operationOn = (target: Operation['target'], principal: string): Pick<Operation, 'origin' | 'target'> => ({
  target,
  origin: { through: 'rest', principal },
});

describe('what somebody sees', () => {
  let house: AccessHouse;

  beforeEach(() => {
    house = new AccessHouse();
    for (const object of [web, db, moon]) house.inventory.apply(object.connection, { type: 'put', object });
  });
  afterEach(() => house.close());

  const sightOf = (...grants: [AccountGrant['effect'], Scope][]) => {
    const who: Principal = {
      name: 'alice',
      grants: grants.map(([effect, scope]) => ({ effect, role: 'viewer', scope })),
    };
    return house.access.sight(who);
  };

  it('is everything for a viewer everywhere, and nothing for whom nothing is granted', async () => {
    const whole = sightOf(['allow', {}]);
    assert.equal(await whole.everything(), true);
    assert.equal(await whole.connection('moon'), true);
    const none = sightOf();
    for (const object of [web, db, moon]) assert.equal(await none.object(object), false);
    assert.equal(await none.connection('lab'), false);
    assert.equal(await none.operation(operationOn(web, 'bob')), false);
  });

  it('is object by object what the scope covers, and a denial takes out', async () => {
    const scoped = sightOf(['allow', { selector: "'web' in tags" }]);
    assert.deepEqual([await scoped.object(web), await scoped.object(db)], [true, false]);
    const but = sightOf(['allow', {}], ['deny', { selector: "'db' in tags" }]);
    assert.deepEqual([await but.everything(), await but.object(web), await but.object(db)], [false, true, false]);
  });

  it('holds the connections on which there is anything to see', async () => {
    const scoped = sightOf(['allow', { selector: "'web' in tags" }]);
    assert.deepEqual([await scoped.connection('lab'), await scoped.connection('moon')], [true, false]);
    assert.equal(await sightOf(['allow', { connection: 'mo*' }]).connection('moon'), true);
  });

  it("holds operations on what is seen, and one's own; with a token only the token's own", async () => {
    const scoped = sightOf(['allow', { selector: "'web' in tags" }]);
    assert.equal(await scoped.operation(operationOn(web, 'bob')), true);
    assert.equal(await scoped.operation(operationOn(db, 'bob')), false);
    assert.equal(await scoped.operation(operationOn(db, 'alice')), true);
    const limit = { token: 't', permissions: ['*'], scope: { connection: 'moon' } };
    const narrowed = house.access.sight({ ...scoped.who, limit });
    assert.equal(await narrowed.operation(operationOn(db, 'alice')), false);
    const own = { target: db, origin: { through: 'rest', principal: 'alice', token: 't' } } as const;
    assert.equal(await narrowed.operation(own), true);
  });

  it('does not take a user who is named like the flows for them', async () => {
    const who: Principal = { name: 'node-red', grants: [] };
    const ofFlows = { target: db, origin: { through: 'flow', principal: 'node-red' } } as const;
    assert.equal(await house.access.sight(who).operation(ofFlows), false);
  });
});
