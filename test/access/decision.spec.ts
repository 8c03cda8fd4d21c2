import assert from 'node:assert/strict';
import { decide, type Grant, type Principal } from '../../lib/access/decision.ts';
import type { Permission } from '../../lib/access/permission.ts';
import { builtInRoles } from '../../lib/access/role.ts';
import type { Scope, Subject } from '../../lib/access/scope.ts';
import { allActions } from '../../lib/actions/registry.ts';
import { seeded } from '../seeded.ts';
import { aVm } from './fixtures.ts';

const start: Permission = { id: 'vm.start', role: 'operator' };
const remove: Permission = { id: 'vm.delete', role: 'administrator' };
const web: Subject = { connection: 'lab', kind: 'vm', object: aVm({ tags: ['web'] }) };
const unseen: Subject = { connection: 'lab', kind: 'vm' };

const allow = (role: Grant['role'], scope: Scope = {}): Grant => ({ effect: 'allow', role, scope });
const deny = (role: Grant['role'], scope: Scope = {}): Grant => ({ effect: 'deny', role, scope });
const alice = (...grants: Grant[]): Principal => ({ name: 'alice', grants });

async function may(who: Principal, permission: Permission, subject: Subject | null): Promise<boolean> {
  return (await decide(who, permission, subject)).allowed;
}

describe('a decision about a right', () => {
  it('is no for whom nothing is granted, and says what it would take', async () => {
    const { allowed, why } = await decide(alice(), start, web);
    assert.equal(allowed, false);
    assert.deepEqual(
      why.map(({ rule, says }) => [rule, says]),
      [['not-granted', 'It takes the role operator there or one that holds vm.start; alice has no role.']],
    );
  });

  it('lets each built-in role do what the ones before it may, and no more', async () => {
    for (const [rank, role] of builtInRoles.entries()) {
      for (const [needed, need] of builtInRoles.entries()) {
        assert.equal(await may(alice(allow(role)), { id: 'x.y', role: need }, web), rank >= needed, `${role} ${need}`);
      }
    }
  });

  it('lets an own role do what it lists, by id or wildcard', async () => {
    const own = allow({ name: 'night shift', permissions: ['vm.start', 'host.*', '*.read'] });
    assert.equal(await may(alice(own), start, web), true);
    assert.equal(await may(alice(own), { id: 'host.reboot', role: 'administrator' }, web), true);
    assert.equal(await may(alice(own), { id: 'inventory.read', role: 'viewer' }, web), true);
    assert.equal(await may(alice(own), { id: 'vm.starts', role: 'viewer' }, web), false);
    assert.equal(await may(alice(own), remove, web), false);
  });

  it('counts a grant only on its connection, its kind, and what its selector matches', async () => {
    for (const [scope, expected] of [
      [{ connection: 'lab' }, true],
      [{ connection: 'la*' }, true],
      [{ connection: 'moon' }, false],
      [{ kind: 'vm' }, true],
      [{ kind: 'host' }, false],
      [{ selector: "'web' in tags" }, true],
      [{ selector: "'db' in tags" }, false],
      [{ connection: 'lab', kind: 'vm', selector: "'web' in tags" }, true],
      [{ connection: 'moon', kind: 'vm', selector: "'web' in tags" }, false],
    ] as const) {
      assert.equal(await may(alice(allow('operator', scope)), start, web), expected, JSON.stringify(scope));
    }
  });

  it('lets deny win over whatever is allowed, and names the rule', async () => {
    const who = alice(
      allow('administrator'),
      deny({ name: 'no deleting', permissions: ['vm.delete'] }, { kind: 'vm' }),
    );
    assert.equal(await may(who, start, web), true);
    const { allowed, why } = await decide(who, remove, web);
    assert.equal(allowed, false);
    assert.match(why[0]?.says ?? '', /role no deleting holds is denied to alice for each vm/);
  });

  it('takes what it cannot tell as no: an object that is not known, a selector that fails or never ends', async () => {
    const endless = '($f := function() { $f() }; $f())';
    for (const [selector, subject] of [
      ["'web' in tags", unseen],
      ['(', web],
      ['$error("no")', web],
      [endless, web],
    ] as const) {
      assert.equal(await may(alice(allow('operator', { selector })), start, subject), false, selector);
      assert.equal(
        await may(alice(allow('operator'), deny('operator', { selector })), start, subject),
        false,
        selector,
      );
    }
  });

  it('gives a right to everything only to whom it is granted everywhere, and denied nowhere', async () => {
    assert.equal(await may(alice(allow('viewer')), { id: 'inventory.read', role: 'viewer' }, null), true);
    assert.equal(await may(alice(allow('operator', { connection: '*' })), start, null), false);
    assert.equal(await may(alice(allow('operator'), deny('operator', { connection: 'moon' })), start, null), false);
  });

  it('never lets a token be wider than its owner, and narrows by its permissions and its scope', async () => {
    const token = (permissions: readonly string[], scope: Scope = {}): Principal => ({
      ...alice(allow('operator')),
      limit: { token: 'abc', permissions, scope },
    });
    assert.equal(await may(token(['*']), start, web), true);
    assert.equal(await may(token(['*']), remove, web), false);
    assert.equal(await may(token(['vm.pause']), start, web), false);
    assert.equal(await may(token(['vm.*'], { connection: 'moon' }), start, web), false);
    assert.equal(await may(token(['vm.*'], { selector: 'true' }), start, unseen), false);
  });
});

describe('decisions about random grants', () => {
  const random = seeded(20_261_121);
  const pick = <T>(from: readonly T[]): T => {
    const one = from[Math.floor(random() * from.length)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  };
  const permissions = allActions.map(({ id, role }): Permission => ({ id, role }));
  const patterns = ['*', 'vm.*', 'vm.start', '*.delete', 'host.*', 'vm.s*', '*t'];
  const selectors = ['true', 'false', "'web' in tags", "power = 'running'", '(', '$error("x")', 'name'];

  function scope(): Scope {
    return {
      ...(random() < 0.4 ? { connection: pick(['lab', 'moon', '*', 'l*']) } : {}),
      ...(random() < 0.3 ? { kind: pick(['vm', 'host', 'connection'] as const) } : {}),
      ...(random() < 0.3 ? { selector: pick(selectors) } : {}),
    };
  }

  function grant(): Grant {
    const role = random() < 0.5 ? pick(builtInRoles) : { name: 'own', permissions: [pick(patterns), pick(patterns)] };
    return { effect: random() < 0.7 ? 'allow' : 'deny', role, scope: scope() };
  }

  function subject(): Subject | null {
    if (random() < 0.1) return null;
    const connection = pick(['lab', 'moon']);
    if (random() < 0.2) return { connection, kind: 'connection' };
    if (random() < 0.2) return { connection, kind: 'vm' };
    const object = aVm({ connection, tags: [pick(['web', 'db'])], power: pick(['running', 'halted'] as const) });
    return { connection, kind: 'vm', object };
  }

  const grants = () => Array.from({ length: Math.floor(random() * 6) }, grant);

  it('hold what is promised, in 20,000 cases', async function () {
    this.timeout(60_000);
    let [allowed, refused] = [0, 0];
    for (let round = 0; round < 20_000; round += 1) {
      const [has, more, permission, about] = [grants(), grant(), pick(permissions), subject()];
      const show = JSON.stringify({ has, more, permission, about });
      const before = await may(alice(...has), permission, about);
      if (before) allowed += 1;
      else refused += 1;

      assert.equal(await may(alice(...has.toReversed()), permission, about), before, `order matters: ${show}`);
      const after = await may(alice(...has, more), permission, about);
      if (more.effect === 'allow') assert.ok(after || !before, `an allow takes away: ${show}`);
      else assert.ok(before || !after, `a deny gives: ${show}`);
      assert.equal(await may(alice(...has, deny('administrator')), permission, about), false, `deny loses: ${show}`);
      const onlyDenied = has.filter(({ effect }) => effect === 'deny');
      assert.equal(await may(alice(...onlyDenied), permission, about), false, `nothing is allowed: ${show}`);
      const limit = { token: 't', permissions: [pick(patterns)], scope: scope() };
      assert.ok(before || !(await may({ ...alice(...has), limit }, permission, about)), `a token is wider: ${show}`);
      if (about?.object) {
        const { object: _, ...blind } = about;
        assert.ok(before || !(await may(alice(...has), permission, blind)), `less known, more allowed: ${show}`);
      }
    }
    assert.ok(allowed > 1000 && refused > 1000, `${allowed} allowed, ${refused} refused: that proves little`);
  });
});
