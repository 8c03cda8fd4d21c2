import assert from 'node:assert/strict';
import type { Policy } from '../../lib/approvals/policy.ts';
import { isError } from '../access/fixtures.ts';
import { aHouse, as, closeHouses, flow } from './house.ts';

const reasonForm: NonNullable<Policy['form']> = {
  type: 'object',
  properties: {
    reason: { type: 'string', title: 'Reason', minLength: 3 },
    backup: { type: 'boolean', title: 'There is a backup', const: true },
    window: { type: 'string', title: 'Window', enum: ['now', 'tonight'] },
  },
  required: ['reason'],
};

describe('an approval of an operation', () => {
  afterEach(closeHouses);

  it('is asked for before anything is done, with plan and blast radius, and lets it run when it is granted', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', name: 'web', power: 'running' });
    const approval = await house.ask('vm.force-off', web);
    assert.equal(house.operations.get(approval.id).state, 'waiting');
    assert.match(approval.plan?.text ?? '', /^vm\.force-off of web would change power/);
    assert.deepEqual(approval.blast?.vms, [{ ref: web, name: 'web' }]);
    assert.deepEqual(approval.blast?.share, { count: 1, total: 1, percent: 100 });
    assert.deepEqual(house.hypervisor.applied, []);
    await house.answer(approval.id, 'anna', { comment: 'it hangs' });
    const ended = await house.operations.finished(approval.id);
    assert.equal(ended.state, 'succeeded');
    const fact = ended.why.find(({ rule }) => rule === 'approved');
    assert.deepEqual([fact?.says, fact?.by], ['anna approved it (it hangs).', 'anna']);
    assert.deepEqual(house.recorded(), ['approval.requested flow', 'approval.granted anna']);
  });

  it('that is denied fails it with who denied it and why, and nothing is done', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    const { id } = await house.ask('vm.force-off', web);
    await house.answer(id, 'ben', { decision: 'deny', comment: 'not during the day' });
    const ended = await house.operations.finished(id);
    assert.equal(ended.error?.code, 'APPROVAL_DENIED');
    assert.equal(ended.error?.message, 'ben denied the approval: not during the day.');
    assert.deepEqual(house.hypervisor.applied, []);
  });

  it('is not needed where no policy asks for it', async () => {
    const house = aHouse();
    const { id } = await house.submit('vm.start', house.hypervisor.add({ id: 'web' }));
    assert.equal((await house.operations.finished(id)).state, 'succeeded');
    assert.deepEqual(house.room.approvals.list(), []);
  });

  it('is told by a plan, which asks nobody', async () => {
    const house = aHouse();
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    const { id } = await house.submit('vm.force-off', web, { mode: 'plan' });
    const { state, result } = await house.operations.finished(id);
    assert.equal(state, 'planned');
    assert.match(String(result?.text), /A run would wait: It waits until somebody approved it.*"force-offs"/);
    assert.deepEqual(house.room.approvals.list(), []);
  });

  it('is withdrawn with its operation', async () => {
    const house = aHouse();
    const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
    house.operations.cancel(id, 'carl');
    await house.operations.finished(id);
    assert.equal(house.room.approvals.get(id).state, 'withdrawn');
    assert.equal(house.recorded().at(-1), 'approval.withdrawn carl');
    await assert.rejects(house.answer(id, 'anna'), isError('APPROVAL_CLOSED'));
  });

  describe('may be answered', () => {
    it('by whoever has the right over its object, and by nobody else', async () => {
      const house = aHouse();
      house.user('guest', as('viewer'));
      house.user('elsewhere', as('operator', { scope: { connection: 'other' } }));
      house.user('here', as('operator', { scope: { connection: 'lab' } }));
      house.access.accounts.putRole('test', { name: 'approver', permissions: ['approvals.answer'] });
      house.user('own-role', as('approver', { scope: { selector: "'prod' in tags" } }));
      const web = house.hypervisor.add({ id: 'web', power: 'running', tags: ['prod'] });
      const { id } = await house.ask('vm.force-off', web);
      for (const name of ['guest', 'elsewhere', 'nobody']) {
        await assert.rejects(house.answer(id, name), isError('APPROVAL_NOT_YOURS'));
      }
      const able = await house.room.approvals.answerers.all(house.room.approvals.get(id));
      assert.deepEqual(able, ['anna', 'ben', 'here', 'mqtt', 'own-role']);
      assert.equal((await house.answer(id, 'own-role')).state, 'granted');
    });

    it('by nobody who asked for it, also not as an administrator or with a token', async () => {
      const house = aHouse();
      const anna = { through: 'rest', principal: 'root' } as const;
      house.user('root', as('administrator'));
      const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }), {
        origin: anna,
      });
      await assert.rejects(house.answer(id, 'root'), isError('APPROVAL_NOT_YOURS'));
    });

    it('with a token only for what the token is', async () => {
      const house = aHouse();
      const { id, round } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
      const answer = (permissions: readonly string[]) => {
        const limit = { token: 't', permissions, scope: {} };
        const who = { ...house.access.principals.named('anna'), limit };
        return house.room.approvals.answer(id, { decision: 'grant', round }, { who, via: 'rest' });
      };
      await assert.rejects(answer(['vm.*']), isError('APPROVAL_NOT_YOURS'));
      assert.equal((await answer(['approvals.answer'])).state, 'granted');
    });

    it('only by the accounts and the role that the policy names', async () => {
      const house = aHouse({
        name: 'p',
        actions: ['*'],
        mayAnswer: { accounts: ['ben', 'chief', 'boss'], role: 'administrator' },
      });
      house.user('chief', as('administrator'));
      house.user('boss', as('power-operator'));
      const { id } = await house.ask('vm.reset', house.hypervisor.add({ id: 'web', power: 'running' }));
      for (const name of ['anna', 'ben', 'boss']) {
        await assert.rejects(house.answer(id, name), isError('APPROVAL_NOT_YOURS'));
      }
      assert.equal((await house.answer(id, 'chief')).state, 'granted');
    });

    it('twice with the same answer, which counts once, and with a second thought while it is open', async () => {
      const house = aHouse({ name: 'two', actions: ['vm.force-off'], quorum: 2 });
      const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
      const first = await house.answer(id, 'anna');
      assert.equal(await house.answer(id, 'anna'), first);
      assert.equal(house.told.filter(({ type }) => type === 'answered').length, 1);
      assert.equal((await house.answer(id, 'anna', { decision: 'deny' })).state, 'denied');
      await assert.rejects(house.answer(id, 'ben'), isError('APPROVAL_CLOSED'));
    });

    it('with a form that is filled in right', async () => {
      const house = aHouse({ name: 'p', actions: ['*'], form: reasonForm });
      const { id } = await house.ask('vm.reset', house.hypervisor.add({ id: 'web', power: 'running' }));
      const bad = [
        {},
        { reason: 'disk', backup: false },
        { reason: 'x', backup: true },
        { reason: 7, backup: true },
        { reason: 'disk', backup: true, window: 'someday' },
        { reason: 'disk', backup: true, odd: 1 },
        { reason: '   ', backup: true },
        [],
        'text',
      ];
      for (const form of bad) {
        await assert.rejects(
          house.answer(id, 'anna', { form }),
          isError('APPROVAL_FORM_INVALID'),
          JSON.stringify(form),
        );
      }
      assert.equal(house.room.approvals.get(id).state, 'pending');
      await house.answer(id, 'anna', { form: { reason: 'disk', backup: true, window: 'now' } });
      const { why } = await house.operations.finished(id);
      const fact = why.find(({ rule }) => rule === 'approved');
      assert.deepEqual(fact?.form, { reason: 'disk', backup: true, window: 'now' });
      assert.equal(fact?.says, 'anna approved it (Reason: disk; There is a backup: yes; Window: now).');
    });
  });

  describe('by two persons', () => {
    const two: Policy = { name: 'two', actions: ['vm.force-off'], quorum: 2 };

    it('waits for the second, who is another one', async () => {
      const house = aHouse(two);
      const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
      assert.equal((await house.answer(id, 'anna')).state, 'pending');
      assert.equal((await house.answer(id, 'anna')).state, 'pending');
      assert.deepEqual(house.hypervisor.applied, []);
      assert.equal((await house.answer(id, 'ben')).state, 'granted');
      const { why } = await house.operations.finished(id);
      assert.deepEqual(
        why.filter(({ rule }) => rule === 'approved').map(({ by }) => by),
        ['anna', 'ben'],
      );
    });

    it('takes no service for a person', async () => {
      const house = aHouse(two);
      const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
      await assert.rejects(house.answer(id, 'mqtt'), isError('APPROVAL_NOT_YOURS'));
    });

    it('is denied by one of them', async () => {
      const house = aHouse(two);
      const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
      await house.answer(id, 'anna');
      assert.equal((await house.answer(id, 'ben', { decision: 'deny' })).state, 'denied');
    });
  });

  describe('that nobody answers', () => {
    it('ends when its time is over, with no', async () => {
      const house = aHouse({ name: 'short', actions: ['*'], ttlSeconds: 60 });
      const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
      house.clock.advance(59_999);
      assert.equal(house.room.approvals.get(id).state, 'pending');
      house.clock.advance(1);
      const ended = await house.operations.finished(id);
      assert.equal(ended.error?.code, 'APPROVAL_EXPIRED');
      assert.equal(house.recorded().at(-1), 'approval.expired virtflow');
      await assert.rejects(house.answer(id, 'anna'), isError('APPROVAL_CLOSED'));
    });

    it('ends with yes where the policy says so and no harm can come of it', async () => {
      const house = aHouse({ name: 'lax', actions: ['*'], ttlSeconds: 60, onExpiry: 'grant' });
      const { id } = await house.ask('vm.start', house.hypervisor.add({ id: 'web' }));
      house.clock.advance(60_000);
      const ended = await house.operations.finished(id);
      assert.equal(ended.state, 'succeeded');
      assert.match(ended.why.map(({ says }) => says).join(' '), /Nobody answered in time/);
      const harmful = await house.ask('vm.force-off', house.hypervisor.add({ id: 'db', power: 'running' }));
      house.clock.advance(60_000);
      assert.equal((await house.operations.finished(harmful.id)).error?.code, 'APPROVAL_EXPIRED');
    });

    it('takes no answer any more when the wall clock was set past its end', async () => {
      const house = aHouse({ name: 'short', actions: ['*'], ttlSeconds: 60 });
      const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
      house.clock.set(house.clock.now() + 60_000);
      await assert.rejects(house.answer(id, 'anna'), isError('APPROVAL_CLOSED'));
      assert.equal((await house.operations.finished(id)).error?.code, 'APPROVAL_EXPIRED');
    });

    it('does not end early when the wall clock goes back', async () => {
      const house = aHouse({ name: 'short', actions: ['*'], ttlSeconds: 60 });
      const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
      house.clock.set(house.clock.now() - 30_000);
      house.clock.advance(60_000);
      assert.equal(house.room.approvals.get(id).state, 'pending');
      house.clock.advance(30_000);
      assert.equal(house.room.approvals.get(id).state, 'expired');
      await house.operations.finished(id);
    });
  });

  describe('is asked for anew', () => {
    const first: Policy = { name: 'force-offs', actions: ['vm.force-off'] };

    it('when what would be done has changed since, and the earlier answer is kept', async () => {
      const house = aHouse(first);
      const web = house.hypervisor.add({ id: 'web', name: 'web', power: 'running' });
      const { id } = await house.ask('vm.force-off', web);
      const vm = house.hypervisor.vms.get('web');
      assert.ok(vm);
      house.hypervisor.put({ ...vm, power: 'paused' });
      await house.answer(id, 'anna');
      const again = await house.asked(id, 2);
      assert.equal(again.state, 'pending');
      assert.match(again.reason ?? '', /has changed/);
      assert.match(again.plan?.text ?? '', /paused/);
      assert.deepEqual(
        again.answers.map(({ by, round }) => [by, round]),
        [['anna', 1]],
      );
      assert.deepEqual(house.hypervisor.applied, []);
      await assert.rejects(house.answer(id, 'ben', { round: 1 }), isError('APPROVAL_CHANGED'));
      await house.answer(id, 'ben');
      const ended = await house.operations.finished(id);
      assert.equal(ended.state, 'succeeded');
      assert.deepEqual(
        ended.why.filter(({ rule }) => rule === 'approved').map(({ by }) => by),
        ['ben'],
      );
    });

    it('when its object was given another name, for somebody approved what they read', async () => {
      const house = aHouse(first);
      const web = house.hypervisor.add({ id: 'web', name: 'test-7', power: 'running' });
      const { id } = await house.ask('vm.force-off', web);
      const vm = house.hypervisor.vms.get('web');
      assert.ok(vm);
      house.hypervisor.put({ ...vm, name: 'payroll' });
      await house.answer(id, 'anna');
      assert.equal((await house.asked(id, 2)).state, 'pending');
    });

    it('when another policy counts by then', async () => {
      const house = aHouse(first);
      const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
      house.policies({ name: 'strict', actions: ['*'], quorum: 2 });
      await house.answer(id, 'anna');
      const again = await house.asked(id, 2);
      assert.deepEqual([again.policy, again.quorum], ['strict', 2]);
    });

    it('when whoever approved it has lost the right before its turn came', async () => {
      const house = aHouse(first);
      const web = house.hypervisor.add({ id: 'web', power: 'running' });
      const { id } = await house.ask('vm.force-off', web);
      house.hypervisor.onFetch = () => {
        house.access.accounts.grant('test', 'anna', [as('viewer')]);
      };
      await house.answer(id, 'anna');
      const again = await house.asked(id, 2);
      assert.match(again.reason ?? '', /of those who approved it, 0 may/);
    });

    it('but is not needed any more when what is wanted holds by then', async () => {
      const house = aHouse(first);
      const web = house.hypervisor.add({ id: 'web', power: 'running' });
      const { id } = await house.ask('vm.force-off', web);
      const vm = house.hypervisor.vms.get('web');
      assert.ok(vm);
      house.hypervisor.put({ ...vm, power: 'halted' });
      await house.answer(id, 'anna');
      assert.equal((await house.operations.finished(id)).result?.changed, false);
    });
  });

  describe('survives a restart', () => {
    it('while it waits, and is answered afterwards', async () => {
      const house = aHouse();
      const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
      const next = house.crash();
      assert.equal(next.room.approvals.get(id).state, 'pending');
      assert.equal(next.operations.get(id).state, 'waiting');
      await next.answer(id, 'anna');
      assert.equal((await next.operations.finished(id)).state, 'succeeded');
      assert.equal(next.room.approvals.list().length, 1);
    });

    it('when its time is over meanwhile', async () => {
      const house = aHouse({ name: 'short', actions: ['*'], ttlSeconds: 60 });
      const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
      house.clock.set(house.clock.now() + 3_600_000);
      const next = house.crash();
      next.clock.advance(0);
      assert.equal((await next.operations.finished(id)).error?.code, 'APPROVAL_EXPIRED');
    });

    it('with one of two answers', async () => {
      const house = aHouse({ name: 'two', actions: ['*'], quorum: 2 });
      const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
      await house.answer(id, 'ben');
      const next = house.crash();
      assert.equal((await next.answer(id, 'ben')).state, 'pending');
      assert.equal((await next.answer(id, 'anna')).state, 'granted');
      assert.equal((await next.operations.finished(id)).state, 'succeeded');
    });
  });

  describe('lends a right', () => {
    const lending: Policy = { name: 'lend', actions: ['vm.force-off'], elevates: true };

    function lendingHouse() {
      const house = aHouse(lending);
      house.user('chief', as('power-operator'));
      const origin = { through: 'rest', principal: 'anna' } as const;
      return { house, origin, web: house.hypervisor.add({ id: 'web', power: 'running' }) };
    }

    it('that the approver has, for one operation, named in why', async () => {
      const { house, origin, web } = lendingHouse();
      const { id, lends } = await house.ask('vm.force-off', web, { origin });
      assert.equal(lends?.id, 'vm.force-off');
      await assert.rejects(house.answer(id, 'ben'), isError('APPROVAL_NOT_YOURS'), 'an operator lacks it too');
      await house.answer(id, 'chief');
      const ended = await house.operations.finished(id);
      assert.equal(ended.state, 'succeeded');
      const rules = ended.why.map(({ rule }) => rule);
      assert.ok(rules.includes('right-to-be-lent') && rules.includes('right-lent'));
      const next = await house.ask('vm.force-off', house.hypervisor.add({ id: 'db', power: 'running' }), { origin });
      assert.equal(next.state, 'pending');
    });

    it('only where the policy says so', async () => {
      const { house, origin, web } = lendingHouse();
      house.policies({ ...lending, elevates: false });
      await assert.rejects(house.submit('vm.force-off', web, { origin }), isError('ACCESS_DENIED'));
    });

    it('never one that was denied, that a token leaves out, or on what cannot be seen', async () => {
      const { house, web } = lendingHouse();
      house.user('barred', as('operator'), as('power-operator', { effect: 'deny' }));
      house.user('blind', as('operator', { scope: { connection: 'other' } }));
      for (const principal of ['barred', 'blind', 'nobody']) {
        const origin = { through: 'rest', principal } as const;
        await assert.rejects(house.submit('vm.force-off', web, { origin }), isError('ACCESS_DENIED'), principal);
      }
      const wish = { owner: 'anna', label: 't', permissions: ['vm.start'], scope: {}, expiresAt: null };
      const token = house.access.tokens.create('test', wish).split('_')[1] ?? '';
      const origin = { through: 'rest', principal: 'anna', token } as const;
      await assert.rejects(house.submit('vm.force-off', web, { origin }), isError('ACCESS_DENIED'));
    });

    it('only by the first policy that fits, so that a stricter one before it counts', async () => {
      const { house, origin, web } = lendingHouse();
      house.policies({ name: 'strict', actions: ['vm.*'], quorum: 2 }, lending);
      await assert.rejects(house.submit('vm.force-off', web, { origin }), isError('ACCESS_DENIED'));
    });

    it('is not asked of who has it anyway', async () => {
      const { house, web } = lendingHouse();
      const { lends } = await house.ask('vm.force-off', web, { origin: { through: 'rest', principal: 'chief' } });
      assert.equal(lends, null);
    });

    it('no more when the lender loses it before the turn', async () => {
      const { house, origin, web } = lendingHouse();
      const { id } = await house.ask('vm.force-off', web, { origin });
      house.hypervisor.onFetch = () => house.access.accounts.grant('test', 'chief', [as('operator')]);
      await house.answer(id, 'chief');
      assert.equal((await house.asked(id, 2)).state, 'pending');
      assert.deepEqual(house.hypervisor.applied, []);
    });
  });

  it('can be wanted by the request itself', async () => {
    const house = aHouse();
    const { id, policy } = await house.ask('vm.start', house.hypervisor.add({ id: 'web' }), { approval: 'always' });
    assert.equal(policy, 'on request');
    await house.answer(id, 'anna');
    assert.equal((await house.operations.finished(id)).state, 'succeeded');
  });

  it('can be waived by the request only where the policy lets it', async () => {
    const house = aHouse(
      { name: 'strict', actions: ['vm.reset'] },
      { name: 'loose', actions: ['vm.force-off'], waivable: true },
    );
    const web = house.hypervisor.add({ id: 'web', power: 'running' });
    const { id } = await house.submit('vm.force-off', web, { approval: 'never' });
    assert.equal((await house.operations.finished(id)).state, 'succeeded');
    const db = house.hypervisor.add({ id: 'db', power: 'running' });
    assert.equal((await house.ask('vm.reset', db, { approval: 'never', origin: flow })).policy, 'strict');
  });
});
