import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isError } from '../access/fixtures.ts';
import { type ApprovalHouse, aHouse, as, closeHouses } from './house.ts';

describe('a link to an approval', () => {
  afterEach(closeHouses);

  async function asked(house: ApprovalHouse): Promise<{ id: string; token: string }> {
    const { id } = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', power: 'running' }));
    return { id, token: await linkFor(house, id, 'anna') };
  }

  async function linkFor({ room }: ApprovalHouse, id: string, name: string): Promise<string> {
    return (await room.links.make(id, name)).replace('/virtflow/approve/', '');
  }

  it('shows what it is about, and answers in the name of its addressee, once', async () => {
    const house = aHouse();
    const { id, token } = await asked(house);
    const { approval, who } = await house.room.links.open(token);
    assert.deepEqual([approval.id, who.name], [id, 'anna']);
    assert.equal(house.room.approvals.get(id).state, 'pending', 'looking decides nothing');
    await house.room.links.answer(token, { decision: 'grant' });
    const [answer] = house.room.approvals.get(id).answers;
    assert.deepEqual([answer?.by, answer?.via], ['anna', 'link']);
    assert.equal((await house.operations.finished(id)).state, 'succeeded');
    for (const again of [house.room.links.open(token), house.room.links.answer(token, { decision: 'deny' })]) {
      await assert.rejects(again, isError('APPROVAL_LINK_USED'));
    }
  });

  it('that was tampered with is none', async () => {
    const house = aHouse();
    const { id, token } = await asked(house);
    const [body = '', signature = ''] = token.split('.');
    const claim = JSON.parse(Buffer.from(body, 'base64url').toString());
    const forged = (index: number, value: unknown) =>
      `${Buffer.from(JSON.stringify(claim.with(index, value))).toString('base64url')}.${signature}`;
    const bad = [
      forged(2, 'ben'),
      forged(1, 2),
      forged(3, 9e15),
      forged(0, 'x'),
      `${token}a`,
      `a${token}`,
      body,
      `${body}.`,
      '',
      '.',
      'a.b.c',
      'x'.repeat(10_000),
      token.toUpperCase(),
    ];
    for (const one of bad)
      await assert.rejects(house.room.links.answer(one, { decision: 'grant' }), isError('APPROVAL_LINK_INVALID'), one);
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'A' ? 'B' : 'A';
      const changed = token.slice(0, index) + other + token.slice(index + 1);
      await assert.rejects(house.room.links.open(changed), isError('APPROVAL_LINK_INVALID'));
    }
    assert.equal(house.room.approvals.get(id).state, 'pending');
  });

  it('of another house is none', async () => {
    const { token } = await asked(aHouse());
    await assert.rejects(aHouse().room.links.open(token), isError('APPROVAL_LINK_INVALID'));
  });

  it('is over with the time of its approval', async () => {
    const house = aHouse();
    const { token } = await asked(house);
    house.clock.advance(3_600_000);
    await assert.rejects(house.room.links.answer(token, { decision: 'grant' }), isError('APPROVAL_LINK_EXPIRED'));
  });

  it('is made only for an account that may answer, and asks again when it is used', async () => {
    const house = aHouse();
    house.user('guest', as('viewer'));
    const { id, token } = await asked(house);
    await assert.rejects(house.room.links.make(id, 'guest'), isError('APPROVAL_NOT_YOURS'));
    await assert.rejects(house.room.links.make(id, 'nobody'), isError('ACCOUNT_UNKNOWN'));
    house.access.accounts.grant('test', 'anna', [as('viewer')]);
    await assert.rejects(house.room.links.answer(token, { decision: 'grant' }), isError('APPROVAL_NOT_YOURS'));
    house.access.accounts.remove('test', 'anna');
    await assert.rejects(house.room.links.answer(token, { decision: 'grant' }), isError('APPROVAL_NOT_YOURS'));
  });

  it('is of its round alone: what was not shown by it is not approved by it', async () => {
    const house = aHouse();
    const { id, token } = await asked(house);
    const late = await linkFor(house, id, 'ben');
    const vm = house.hypervisor.vms.get('web');
    assert.ok(vm);
    house.hypervisor.put({ ...vm, power: 'paused' });
    await house.room.links.answer(token, { decision: 'grant' });
    await house.asked(id, 2);
    await assert.rejects(house.room.links.answer(late, { decision: 'grant' }), isError('APPROVAL_CHANGED'));
  });

  it('is of no use once the approval has ended', async () => {
    const house = aHouse();
    const { id, token } = await asked(house);
    await house.answer(id, 'ben', { decision: 'deny' });
    await assert.rejects(house.room.links.open(token), isError('APPROVAL_CLOSED'));
  });

  it('works after a restart, by a key that its owner alone can read', async () => {
    const house = aHouse();
    const { id, token } = await asked(house);
    assert.equal(statSync(join(house.directory, 'approval-links.json')).mode & 0o777, 0o600);
    const next = house.crash();
    await next.room.links.answer(token, { decision: 'grant' });
    assert.equal((await next.operations.finished(id)).state, 'succeeded');
  });
});
