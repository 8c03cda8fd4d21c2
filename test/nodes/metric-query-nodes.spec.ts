import assert from 'node:assert/strict';
import type { QueryFrame } from '../../lib/metrics/store/result.ts';
import type { Summary } from '../../lib/metrics/summary.ts';
import type { Vm } from '../../lib/model/objects.ts';
import type { Sample } from '../../lib/model/reading.ts';
import metrics from '../../nodes/metrics/metrics.ts';
import type { Message } from '../../nodes/runtime/red.ts';
import { House, labNode } from './house.ts';

const tab = { id: 'tab', type: 'tab', label: 'test' };
const out = { id: 'out', type: 'helper', z: 'tab' };
const caught = { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] };
const node = (type: string, config: object = {}) => ({
  id: 'asked',
  type,
  z: 'tab',
  name: '',
  wires: [['out']],
  ...config,
});
const codeOf = ({ error }: Message) => (error as { code?: string } | undefined)?.code;
const minute = 60_000;
const start = Date.now() - 30 * minute;

describe('nodes that ask what was measured', function () {
  this.timeout(20_000);
  let house: House;
  afterEach(() => house.close());

  async function open(type: string, config: object = {}, ownTab: object = tab): Promise<void> {
    house = await House.open([metrics], [ownTab, labNode, node(type, config), out, caught]);
    house.collect('out');
  }

  function vm(name: string): Vm {
    const [found] = house.platform.inventory.named('vm', name);
    assert.ok(found);
    return found;
  }

  /** A sample a minute from half an hour ago on. */
  async function measured(name: string, values: readonly number[], more: Partial<Sample> = {}): Promise<void> {
    const { store } = house.platform.metrics;
    const tags = { connection: 'lab', host: 'kvm1', id: vm(name).id, name, ...more.tags };
    store.start();
    store.write(
      values.map((value, index) => ({
        measurement: more.measurement ?? 'vm',
        tags,
        at: start + index * minute,
        fields: { cpu_ratio: value },
      })),
    );
    await store.settled();
  }

  async function ask(message: object = {}): Promise<Message> {
    house.node('asked').receive(message);
    return house.message();
  }

  describe('a metric summary node', () => {
    const of = (message: Message) => message.payload as readonly Summary[];

    it('tells the least, the mean, the greatest, the 95th percentile and the last of each VM', async () => {
      await open('virtflow-metric-summary');
      await measured(
        'web-01',
        Array.from({ length: 20 }, (_, index) => (20 - index) / 100),
      );
      await measured('db-01', [0.5]);
      const [db, web] = of(await ask());
      assert.equal(db?.name, 'db-01');
      const { mean = 0, ...rest } = web ?? {};
      assert.ok(Math.abs(mean - 0.105) < 1e-9);
      assert.deepEqual(rest, {
        ...{ measurement: 'vm', field: 'cpu_ratio', connection: 'lab', id: vm('web-01').id, name: 'web-01' },
        ...{ count: 20, min: 0.01, max: 0.2, p95: 0.19, last: 0.01 },
      });
    });

    it('tells of a VM that moved as of one, and of its disks apart', async () => {
      await open('virtflow-metric-summary');
      await measured('web-01', [0.1, 0.2]);
      await measured('web-01', [0, 0, 0.6], { tags: { host: 'kvm2' } });
      for (const disk of ['vda', 'vdb']) await measured('web-01', [1], { measurement: 'vm_disk', tags: { disk } });
      const [moved, ...others] = of(await ask());
      assert.deepEqual([moved?.count, moved?.max, others], [5, 0.6, []]);
      house.node('asked').receive({ parameters: { measurement: 'vm_disk' } });
      const disks = of(await house.message(({ payload }) => of({ payload } as Message)[0]?.disk !== undefined));
      assert.deepEqual(
        disks.map(({ disk }) => disk),
        ['vda', 'vdb'],
      );
    });

    it('tells of what msg.target names, and of the time that msg.parameters tell', async () => {
      await open('virtflow-metric-summary');
      await measured('web-01', [0.1, 0.9]);
      await measured('db-01', [0.5]);
      const parameters = { from: new Date(start).toISOString(), to: start + 1_000 };
      const found = of(await ask({ target: { selector: "name = 'web-01'" }, parameters }));
      assert.deepEqual(
        found.map(({ name, max }) => [name, max]),
        [['web-01', 0.1]],
      );
    });

    it('sends a message for each, or an empty list', async () => {
      await open('virtflow-metric-summary', { output: 'each' });
      const { payload } = await ask({ parameters: { field: 'steal_ratio' } });
      assert.deepEqual(payload, []);
      await measured('web-01', [0.1]);
      await measured('db-01', [0.5]);
      house.node('asked').receive({ mine: 1 });
      const last = await house.message(({ parts }) => (parts as { index?: number } | undefined)?.index === 1);
      assert.deepEqual([(last.payload as Summary).name, last.mine], ['web-01', 1]);
    });

    it('refuses what it does not understand, and asks nothing then', async () => {
      await open('virtflow-metric-summary');
      for (const wrong of [
        { parameters: { lst: '1h' } },
        { parameters: { last: 'soon' } },
        { parameters: { from: 'yesterday' } },
        { parameters: { field: 7 } },
        { parameters: { measurement: 'cats' } },
        { parameters: [] },
      ]) {
        const text = JSON.stringify(wrong);
        house.node('asked').receive({ ...wrong, text });
        assert.equal(codeOf(await house.message((one) => one.text === text)), 'PARAMETER_INVALID', text);
      }
      house.node('asked').receive({ parameters: { from: 2, to: 1 }, text: 'turned' });
      assert.equal(codeOf(await house.message(({ text }) => text === 'turned')), 'METRIC_QUERY_INVALID');
    });

    it('has what the service of its flow may see', async () => {
      const env = [{ name: 'VIRTFLOW_RUN_AS', value: 'night-shift', type: 'str' }];
      await open('virtflow-metric-summary', {}, { ...tab, env });
      const { accounts } = house.platform.access;
      const scope = { selector: "'web' in tags" };
      accounts.adopt('test', 'vera', [{ effect: 'allow', role: 'viewer', scope: {} }], 'no hash');
      accounts.addService('test', 'night-shift', 'vera', [{ effect: 'allow', role: 'viewer', scope }]);
      await measured('web-01', [0.1]);
      await measured('db-01', [0.5]);
      assert.deepEqual(
        of(await ask()).map(({ name }) => name),
        ['web-01'],
      );
    });
  });

  describe('a metric query node', () => {
    const of = ({ payload }: Message) => (payload as { frames: readonly QueryFrame[] }).frames;

    it('gives a series for each VM, a value for each interval', async () => {
      await open('virtflow-metric-query', { every: '10m' });
      await measured('web-01', Array(20).fill(0.25));
      await measured('db-01', Array(20).fill(0.5));
      const frames = of(await ask());
      assert.deepEqual(
        frames.map(({ tags }) => tags),
        [{ name: 'db-01' }, { name: 'web-01' }],
      );
      assert.ok(frames.every(({ times, columns: [column] }) => times.length === column?.values.length));
      assert.ok((frames[1]?.times.length ?? 0) >= 2 && frames[1]?.columns[0]?.values.every((value) => value === 0.25));
    });

    it('has each word from the message, else from its form', async () => {
      await open('virtflow-metric-query', { function: 'max', every: '', where: 'name=web-01' });
      await measured('web-01', [0.1, 0.9]);
      await measured('db-01', [0.5]);
      const value = (message: Message) => of(message).map(({ columns }) => columns[0]?.values[0]);
      assert.deepEqual(value(await ask()), [0.9]);
      house.node('asked').receive({ parameters: { where: ['name=db-01'], by: [], function: 'count' }, second: true });
      assert.deepEqual(value(await house.message(({ second }) => second === true)), [1]);
    });

    it('takes a query as Grafana stores it, with variables', async () => {
      await open('virtflow-metric-query');
      await measured('web-01', [0.1, 0.9]);
      await measured('db-01', [0.5]);
      const query = {
        measurement: 'vm',
        select: [[{ type: 'field', params: ['cpu_ratio'] }, { type: 'max' }, { type: 'math', params: [' * 100'] }]],
        groupBy: [],
        tags: [{ key: 'name', operator: '=~', value: '/^$name$/' }],
      };
      const [frame] = of(await ask({ query, parameters: { variables: { name: ['db-01'] } } }));
      assert.deepEqual(frame?.columns[0]?.values, [50]);
    });

    it('refuses what it cannot mean', async () => {
      await open('virtflow-metric-query');
      const refused = async (message: object) => {
        const text = JSON.stringify(message);
        house.node('asked').receive({ ...message, text });
        return codeOf(await house.message((one) => one.text === text));
      };
      assert.equal(await refused({ parameters: { where: 'web-01' } }), 'PARAMETER_INVALID');
      assert.equal(await refused({ parameters: { every: 'often' } }), 'METRIC_QUERY_INVALID');
      assert.equal(await refused({ query: 'SELECT * FROM vm' }), 'METRIC_QUERY_INVALID');
    });
  });
});
