import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { RestHouse, viewer } from './house.ts';

describe('what follows from an operation, over REST', () => {
  let house: RestHouse;

  beforeEach(async () => {
    house = await RestHouse.open();
  });
  afterEach(() => house.close());

  const origin = { through: 'flow', principal: 'node-red' } as const;
  const detail = async (id: string) => (await house.ask(`/operations/${id}`)).body;
  const wait = async (id: string) => (await house.ask(`/operations/${id}/wait`)).body;

  it('is told with the operation: what it was asked with, and whether it can be taken back', async () => {
    const { id } = await house.on.run('vm.pause', 'web-01');
    const { parameters, takingBack, changes } = await detail(id);
    assert.deepEqual([parameters, takingBack], [{}, { possible: true }]);
    assert.deepEqual(changes[0], { what: 'power', before: 'running', after: 'paused' });
    const reset = await house.on.run('vm.reset', 'web-02');
    const { possible, because } = (await detail(reset.id)).takingBack;
    assert.equal(possible, false);
    assert.match(because, /had not written to disk is gone/);
  });

  it('is planned at first, and then done, once', async () => {
    const { id } = await house.on.run('vm.pause', 'web-01');
    const plan = await house.ask(`/operations/${id}/undo`, { body: { plan: true } });
    assert.deepEqual([plan.status, plan.body.state], [200, 'planned']);
    assert.match(plan.body.result.text, /power: paused → running/);
    assert.equal(house.on.vm('web-01').power, 'paused');
    const undo = await house.ask(`/operations/${id}/undo`, { method: 'POST' });
    assert.deepEqual([undo.status, undo.body.undoes], [202, id]);
    assert.equal(undo.headers.get('location'), `/virtflow/v1/operations/${undo.body.id}`);
    assert.equal((await wait(undo.body.id)).state, 'succeeded');
    assert.equal(house.on.vm('web-01').power, 'running');
    const again = await house.ask(`/operations/${id}/undo`, { method: 'POST' });
    assert.deepEqual([again.status, again.body.code], [422, 'UNDO_IMPOSSIBLE']);
    assert.deepEqual((await detail(id)).takingBack, { possible: false, because: 'It was taken back already.' });
  });

  it('does again what of a group failed, as a group that says of which', async () => {
    const { operations } = house.platform;
    const member = (name: string) => ({ action: 'vm.pause', target: house.on.vm(name), parameters: {} });
    const halted = house.on.platform.inventory.list({ kind: 'vm' }).find(({ power }) => power === 'halted')?.name ?? '';
    const members = [member('web-01'), member(halted)];
    const group = await operations.submitGroup({
      title: 'pause all',
      order: 'sequence',
      onError: 'continue',
      members,
      origin,
    });
    const ended = await wait(group.id);
    assert.deepEqual([ended.state, ended.members, ended.group.onError], ['partial', 2, 'continue']);
    const retry = await house.ask(`/operations/${group.id}/retry`, { method: 'POST' });
    assert.deepEqual([retry.status, retry.body.retries, retry.body.members], [202, group.id, 1]);
    const single = await house.on.run('vm.pause', 'web-02');
    assert.equal((await house.ask(`/operations/${single.id}/retry`, { method: 'POST' })).body.code, 'RETRY_IMPOSSIBLE');
  });

  it('is for those who may: others see nothing there, or are refused', async () => {
    const { id } = await house.on.run('vm.pause', 'web-01');
    const stranger = house.user('stranger', []);
    const looker = house.user('looker', [viewer()]);
    assert.equal((await house.ask(`/operations/${id}/undo`, { method: 'POST', token: stranger })).status, 404);
    assert.equal((await house.ask(`/operations/${id}/undo`, { method: 'POST', token: looker })).status, 403);
    assert.equal(house.on.vm('web-01').power, 'paused');
  });

  it('lists what was asked for by words, by node, without quiet ones, plans and members', async () => {
    const { operations } = house.platform;
    const ask = async (action: string, name: string, about: object) => {
      const request = { action, target: house.on.vm(name), parameters: {}, origin, ...about };
      return (await operations.finished((await operations.submit(request)).id)).id;
    };
    const byNode = await ask('vm.pause', 'web-01', { origin: { ...origin, flow: 'tab', node: 'n1' } });
    const quiet = await ask('vm.pause', 'web-02', { quiet: true });
    const plan = await ask('vm.shutdown', 'db-01', { mode: 'plan' });
    const members = [{ action: 'vm.resume', target: house.on.vm('web-01'), parameters: {} }];
    const group = await operations.submitGroup({
      title: '50%_all',
      order: 'sequence',
      onError: 'stop',
      members,
      origin,
    });
    await operations.finished(group.id);
    const found = async (query: string) =>
      (await house.ask(`/operations?${query}`)).body.items.map((one: { id: string }) => one.id);
    assert.deepEqual(await found('members=false'), [group.id, plan, quiet, byNode]);
    assert.deepEqual(await found('members=false&quiet=false&mode=run'), [group.id, byNode]);
    assert.deepEqual(await found('text=PAUSE+web-0'), [quiet, byNode]);
    assert.deepEqual(await found('text=50%25_'), [group.id]);
    assert.deepEqual(await found('text=5%25_'), []);
    assert.deepEqual(await found('flow=tab'), [byNode]);
    assert.deepEqual(await found('node=n1'), [byNode]);
    assert.deepEqual(await found('node=other'), []);
    assert.equal((await detail(quiet)).quiet, true);
  });

  it('lets in whom another web server has let in, with the rights of flows', async () => {
    const { id } = await house.on.run('vm.pause', 'web-01');
    const { rest } = house;
    const server = createServer((request, response) =>
      rest.handle(request, response, { base: '/x', url: request.url ?? '', user: 'anna' }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).json() as Promise<object>;
    assert.deepEqual(Object(await get('/whoami')).principal, 'anna');
    assert.equal(Object(await get(`/operations/${id}`)).id, id);
    server.close();
  });
});
