import assert from 'node:assert/strict';
import { allActions } from '../../../lib/actions/registry.ts';
import { operator, RestHouse, viewer } from './house.ts';

describe('actions over REST', () => {
  let house: RestHouse;

  before(async () => {
    house = await RestHouse.open();
  });
  after(() => house.close());

  const vms = (power: string) =>
    house.platform.inventory.list({ kind: 'vm' }).filter((vm) => vm.power === power && !vm.template);
  const vm = (power: string) => vms(power)[0] ?? assert.fail(`no VM is ${power}`);
  const wait = async (id: string) => (await house.ask(`/operations/${id}/wait`)).body;

  it('are listed as they are declared', async () => {
    const { status, body } = await house.ask('/actions');
    assert.equal(status, 200);
    assert.deepEqual(
      body.items.map((one: { id: string }) => one.id),
      allActions.map(({ id }) => id),
    );
    const one = (await house.ask('/actions/vm.start')).body;
    assert.deepEqual([one.role, one.danger, one.needs], ['operator', 'none', ['vm.start']]);
    assert.equal(one.parameters.properties.paused.default, false);
  });

  it('answer at once with the operation, which goes on by itself', async () => {
    const { status, headers, body } = await house.ask('/actions/vm.pause', { body: { target: vm('running').name } });
    assert.equal(status, 202);
    const [operation] = body.operations;
    assert.equal(headers.get('location'), `/virtflow/v1/operations/${operation.id}`);
    assert.deepEqual(operation.origin, { through: 'rest', principal: 'root', token: house.idOf(house.admin) });
    const ended = await wait(operation.id);
    assert.deepEqual([ended.state, ended.result.changed, ended.why[0].rule], ['succeeded', true, 'access-granted']);
    assert.ok(ended.calls.length > 0);
  });

  it('answer a plan with 200, and change nothing', async () => {
    const { name } = vm('running');
    const { status, body } = await house.ask('/actions/vm.shutdown', { body: { target: name, plan: true } });
    assert.equal(status, 200);
    const [planned] = body.operations;
    assert.deepEqual([planned.state, planned.mode, planned.result.changes[0].after], ['planned', 'plan', 'halted']);
    assert.equal(house.on.vm(name).power, 'running');
  });

  it('run on each of several, and list those on which nothing was started', async () => {
    const [running, halted] = [vm('running'), vm('halted')];
    const { status, headers, body } = await house.ask('/actions/vm.reset', {
      body: { target: [running.name, halted.name] },
    });
    assert.deepEqual([status, headers.get('location')], [202, null]);
    assert.deepEqual([body.operations.length, body.refused.length], [1, 1]);
    assert.deepEqual([body.refused[0].target.id, body.refused[0].error.code], [halted.id, 'STATE_FORBIDS']);
    await wait(body.operations[0].id);
    const all = { target: { selector: "power = 'halted'" } };
    const none = await house.ask('/actions/vm.reset', { body: all });
    assert.deepEqual([none.status, none.body.code], [422, 'OPERATION_PARTIAL']);
    assert.ok(none.body.details.refused.length > 1);
  });

  it('succeed with nothing when a selector matches nothing, but not with wrong parameters', async () => {
    const target = { selector: "name = 'nobody'" };
    assert.deepEqual((await house.ask('/actions/vm.reset', { body: { target } })).body, {
      operations: [],
      refused: [],
    });
    const wrong = await house.ask('/actions/vm.start', { body: { target, parameters: { paused: 'yes' } } });
    assert.deepEqual([wrong.status, wrong.body.code], [422, 'PARAMETER_INVALID']);
  });

  for (const [what, path, body, status, code] of [
    ['an action that does not exist', 'vm.explode', { target: 'x' }, 404, 'ACTION_UNKNOWN'],
    ['a target that does not exist', 'vm.start', { target: 'nobody' }, 404, 'OBJECT_UNKNOWN'],
    ['no target', 'vm.start', { parameters: {} }, 422, 'PARAMETER_INVALID'],
    ['a target of no use', 'vm.start', { target: 7 }, 422, 'TARGET_INVALID'],
    ['something that it does not know', 'vm.start', { target: 'x', dryRun: true }, 422, 'PARAMETER_INVALID'],
    ['a plan that is neither true nor false', 'vm.start', { target: 'x', plan: 'yes' }, 422, 'PARAMETER_INVALID'],
    ['a time-out of 0', 'vm.start', { target: 'x', timeoutSeconds: 0 }, 422, 'PARAMETER_INVALID'],
    ['a body that is no object', 'vm.start', [], 422, 'PARAMETER_INVALID'],
    ['a body that is no JSON', 'vm.start', '{', 400, 'REQUEST_INVALID'],
    [
      'a body that is nested deeply',
      'vm.start',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      400,
      'REQUEST_INVALID',
    ],
  ] as const) {
    it(`refuse ${what}`, async () => {
      const told = await house.ask(`/actions/${path}`, { body });
      assert.deepEqual([told.status, told.body.code, told.body.status], [status, code, status]);
      assert.equal(told.headers.get('content-type'), 'application/problem+json');
      assert.equal(told.body.type, `/virtflow/v1/problems/${code}`);
      assert.ok(told.body.detail && told.body.advice && told.body.title);
    });
  }

  it('refuse a body of another type, one that is compressed, and one that is too long', async () => {
    const send = (headers: Record<string, string>, body = '{"target":"x"}') =>
      house.ask('/actions/vm.start', { body, headers });
    assert.equal((await send({ 'content-type': 'text/plain' })).body.code, 'CONTENT_TYPE_UNSUPPORTED');
    assert.equal((await send({ 'content-encoding': 'gzip' })).body.code, 'CONTENT_TYPE_UNSUPPORTED');
    const long = await send({}, JSON.stringify({ target: 'x'.repeat(1_100_000) }));
    assert.deepEqual([long.status, long.body.code], [413, 'BODY_TOO_LARGE']);
  });

  describe('sent twice with one Idempotency-Key', () => {
    const ask = (key: string, body: object, token?: string) =>
      house.ask('/actions/vm.reset', { body, headers: { 'idempotency-key': key }, ...(token ? { token } : {}) });

    it('are done once, on the targets of the first time', async () => {
      const body = { target: { selector: "power = 'running'" } };
      const first = await ask('k1', body);
      assert.ok(first.body.operations.length > 1);
      const ids = (told: typeof first) => told.body.operations.map(({ id }: { id: string }) => id);
      await wait(ids(first)[0]);
      const again = await Promise.all([ask('k1', body), ask('k1', body)]);
      for (const told of again) assert.deepEqual(ids(told), ids(first));
    });

    it('are refused when the second asks for something else', async () => {
      await ask('k2', { target: vm('running').name });
      const other = await ask('k2', { target: vm('running').name, timeoutSeconds: 5 });
      assert.deepEqual([other.status, other.body.code], [422, 'IDEMPOTENCY_KEY_REUSED']);
      const action = await house.ask('/actions/vm.pause', {
        body: { target: vm('running').name },
        headers: { 'idempotency-key': 'k2' },
      });
      assert.equal(action.body.code, 'IDEMPOTENCY_KEY_REUSED');
      assert.equal((await ask('a b', { target: 'x' })).body.code, 'REQUEST_INVALID');
    });

    it("do not tell of somebody else's", async () => {
      const { name } = vm('running');
      const [first] = (await ask('k3', { target: name })).body.operations;
      const otto = house.user('otto', [operator()]);
      const [own] = (await ask('k3', { target: name }, otto)).body.operations;
      assert.notEqual(own.id, first.id);
      house.platform.access.accounts.grant('test', 'otto', []);
      assert.equal((await ask('k3', { target: name }, otto)).status, 202, 'own operations are told');
      const narrow = house.token('otto', { permissions: ['vm.start'] });
      assert.equal((await ask('k3', { target: name }, narrow)).status, 403);
    });
  });

  it('are for whom they are granted, on what they may see, and hints name nothing else', async () => {
    const [mine, other] = vms('running');
    assert.ok(mine && other);
    const scope = { selector: `name = '${mine.name}'` };
    const ann = house.user('ann', [operator(scope)]);
    const ask = (target: unknown) => house.ask('/actions/vm.reset', { body: { target }, token: ann });
    assert.equal((await ask(mine.name)).status, 202);
    const hidden = await ask(other.name);
    assert.deepEqual([hidden.status, hidden.body.code], [404, 'OBJECT_UNKNOWN']);
    assert.ok(hidden.body.advice.includes(mine.name));
    for (const vm of house.platform.inventory.list({ kind: 'vm' })) {
      if (vm.name !== mine.name && vm.name !== other.name) assert.ok(!JSON.stringify(hidden.body).includes(vm.name));
    }
    const selected = await ask({ selector: 'true' });
    assert.equal(selected.body.operations.length, 1);
    const vera = house.user('vera', [viewer()]);
    const denied = await house.ask('/actions/vm.reset', { body: { target: mine.name }, token: vera });
    assert.deepEqual([denied.status, denied.body.code], [403, 'ACCESS_DENIED']);
    assert.ok(denied.body.details.why.length > 0);
  });
});
