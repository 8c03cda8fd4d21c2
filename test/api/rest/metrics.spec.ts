import assert from 'node:assert/strict';
import { type Json, operator, RestHouse, viewer } from './house.ts';

describe('metrics over REST', () => {
  let house: RestHouse;
  const at = Date.now() - 60_000;
  const range = { from: at - 60_000, to: at + 60_000 };
  const query = {
    measurement: 'vm',
    select: [[{ type: 'field', params: ['cpu_ratio'] }, { type: 'mean' }]],
    groupBy: [{ type: 'tag', params: ['name'] }],
  };

  before(async () => {
    house = await RestHouse.open('hosts=1&vms=3');
    const { metrics, inventory } = house.platform;
    metrics.store.start();
    const vms = inventory.list({ connection: 'lab', kind: 'vm' });
    const samples = vms.map(({ connection, id, name }, index) => ({
      measurement: 'vm' as const,
      tags: { connection, id, name },
      at,
      fields: { cpu_ratio: index / 10 },
    }));
    metrics.store.write([
      ...samples,
      { measurement: 'vm', tags: { connection: 'lab', id: 'long-gone', name: 'old' }, at, fields: { cpu_ratio: 1 } },
      {
        measurement: 'vm',
        tags: { connection: 'lab', id: 'long-gone', name: 'old' },
        at: 1_000,
        fields: { cpu_ratio: 1 },
      },
    ]);
    await metrics.store.settled();
  });
  after(() => house.close());

  const names = ({ frames }: Json) => frames.map(({ tags }: Json) => tags.name);

  it('are asked for as Grafana stores a query', async () => {
    const { status, body } = await house.ask('/metrics/query', { body: { query, ...range } });
    assert.equal(status, 200);
    assert.equal(body.frames.length, 4);
    assert.deepEqual(body.frames[0].columns[0].column, 'mean');
    assert.deepEqual(
      body.frames.map(({ columns }: Json) => columns[0].values.length),
      [1, 1, 1, 1],
    );
  });

  it('are only of what somebody may see', async () => {
    const [first] = house.platform.inventory.list({ connection: 'lab', kind: 'vm' });
    const ann = house.user('ann', [viewer({ selector: `name = '${first?.name}'` })]);
    const { body } = await house.ask('/metrics/query', { token: ann, body: { query, ...range } });
    assert.deepEqual(names(body), [first?.name]);
    const bob = house.user('bob', []);
    assert.deepEqual(names((await house.ask('/metrics/query', { token: bob, body: { query, ...range } })).body), []);
    assert.equal((await house.ask('/metrics/measurements', { token: bob })).status, 403);
    assert.equal((await house.ask('/metrics/query', { token: '', body: { query, ...range } })).status, 401);
  });

  it('are told of each object in a few numbers, of what somebody may see', async () => {
    const [first] = house.platform.inventory.list({ connection: 'lab', kind: 'vm' });
    const body = { measurement: 'vm', field: 'cpu_ratio', ...range };
    const all = await house.ask('/metrics/summary', { body });
    assert.deepEqual([all.status, all.body.items.length], [200, 4]);
    const ann = house.user('anna', [viewer({ selector: `name = '${first?.name}'` })]);
    const { items } = (await house.ask('/metrics/summary', { token: ann, body })).body;
    const figures = { count: 1, min: 0, mean: 0, max: 0, p95: 0, last: 0 };
    assert.deepEqual(items, [
      { measurement: 'vm', field: 'cpu_ratio', connection: 'lab', id: first?.id, name: first?.name, ...figures },
    ]);
    const odd = await house.ask('/metrics/summary', { body: { ...body, measurement: 'cats' } });
    assert.equal(odd.status, 422);
  });

  it('are refused with the reason when the query cannot be meant', async () => {
    const { status, body } = await house.ask('/metrics/query', {
      body: { query: { ...query, rawQuery: true }, ...range },
    });
    assert.deepEqual([status, body.code], [400, 'METRIC_QUERY_INVALID']);
  });

  it('are listed with their fields and tags', async () => {
    const { body } = await house.ask('/metrics/measurements');
    assert.deepEqual(body.items, [{ name: 'vm', fields: ['cpu_ratio'], tags: ['connection', 'id', 'name'] }]);
  });

  it('tell how their writing goes on, to whoever may see anything', async () => {
    const { status, body } = await house.ask('/metrics/state');
    const { engine, connected, written, waiting, dropped, error } = body.store;
    assert.deepEqual(
      [status, engine, connected, written, waiting, dropped, error],
      [200, 'duckdb', true, 5, 0, 0, null],
    );
    assert.deepEqual(body.connections, []); // this virtflow collects nothing
    assert.equal((await house.ask('/metrics/state', { token: house.user('ben', []) })).status, 403);
  });

  it('are removed now by an administrator alone, and the rows are counted', async () => {
    const otto = house.user('otto', [operator()]);
    assert.equal((await house.ask('/metrics/retention/run', { token: otto, method: 'POST', body: {} })).status, 403);
    const { status, body } = await house.ask('/metrics/retention/run', { method: 'POST', body: {} });
    const rows = body.levels.map(({ level, rows }: { level: string; rows: number }) => [level, rows]);
    assert.deepEqual(
      [status, rows],
      [
        200,
        [
          ['raw', 1],
          ['5m', 1],
          ['1h', 1],
        ],
      ],
    );
  });

  it('are there for Prometheus, with a token', async () => {
    const response = await house.response('/metrics/prometheus');
    assert.deepEqual(
      [response.status, response.headers.get('content-type')],
      [200, 'text/plain; version=0.0.4; charset=utf-8'],
    );
    assert.equal((await house.response('/metrics/prometheus', { token: '' })).status, 401);
  });
});
