import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { operator, RestHouse, viewer } from './house.ts';

describe('approvals over REST', () => {
  let house: RestHouse;
  let anna: string;

  before(async () => {
    house = await RestHouse.open();
    anna = house.user('anna', [operator()]);
    const form = { type: 'object', properties: { reason: { type: 'string', title: 'Reason' } }, required: ['reason'] };
    const policies = [{ name: 'offs', actions: ['vm.force-off'], form, text: 'Is it really dead?' }];
    writeFileSync(house.platform.approvals.policies.path, JSON.stringify({ policies }));
  });
  after(() => house.close());

  async function asked(): Promise<string> {
    const vm = house.platform.inventory.list({ kind: 'vm' }).find(({ power }) => power === 'running');
    const { approvals } = house.platform.approvals;
    const told = Promise.withResolvers<string>();
    const stop = approvals.events.subscribe(({ type, approval }) => type === 'requested' && told.resolve(approval.id));
    const { status } = await house.ask('/actions/vm.force-off', { body: { target: vm?.id } });
    assert.equal(status, 202);
    return told.promise.finally(stop);
  }

  const answer = (id: string, token: string, body: object) => house.ask(`/approvals/${id}/answer`, { token, body });

  it('are listed with plan, blast radius and form, and answered', async () => {
    const id = await asked();
    const { body } = await house.ask('/approvals?state=pending', { token: anna });
    const [found] = body.items;
    assert.deepEqual([found.id, found.mayAnswer, found.text], [id, true, 'Is it really dead?']);
    assert.match(found.plan.text, /vm\.force-off/);
    assert.match(found.blast.lines.join(' '), /1 of \d+ VMs on the connection/);
    const refused = await answer(id, anna, { decision: 'grant', round: 1 });
    assert.deepEqual([refused.status, refused.body.code], [422, 'APPROVAL_FORM_INVALID']);
    const done = await answer(id, anna, { decision: 'grant', round: 1, form: { reason: 'hangs' }, comment: 'ok' });
    assert.deepEqual([done.status, done.body.state, done.body.mayAnswer], [200, 'granted', false]);
    assert.equal(done.body.answers[0].via, 'rest');
    assert.equal((await house.platform.operations.finished(id)).state, 'succeeded');
    const again = await answer(id, anna, { decision: 'grant', round: 1, form: { reason: 'hangs' } });
    assert.equal(again.status, 200, 'the same again changes nothing');
    assert.equal((await answer(id, anna, { decision: 'deny', round: 1 })).status, 409);
  });

  it('are refused to who asked, and to who may not', async () => {
    const id = await asked();
    const body = { decision: 'grant', round: 1, form: { reason: 'x' } };
    assert.equal((await answer(id, house.admin, body)).body.code, 'APPROVAL_NOT_YOURS');
    const guest = house.user('guest', [viewer()]);
    assert.deepEqual((await house.ask(`/approvals/${id}`, { token: guest })).body.mayAnswer, false);
    assert.equal((await answer(id, guest, body)).status, 403);
    const narrow = house.token('anna', { permissions: ['*.read'] });
    assert.equal((await answer(id, narrow, body)).status, 403);
    const stranger = house.user('stranger', [operator({ connection: 'other' })]);
    assert.equal((await house.ask(`/approvals/${id}`, { token: stranger })).status, 404);
    assert.deepEqual((await house.ask('/approvals', { token: stranger })).body.items, []);
    await answer(id, anna, { decision: 'deny', round: 1 });
  });

  it('name the round that they are for', async () => {
    const id = await asked();
    assert.equal((await answer(id, anna, { decision: 'deny' })).status, 422);
    assert.equal((await answer(id, anna, { decision: 'deny', round: 2 })).body.code, 'APPROVAL_CHANGED');
    await answer(id, anna, { decision: 'deny', round: 1 });
    assert.equal((await house.platform.operations.finished(id)).error?.code, 'APPROVAL_DENIED');
  });

  it('are told as events to who may answer', async () => {
    const gone = new AbortController();
    const response = await house.response('/events?type=approval', { token: anna }, gone.signal);
    const reader = response.body?.getReader();
    assert.ok(reader);
    const id = await asked();
    let text = '';
    while (!text.includes('"requested"')) text += new TextDecoder().decode((await reader.read()).value);
    assert.match(text, new RegExp(`event: approval[^]*"id":"${id}"[^]*"mayAnswer":true`));
    gone.abort();
    await answer(id, anna, { decision: 'deny', round: 1 });
  });
});
