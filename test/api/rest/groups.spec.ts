import assert from 'node:assert/strict';
import { operator, RestHouse, viewer } from './house.ts';

describe('groups over REST', () => {
  let house: RestHouse;

  before(async () => {
    house = await RestHouse.open();
  });
  after(() => house.close());

  const vm = (power: string) =>
    house.platform.inventory.list({ kind: 'vm' }).find((one) => one.power === power && !one.template) ??
    assert.fail(`no VM is ${power}`);
  const post = (path: string, body: object, token = house.admin, headers = {}) =>
    house.ask(path, { body, token, headers });
  const ended = async (id: string) => (await house.ask(`/operations/${id}/wait`)).body;

  it('answer at once with the group, whose members are listed in their order', async () => {
    const { name } = vm('running');
    const steps = ['vm.pause', 'vm.resume', 'vm.pause'].map((action) => ({ action, target: name }));
    const { status, headers, body } = await post('/groups', { title: 'three', steps });
    assert.deepEqual([status, headers.get('location')], [202, `/virtflow/v1/operations/${body.id}`]);
    assert.equal((await ended(body.id)).state, 'succeeded');
    const first = (await house.ask(`/operations/${body.id}/members?limit=2`)).body;
    const last = (await house.ask(`/operations/${body.id}/members?limit=2&cursor=${first.next}`)).body;
    const told = [...first.items, ...last.items].map(({ member, action, parent }) => [member, action, parent]);
    assert.deepEqual(
      told,
      steps.map(({ action }, index) => [index, action, body.id]),
    );
    assert.equal(last.next, null);
  });

  it('are taken back, plan first', async () => {
    const { name } = vm('running');
    const { body } = await post('/groups', { steps: [{ action: 'vm.pause', target: name }] });
    await ended(body.id);
    const plan = await post(`/operations/${body.id}/undo`, { plan: true });
    assert.deepEqual([plan.status, plan.body.state, house.on.vm(name).power], [200, 'planned', 'paused']);
    const undo = await post(`/operations/${body.id}/undo`, {});
    assert.equal(undo.status, 202);
    assert.deepEqual([(await ended(undo.body.id)).state, house.on.vm(name).power], ['succeeded', 'running']);
    const again = await post(`/operations/${body.id}/undo`, {});
    assert.deepEqual([again.status, again.body.code], [422, 'UNDO_IMPOSSIBLE']);
  });

  it('with an idempotency key are done once, and the same is said of an undo and a retry', async () => {
    const { name } = vm('running');
    const key = { 'idempotency-key': 'night-1' };
    const steps = [
      { action: 'vm.pause', target: name },
      { action: 'vm.restore', target: name },
    ];
    const group = { onError: 'continue', steps };
    const first = await post('/groups', group, house.admin, key);
    assert.equal((await ended(first.body.id)).state, 'partial');
    assert.equal((await post('/groups', group, house.admin, key)).body.id, first.body.id);
    assert.equal((await post('/groups', { steps: [] }, house.admin, key)).body.code, 'IDEMPOTENCY_KEY_REUSED');
    for (const verb of ['retry', 'undo']) {
      const own = { 'idempotency-key': verb };
      const once = await post(`/operations/${first.body.id}/${verb}`, {}, house.admin, own);
      await ended(once.body.id);
      const twice = await post(`/operations/${first.body.id}/${verb}`, {}, house.admin, own);
      assert.equal(twice.body.id, once.body.id);
    }
  });

  it('are refused to whom one of their steps is not allowed, and not shown to whom they are not for', async () => {
    const [web, other] = [vm('running'), vm('halted')];
    const otto = house.user('otto', [operator({ selector: `name = '${web.name}'` }), viewer()]);
    const steps = [web, other].map(({ name }) => ({ action: 'vm.pause', target: name }));
    assert.equal((await post('/groups', { steps }, otto)).body.code, 'ACCESS_DENIED');
    const { body } = await post('/groups', { steps: [{ action: 'vm.pause', target: web.name }] });
    await ended(body.id);
    const nobody = house.user('nobody', []);
    for (const path of [`/operations/${body.id}/members`, `/operations/${body.id}`]) {
      assert.equal((await house.ask(path, { token: nobody })).body.code, 'OPERATION_UNKNOWN');
    }
    assert.equal((await post(`/operations/${body.id}/undo`, {}, nobody)).body.code, 'OPERATION_UNKNOWN');
  });

  it('are refused when they cannot be read', async () => {
    assert.equal((await post('/groups', { steps: [{ target: 'x' }] })).body.code, 'GROUP_INVALID');
    assert.equal((await post('/groups', { steps: [], order: 'backwards' })).status, 422);
    assert.equal((await post('/groups', { steps: [], members: [] })).status, 422);
  });
});
