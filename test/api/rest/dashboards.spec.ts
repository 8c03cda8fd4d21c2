import assert from 'node:assert/strict';
import { type Json, RestHouse, viewer } from './house.ts';

describe('dashboards over REST', () => {
  let house: RestHouse;
  const at = Date.now() - 60_000;
  const uid = 'virtflow-fleet';

  before(async () => {
    house = await RestHouse.open('hosts=1&vms=3');
    const { metrics, inventory } = house.platform;
    metrics.store.start();
    const seen = inventory.list({ connection: 'lab', kind: 'vm' });
    const gone = { connection: 'lab', id: 'long-gone', name: 'gone' };
    metrics.store.write(
      [...seen, gone].map(({ connection, id, name }) => ({
        measurement: 'vm' as const,
        tags: { connection, id, name, host: 'alpha' },
        at,
        fields: { cpu_ratio: 0.5 },
      })),
    );
    await metrics.store.settled();
  });
  after(() => house.close());

  const figures = (token?: string, more: object = {}) => {
    const { dashboard } = house.platform.dashboards.files.get('virtflow-vm');
    const panels = dashboard.panels.flatMap(({ id, type }) =>
      type === 'timeseries' && id ? [{ id, points: 50 }] : [],
    );
    const body = { from: 'now-1h', to: 'now', panels, variables: { vm: ['$__all'] }, ...more };
    return house.ask('/dashboards/virtflow-vm/figures', { body, ...(token === undefined ? {} : { token }) });
  };
  const vmsIn = ({ variables }: Json) =>
    variables.find(({ name }: Json) => name === 'vm').options.map(({ value }: Json) => value);

  it('are listed, and one is as its file has it', async () => {
    const { body } = await house.ask('/dashboards');
    assert.ok(body.items.some((one: Json) => one.uid === uid && one.own === false));
    assert.deepEqual(body.broken, []);
    const { dashboard, notDrawn } = (await house.ask(`/dashboards/${uid}`)).body;
    assert.deepEqual([dashboard.uid, notDrawn], [uid, []]);
    const unknown = await house.ask('/dashboards/none');
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'DASHBOARD_UNKNOWN']);
  });

  it('have figures and names of what somebody may see alone; of what is gone, for who sees everything', async () => {
    const all = await figures();
    assert.deepEqual([all.status, all.body.marksError], [200, null]);
    assert.equal(vmsIn(all.body).length, 4);
    const [first] = house.platform.inventory.list({ connection: 'lab', kind: 'vm' });
    const ann = house.user('ann', [viewer({ selector: `name = '${first?.name}'` })]);
    const { body } = await figures(ann);
    assert.deepEqual(vmsIn(body), [first?.name]);
    assert.doesNotMatch(JSON.stringify(body), /gone/);
    const nobody = await figures(house.user('bob', []));
    assert.deepEqual(vmsIn(nobody.body), []);
    assert.equal((await figures('')).status, 401);
  });

  it('refuse a range that is none, and more points than there can be', async () => {
    assert.equal((await figures(undefined, { from: 'yesterday' })).body.code, 'PARAMETER_INVALID');
    assert.equal((await figures(undefined, { from: 'now', to: 'now-1h' })).body.code, 'PARAMETER_INVALID');
    assert.equal((await figures(undefined, { panels: [{ id: 1, points: 1e9 }] })).status, 422);
  });
});
