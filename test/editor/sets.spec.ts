import assert from 'node:assert/strict';
import { nodeSets } from '../../nodes/sets.ts';
import { until } from '../lab/condition.ts';
import { buildPackage } from './package.ts';
import { NodeRedProcess } from './start.ts';

interface LoadedSet {
  readonly id: string;
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly err?: string;
}

describe('the package in a real Node-RED', () => {
  let built: ReturnType<typeof buildPackage>;
  let nodeRed: NodeRedProcess;

  before(async () => {
    built = buildPackage();
    const lab = { id: 'c-lab', type: 'virtflow-connection', name: 'lab', driver: 'simulator', uri: 'simulator:///lab' };
    nodeRed = await NodeRedProcess.start({ packagePath: built.path, flows: [lab], language: 'de' });
    const vms = async () => ((await nodeRed.get('virtflow/inventory/objects')) as { total: number }).total;
    await until('the inventory of the lab', async () => (await vms()) > 0 || undefined);
  });

  after(async () => {
    await nodeRed.stop();
    built.remove();
  });

  it('loads every set with every type', async () => {
    const sets = ((await nodeRed.get('nodes')) as LoadedSet[]).filter(({ id }) => id.startsWith('@virtflow/'));
    assert.deepEqual(
      sets.filter(({ err, enabled }) => err !== undefined || !enabled),
      [],
    );
    const loaded = sets.map(({ id, types }) => [id.split('/').at(-1), [...types].sort()]);
    const declared = nodeSets.map(({ folder, nodes }) => [folder, nodes.map(({ type }) => type).sort()]);
    assert.deepEqual(loaded.sort(), declared.sort());
  });

  it('loads every plugin', async () => {
    const plugins = (await nodeRed.get('plugins')) as LoadedSet[];
    const ours = plugins.filter(({ id }) => id.startsWith('@virtflow/'));
    assert.deepEqual(ours.map(({ id, err }) => [id.split('/').at(-1), err]).sort(), [
      ['editor', undefined],
      ['libvirt', undefined],
      ['platform', undefined],
      ['simulator', undefined],
    ]);
  });

  it('finds VMs by the words that are typed, and a few at a time', async () => {
    const answer = (await nodeRed.get('virtflow/inventory/objects?q=lab/web')) as {
      total: number;
      objects: { name: string }[];
    };
    assert.deepEqual([answer.total, answer.objects.map(({ name }) => name)], [2, ['web-01', 'web-02']]);
  });

  it('previews a selector, and says what is wrong with one', async () => {
    const good = await nodeRed.post('virtflow/inventory/select', { selector: "name = 'web-01'" });
    assert.deepEqual(await good.json(), { total: 12, count: 1, names: ['web-01'] });
    const bad = await nodeRed.post('virtflow/inventory/select', { selector: 'power = ' });
    assert.equal(bad.status, 400);
    assert.equal(((await bad.json()) as { code: string }).code, 'SELECTOR_INVALID');
  });

  it('tests a connection, and says what to do when it cannot be made', async () => {
    const settings = { name: 'try', driver: 'simulator', uri: 'simulator:///lab', username: '', password: '' };
    const good = await nodeRed.post('virtflow/connections/test', settings);
    assert.equal(((await good.json()) as { vms: number }).vms, 12);
    const bad = await nodeRed.post('virtflow/connections/test', { ...settings, uri: 'nonsense' });
    const problem = (await bad.json()) as Record<string, string>;
    assert.equal(bad.status, 400);
    assert.equal(problem.code, 'CONNECTION_SETTINGS_INVALID');
    assert.ok(problem.message && problem.advice);
  });

  it('tells the next runs of a schedule, and why there are none', async () => {
    const daily = { repeat: 'daily', time: '02:00', zone: 'Europe/Berlin' };
    const good = await nodeRed.post('virtflow/schedule/next-runs', daily);
    assert.equal(((await good.json()) as { runs: number[] }).runs.length, 10);
    const bad = await nodeRed.post('virtflow/schedule/next-runs', { ...daily, zone: 'Nowhere' });
    assert.deepEqual([bad.status, ((await bad.json()) as { code: string }).code], [400, 'SCHEDULE_INVALID']);
  });

  it('tests an InfluxDB server that is not there', async () => {
    const answer = await nodeRed.post('virtflow/influxdb/test', { url: 'http://127.0.0.1:1', database: 'x' });
    assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [502, 'SERVER_UNREACHABLE']);
  });

  for (const body of [[], { driver: 1 }, { selector: {} }, { selector: 'x'.repeat(3000) }]) {
    it(`answers a request that cannot be read with a problem: ${JSON.stringify(body)?.slice(0, 30)}`, async () => {
      for (const path of ['connections/test', 'inventory/select', 'influxdb/test']) {
        const answer = await nodeRed.post(`virtflow/${path}`, body);
        assert.equal(answer.status, 400, path);
      }
    });
  }
});
