import assert from 'node:assert/strict';
import { RestHouse, viewer } from './house.ts';

describe('the inventory over REST', () => {
  let house: RestHouse;

  before(async () => {
    house = await RestHouse.open('hosts=3&vms=12');
  });
  after(() => house.close());

  const names = (body: { items: { name: string }[] }) => body.items.map(({ name }) => name);
  const list = async (query: string, token?: string) => house.ask(`/inventory/${query}`, token ? { token } : {});

  it('lists each kind, by name, page by page, without leaving one out or telling one twice', async () => {
    const all = names((await list('vms')).body);
    assert.deepEqual(all, [...all].sort());
    assert.equal(all.length, house.platform.inventory.list({ kind: 'vm' }).length);
    const paged: string[] = [];
    for (let query: string | undefined = '/inventory/vms?limit=5'; query; ) {
      const { body, headers }: Awaited<ReturnType<typeof list>> = await house.ask(query);
      paged.push(...names(body));
      query = /^<\/virtflow\/v1(.*)>/.exec(headers.get('link') ?? '')?.[1];
    }
    assert.deepEqual(paged, all);
    for (const kind of ['hosts', 'networks', 'storage-pools'])
      assert.ok((await list(kind)).body.items.length > 0, kind);
    for (const kind of ['volumes', 'snapshots', 'pools']) assert.equal((await list(kind)).status, 200);
  });

  it('is narrowed by connection, name and selector', async () => {
    const [first] = house.platform.inventory.list({ kind: 'vm' });
    assert.ok(first);
    assert.deepEqual(names((await list(`vms?name=${first.name}`)).body), [first.name]);
    assert.ok(names((await list(`vms?name=${first.name.slice(0, 3)}*`)).body).includes(first.name));
    const selected = (await list(`vms?selector=${encodeURIComponent("power = 'running'")}`)).body.items;
    assert.ok(selected.length > 0 && selected.every(({ power }: { power: string }) => power === 'running'));
    assert.deepEqual((await list('vms?connection=moon')).body.items, []);
    assert.equal((await list(`vms?selector=${encodeURIComponent('$x(')}`)).body.code, 'SELECTOR_INVALID');
  });

  it('tells one object whole', async () => {
    const [vm] = house.platform.inventory.list({ kind: 'vm' });
    assert.ok(vm);
    const { body } = await list(`vms/${vm.connection}/${encodeURIComponent(vm.id)}`);
    assert.deepEqual(body, JSON.parse(JSON.stringify(vm)));
    assert.equal((await list('vms/lab/none')).body.code, 'OBJECT_UNKNOWN');
    assert.equal((await list(`hosts/lab/${encodeURIComponent(vm.id)}`)).body.code, 'OBJECT_UNKNOWN');
  });

  it('holds for each what they may see', async () => {
    const [mine, other] = house.platform.inventory.list({ kind: 'vm' });
    assert.ok(mine && other);
    const ann = house.user('ann', [viewer({ kind: 'vm', selector: `id = '${mine.id}'` })]);
    assert.deepEqual(names((await list('vms', ann)).body), [mine.name]);
    assert.deepEqual((await list('hosts', ann)).body.items, []);
    const hidden = await list(`vms/lab/${other.id}`, ann);
    assert.deepEqual([hidden.status, hidden.body.code], [404, 'OBJECT_UNKNOWN']);
    assert.equal(hidden.body.detail, (await list('vms/lab/none', ann)).body.detail.replace('none', other.id));
    house.platform.access.accounts.grant('test', 'ann', []);
    assert.deepEqual((await list('vms', ann)).body.items, []);
  });

  it('tells of connections on which there is something to see', async () => {
    const { body } = await house.ask('/connections');
    assert.deepEqual([body.items[0].name, body.items[0].state.phase], ['lab', 'connected']);
    assert.ok(body.items[0].capabilities.includes('vm.start'));
    assert.equal((await house.ask('/connections/lab')).body.driver, 'simulator');
    const none = house.user('nil', []);
    assert.deepEqual((await house.ask('/connections', { token: none })).body.items, []);
    const hidden = await house.ask('/connections/lab', { token: none });
    assert.deepEqual([hidden.status, hidden.body.advice.includes('lab')], [404, false]);
  });
});
