import assert from 'node:assert/strict';
import { formatRef } from '../../../lib/model/reference.ts';
import { operator, RestHouse, viewer } from './house.ts';

describe('operations over REST', () => {
  let house: RestHouse;
  const started: string[] = [];

  before(async () => {
    house = await RestHouse.open();
    for (const vm of running().slice(0, 3)) {
      const { body } = await house.ask('/actions/vm.reset', { body: { target: vm.id } });
      started.push(body.operations[0].id);
      await house.platform.operations.finished(body.operations[0].id);
    }
  });
  after(() => house.close());

  const running = () => house.platform.inventory.list({ kind: 'vm' }).filter(({ power }) => power === 'running');
  const first = () => running()[0] ?? assert.fail('no VM runs');
  const idsIn = (body: { items: { id: string }[] }) => body.items.map(({ id }) => id);
  const list = async (query: string, token?: string) =>
    (await house.ask(`/operations${query}`, token ? { token } : {})).body;

  it('are listed newest first, page by page, with a link to the next', async () => {
    assert.deepEqual(idsIn(await list('')), started.toReversed());
    const page = await house.ask('/operations?limit=2');
    assert.deepEqual(idsIn(page.body), started.toReversed().slice(0, 2));
    const next = /^<\/virtflow\/v1(\/operations\?.*)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
    assert.ok(next);
    const last = await house.ask(next);
    assert.deepEqual([idsIn(last.body), last.body.next, last.headers.get('link')], [started.slice(0, 1), null, null]);
    assert.equal((await house.ask('/operations?cursor=nonsense')).body.code, 'PARAMETER_INVALID');
  });

  it('are found by object, state, time, who asked and through what', async () => {
    const [target] = running();
    assert.ok(target);
    assert.equal((await list(`?object=${encodeURIComponent(formatRef(target))}`)).items.length, 1);
    assert.equal((await list('?state=succeeded,failed&action=vm.reset&connection=lab')).items.length, 3);
    assert.deepEqual((await list('?state=running')).items, []);
    assert.equal((await list(`?since=${new Date(0).toISOString()}&principal=root&through=rest`)).items.length, 3);
    assert.deepEqual((await list('?before=2020-01-01T00:00:00Z')).items, []);
    assert.deepEqual((await list('?principal=nobody')).items, []);
  });

  for (const query of [
    'state=explode',
    'limit=0',
    'limit=x',
    'since=yesterday',
    'object=web',
    'odd=1',
    'limit=1&limit=2',
  ]) {
    it(`refuse ?${query}`, async () => {
      const { status, body } = await house.ask(`/operations?${query}`);
      assert.ok(status === 422 || status === 400, String(status));
      assert.match(body.code, /^(PARAMETER|REFERENCE)_INVALID$/);
    });
  }

  it('are told only to who may see what they work on, or asked for them', async () => {
    const one = (await house.ask(`/operations/${started[0]}`)).body;
    const [other] = running().filter(({ id }) => id !== one.target.id);
    assert.ok(other);
    const ann = house.user('ann', [operator({ selector: `name = '${one.targetName}'` })]);
    assert.deepEqual(idsIn(await list('', ann)), [started[0]]);
    assert.equal((await house.ask(`/operations/${started[0]}`, { token: ann })).status, 200);
    for (const path of ['', '/wait', '/cancel']) {
      const method = path === '/cancel' ? 'POST' : 'GET';
      const hidden = await house.ask(`/operations/${started[1]}${path}`, { token: ann, method });
      assert.deepEqual([hidden.status, hidden.body.code], [404, 'OPERATION_UNKNOWN']);
      assert.equal(
        hidden.body.detail,
        (await house.ask('/operations/none')).body.detail.replace('none', started[1] ?? ''),
      );
    }
    const own = (await house.ask('/actions/vm.reset', { body: { target: one.target.id }, token: ann })).body
      .operations[0];
    house.platform.access.accounts.grant('test', 'ann', []);
    assert.deepEqual(idsIn(await list('', ann)), [own.id]);
  });

  it('bring a page of what is seen, however much is not', async () => {
    const vm = running().at(-1) ?? assert.fail();
    const mia = house.user('mia', [viewer({ selector: `id = '${vm.id}'` })]);
    const seen = [];
    for (let round = 0; round < 3; round += 1) {
      for (const target of [vm, first(), first()]) {
        const { body } = await house.ask('/actions/vm.reset', { body: { target: target.id } });
        if (target === vm) seen.unshift(body.operations[0].id);
        await house.platform.operations.finished(body.operations[0].id);
      }
    }
    const page = await list('?limit=2', mia);
    assert.deepEqual(idsIn(page), seen.slice(0, 2));
    assert.deepEqual(idsIn(await list(`?limit=2&cursor=${page.next}`, mia)), seen.slice(2));
  });

  it('are waited for, or told as they stand when the time is over', async () => {
    const target = first().id;
    const { body } = await house.ask('/actions/vm.suspend', { body: { target } });
    const { id } = body.operations[0];
    const soon = (await house.ask(`/operations/${id}/wait?seconds=0`)).body;
    assert.equal(soon.id, id);
    assert.equal((await house.ask(`/operations/${id}/wait?seconds=60`)).body.state, 'succeeded');
    assert.equal((await house.ask(`/operations/${id}/wait?seconds=61`)).body.code, 'PARAMETER_INVALID');
  });

  it('are cancelled for whom it concerns, and for nobody else', async () => {
    const slow = await RestHouse.open('hosts=1&vms=4&speed=1');
    try {
      const vm = slow.platform.inventory.list({ kind: 'vm' }).find(({ power }) => power === 'running') ?? assert.fail();
      const { body } = await slow.ask('/actions/vm.suspend', { body: { target: vm.id } });
      const { id } = body.operations[0];
      const vera = slow.user('vera', [viewer()]);
      const denied = await slow.ask(`/operations/${id}/cancel`, { method: 'POST', token: vera });
      assert.deepEqual([denied.status, denied.body.code], [403, 'ACCESS_DENIED']);
      const otto = slow.user('otto', [operator()]);
      const told = await slow.ask(`/operations/${id}/cancel`, { method: 'POST', token: otto });
      assert.ok(told.status === 202 || told.status === 200);
      const ended = (await slow.ask(`/operations/${id}/wait?seconds=60`)).body;
      assert.deepEqual([ended.state, ended.error.details.principal], ['cancelled', 'otto']);
      const again = await slow.ask(`/operations/${id}/cancel`, { method: 'POST', body: {} });
      assert.deepEqual([again.status, again.body.state], [200, 'cancelled']);
    } finally {
      await slow.close();
    }
  });

  it('never tell their parameters', async () => {
    const target = house.on.connection;
    const definition = JSON.stringify({ name: 'secret-bearer', description: 'hunter2' });
    const { body } = await house.ask('/actions/vm.define', { body: { target, parameters: { definition } } });
    const text = JSON.stringify([body, (await house.ask(`/operations/${body.operations[0].id}/wait`)).body]);
    assert.ok(!text.includes('hunter2') && text.includes('vm.define'));
  });
});
