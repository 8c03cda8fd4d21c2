import assert from 'node:assert/strict';
import { buildPackage } from '../editor/package.ts';
import { NodeRedProcess } from '../editor/start.ts';
import { until } from '../lab/condition.ts';

interface Step {
  readonly id: number;
  readonly kind: string;
  readonly node: string;
  readonly from: string | null;
  readonly message: Readonly<Record<string, unknown>>;
}
interface Run {
  readonly id: string;
  readonly node: string;
  readonly steps: number;
}
interface Detail {
  readonly steps: readonly Step[];
  readonly operations: readonly { readonly action: string; readonly state: string; readonly node: string }[];
  readonly plan: string;
}

const vm = (name: string) => ({ mode: 'list', names: [`lab/${name}`], selector: '', property: 'target' });
const node = (id: string, type: string, wires: readonly string[], more: object = {}, z = 'tab') => ({
  ...{ id, type, z, x: 100, y: 100, wires: [wires], ...more },
});
const inject = (id: string, to: string, z = 'tab') =>
  node(id, 'inject', [to], { props: [{ p: 'payload' }], payload: '[1,2]', payloadType: 'json' }, z);
const code = (id: string, func: string, to: readonly string[], z = 'tab') =>
  node(id, 'function', to, { func, outputs: 1, libs: [] }, z);
const action = (id: string, type: string, target: object, to: readonly string[], z = 'tab') =>
  node(id, `virtflow-vm-${type}`, to, { version: 1, timeoutSeconds: null, mode: 'run', target }, z);
const end = (id: string, z = 'tab') => node(id, 'debug', [], { active: false, complete: 'payload' }, z);

const flows = [
  { id: 'tab', type: 'tab', label: 'one' },
  { id: 'plans', type: 'tab', label: 'plans', env: [{ name: 'VIRTFLOW_MODE', value: 'plan', type: 'str' }] },
  { id: 'odd', type: 'tab', label: 'odd', env: [{ name: 'VIRTFLOW_MODE', value: 'pln', type: 'str' }] },
  { id: 'c-lab', type: 'virtflow-connection', version: 1, name: 'lab', driver: 'simulator', uri: 'simulator:///lab' },
  inject('n-anew', 'n-lose'),
  code('n-lose', 'return { payload: "a new object" };', ['n-anew-end']),
  end('n-anew-end'),
  inject('n-several', 'n-split'),
  node('n-split', 'split', ['n-pause'], { splt: '\\n', spltType: 'str', arraySplt: 1, arraySpltType: 'len' }),
  action('n-pause', 'pause', vm('web-01'), ['n-several-end']),
  end('n-several-end'),
  inject('n-fails', 'n-force'),
  action('n-force', 'start', vm('nowhere'), []),
  node('n-catch', 'catch', ['n-caught'], { scope: null, uncaught: false }),
  end('n-caught'),
  inject('n-planned', 'n-p1', 'plans'),
  code('n-p1', 'msg.plan = false; return msg;', ['n-p2'], 'plans'),
  action('n-p2', 'reset', vm('web-02'), ['n-p3'], 'plans'),
  action('n-p3', 'force-off', vm('web-02'), ['n-p-end'], 'plans'),
  end('n-p-end', 'plans'),
  inject('n-odd', 'n-odd-off', 'odd'),
  action('n-odd-off', 'force-off', vm('web-03'), [], 'odd'),
];

describe('runs of flows in Node-RED', function () {
  this.timeout(60_000);
  let built: ReturnType<typeof buildPackage>;
  let nodeRed: NodeRedProcess;

  before(async () => {
    built = buildPackage();
    nodeRed = await NodeRedProcess.start({ packagePath: built.path, flows });
    await until('the connection', async () => {
      const [lab] = (await nodeRed.get('virtflow/connections')) as { phase?: string; state?: { phase: string } }[];
      return (lab?.phase ?? lab?.state?.phase) === 'connected' || undefined;
    });
  });
  after(async () => {
    await nodeRed?.stop();
    built?.remove();
  });

  /** Pushes an inject node, and answers its run once that has so many steps. */
  async function run(from: string, steps: number): Promise<Detail & { readonly id: string }> {
    const list = async () => ((await nodeRed.get('virtflow/runs')) as { runs: readonly Run[] }).runs;
    const before = new Set((await list()).map(({ id }) => id));
    await nodeRed.post(`inject/${from}`, {});
    const { id } = await until(`${steps} steps`, async () =>
      (await list()).find((one) => one.node === from && !before.has(one.id) && one.steps >= steps),
    );
    return { id, ...((await nodeRed.get(`virtflow/runs/steps?run=${id}`)) as Detail) };
  }
  const way = ({ steps }: Detail) =>
    steps.map((step) => `${step.from ?? ''}>${step.node}${step.kind === 'failed' ? '!' : ''}`);

  it('go on when a function makes a new message', async () => {
    assert.deepEqual(way(await run('n-anew', 3)), ['>n-anew', 'n-anew>n-lose', 'n-lose>n-anew-end']);
  });

  it('hold all that one trigger led to: the messages of a split, each with an operation of its own', async () => {
    const { operations, steps } = await run('n-several', 6);
    assert.equal(steps.filter((step) => step.node === 'n-several-end').length, 2);
    assert.deepEqual(
      operations.map(({ action: id, node: at }) => [id, at]),
      [
        ['vm.pause', 'n-pause'],
        ['vm.pause', 'n-pause'],
      ],
    );
  });

  it('show what failed, and the Catch node that heard of it', async () => {
    const detail = await run('n-fails', 5);
    assert.deepEqual(way(detail).slice().sort(), [
      '>n-catch',
      '>n-fails',
      '>n-force!',
      'n-catch>n-caught',
      'n-fails>n-force',
    ]);
    assert.match(String(detail.steps.find(({ kind }) => kind === 'failed')?.message.error), /nowhere/);
  });

  it('are plans on a tab whose environment says so, whatever messages say, and read as one list', async () => {
    const { operations, plan } = await run('n-planned', 5);
    assert.deepEqual(
      operations.map(({ action: id, state }) => [id, state]),
      [
        ['vm.reset', 'planned'],
        ['vm.force-off', 'planned'],
      ],
    );
    assert.match(
      plan,
      /^1\. vm\.reset of web-02[\s\S]*\n2\. vm\.force-off of web-02 would change power: running → halted\./,
    );
  });

  it('do nothing on a tab whose mode is misspelt', async () => {
    const { operations, steps } = await run('n-odd', 3);
    assert.deepEqual(operations, []);
    assert.match(String(steps.find(({ kind }) => kind === 'failed')?.message.error), /VIRTFLOW_MODE/);
  });

  it('are sent again from a step as a plan, and for real only when they are recorded whole', async () => {
    const first = await run('n-several', 6);
    const step = first.steps.find((one) => one.node === 'n-pause');
    const answer = await nodeRed.post('virtflow/runs/again', { run: first.id, step: step?.id });
    const { run: again } = (await answer.json()) as { run: string };
    const planned = await until('the plan', async () => {
      const detail = (await nodeRed.get(`virtflow/runs/steps?run=${again}`)) as Detail;
      return detail.operations.some(({ state }) => state === 'planned') ? detail : undefined;
    });
    assert.deepEqual(way(planned)[0], '>n-pause');
    const unknown = await nodeRed.post('virtflow/runs/again', { run: first.id, step: 999_999 });
    assert.equal(unknown.status, 400);
  });

  it('are not recorded when that is switched off', async () => {
    await nodeRed.post('virtflow/runs/recording', { on: false });
    const before = (await nodeRed.get('virtflow/runs')) as { recording: boolean; runs: readonly Run[] };
    await nodeRed.post('inject/n-anew', {});
    const after = (await nodeRed.get('virtflow/runs')) as { recording: boolean; runs: readonly Run[] };
    assert.deepEqual([after.recording, after.runs.length], [false, before.runs.length]);
    await nodeRed.post('virtflow/runs/recording', { on: true });
  });
});
