import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as passes } from 'node:timers/promises';
import { endStates, type Operation } from '../../lib/operations/operation.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { requireLab } from '../lab/availability.ts';
import { until } from '../lab/condition.ts';
import { startTestDaemon, type TestDaemon } from '../lab/daemon.ts';
import { type Watched, watch } from '../plugins/libvirt/watched-connection.ts';
import { newPlace, RunningVirtflow, VirtflowProcess } from './virtflow-process.ts';

const kills = Number(process.env.VIRTFLOW_KILLS ?? 8);
/** One life in four may end while it still starts; the others die while messages are on their way. */
const longestStartMs = 2_500;
const longestWorkMs = 400;
const vms = Array.from({ length: 8 }, (_, index) => `vm-${index}`);

const domainXml = (name: string) =>
  `<domain type='test'><name>${name}</name><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>`;

/**
 * A request starts a VM, then shuts it down, then stands in a delay, then is a line of a file; what fails is a line as
 * well. The run is named by the request, so that it can be found again.
 */
function flows(uri: string, sink: string): readonly object[] {
  const at = { z: 'tab' };
  const action = { ...at, version: 1, name: '', timeoutSeconds: null, mode: 'run' };
  const target = { mode: 'message', names: [], selector: '', property: 'vm' };
  const code = (func: string) => ({ ...at, type: 'function', func, outputs: 1, libs: [] });
  return [
    { id: 'tab', type: 'tab', label: 'kill' },
    { id: 'lab-node', type: 'virtflow-connection', version: 1, name: 'lab', driver: 'libvirt', uri },
    { ...at, id: 'n-in', type: 'http in', url: '/go', method: 'post', upload: false, wires: [['n-name', 'n-answer']] },
    { ...at, id: 'n-answer', type: 'http response', statusCode: '202', headers: {}, wires: [] },
    {
      ...code(
        'const { vm, token } = msg.payload; return { vm, token, _virtflow: { run: token }, kept: Buffer.from(token) };',
      ),
      id: 'n-name',
      wires: [['n-start']],
    },
    { ...action, id: 'n-start', type: 'virtflow-vm-start', target, wires: [['n-stop']] },
    { ...action, id: 'n-stop', type: 'virtflow-vm-shutdown', target, wires: [['n-wait']] },
    {
      ...at,
      id: 'n-wait',
      type: 'delay',
      pauseType: 'delay',
      timeout: '60',
      timeoutUnits: 'milliseconds',
      wires: [['n-done']],
    },
    {
      ...code("msg.payload = ['done', msg.token, msg.kept].join(' '); return msg;"),
      id: 'n-done',
      wires: [['n-sink']],
    },
    { ...at, id: 'n-catch', type: 'catch', scope: null, uncaught: false, wires: [['n-failed']] },
    {
      ...code("msg.payload = ['failed', msg.token, msg.error.message].join(' '); return msg;"),
      id: 'n-failed',
      wires: [['n-sink']],
    },
    {
      ...at,
      id: 'n-sink',
      type: 'file',
      filename: sink,
      filenameType: 'str',
      appendNewline: true,
      createDir: false,
      overwriteFile: 'false',
      encoding: 'none',
      wires: [[]],
    },
  ];
}

describe(`a flow under ${kills} kills at random moments`, function () {
  this.timeout(120_000 + kills * 15_000);
  let daemon: TestDaemon;
  let place: ReturnType<typeof newPlace>;
  let lab: Watched;
  let data: string;
  let sink: string;
  const asked: string[] = [];

  before(async function () {
    await requireLab(this, 'libvirt-daemon');
    daemon = await startTestDaemon();
    // The test driver forgets its domains when nobody is connected.
    lab = watch(daemon.uri);
    lab.connection.start();
    await lab.connection.connected();
    place = newPlace();
    data = join(place.directory, 'data');
    sink = join(place.directory, 'sink');
    mkdirSync(join(data, 'node-red'), { recursive: true, mode: 0o700 });
    for (const name of vms) {
      const file = join(place.directory, `${name}.xml`);
      writeFileSync(file, domainXml(name));
      await daemon.virsh('define', file);
    }
    writeFileSync(join(data, 'node-red', 'flows.json'), JSON.stringify(flows(daemon.uri, sink)));
    writeFileSync(join(data, 'settings.json'), JSON.stringify({ mqtt: false }), { mode: 0o600 });
  });

  after(async () => {
    await VirtflowProcess.endAll();
    await lab?.connection.stop();
    await daemon?.stop();
    place?.remove();
  });

  const lines = () => (existsSync(sink) ? readFileSync(sink, 'utf8').split('\n').filter(Boolean) : []);
  const cameOut = (token: string) => lines().some((line) => line.split(' ')[1] === token);
  const operationsOf = (token: string): readonly Operation[] => {
    const store = openSqliteStore(join(data, 'state.db'));
    try {
      return store.journal.history({ run: token, limit: 1000 });
    } finally {
      store.close();
    }
  };

  /** Messages for one VM, one after the other: the next when the last came out, until the process dies. */
  async function ask(url: string, vm: string, life: number): Promise<void> {
    for (let number = 0; ; number += 1) {
      const token = `${vm}.${life}.${number}`;
      asked.push(token);
      const body = JSON.stringify({ vm, token });
      await fetch(`${url}go`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      await until(token, async () => cameOut(token) || undefined, 60_000);
    }
  }

  async function live(life: number): Promise<void> {
    if (Math.random() < 0.25) {
      const early = new VirtflowProcess(['start', '--port', '0', '--data-dir', data]);
      await passes(Math.random() * longestStartMs);
      await early.end('SIGKILL');
      return;
    }
    const virtflow = await RunningVirtflow.start(data);
    if (Math.random() < 0.7)
      await until('the rest', async () => outstanding().length === 0 || undefined, 3_000).catch(() => 0);
    const busy = new Set(outstanding().map(vmOf));
    // What would be asked of a VM that is busy would wait behind it, and whose effect it was could not be told.
    for (const vm of vms.filter((one) => !busy.has(one))) ask(virtflow.url, vm, life).catch(() => undefined);
    await passes(Math.random() * longestWorkMs);
    await virtflow.process.end('SIGKILL');
  }

  /** What was accepted, for an operation of it is in the journal, and has not come out. */
  const outstanding = () => asked.filter((token) => !cameOut(token) && operationsOf(token).length > 0);
  const vmOf = (token: string) => token.split('.')[0] ?? '';

  it('brings out every message that it accepted, and does what each asks once', async () => {
    for (let life = 0; life < kills; life += 1) await live(life);
    const last = await RunningVirtflow.start(data);
    // What was interrupted is settled by asking the hypervisor, which may take a minute.
    await until('the rest', async () => outstanding().length === 0 || undefined, 100_000);
    const { code } = await last.process.end();
    assert.equal(code, 0);

    const out = lines();
    const count = (action: string, token: string) => operationsOf(token).filter((one) => one.action === action);
    const changed: Record<string, Record<string, number>> = { 'vm.start': {}, 'vm.shutdown': {} };
    let accepted = 0;
    let twice = 0;
    let failed = 0;
    for (const token of asked) {
      const [starts, stops] = [count('vm.start', token), count('vm.shutdown', token)];
      const own = out.filter((line) => line.split(' ')[1] === token);
      if (starts.length === 0) {
        // Refused, for the connection was not up yet; or the process died before it came to the first action.
        assert.ok(
          own.every((line) => line.startsWith('failed')),
          `${token} came out though nothing of it is recorded`,
        );
        continue;
      }
      accepted += 1;
      assert.equal(starts.length, 1, `${token} was started ${starts.length} times`);
      assert.equal(
        stops.length,
        starts[0]?.state === 'succeeded' ? 1 : 0,
        `${token} was shut down ${stops.length} times`,
      );
      for (const operation of [...starts, ...stops]) {
        assert.ok(endStates.has(operation.state), token);
        const vm = vmOf(token);
        const of = changed[operation.action] ?? {};
        if (operation.result?.changed === true) of[vm] = (of[vm] ?? 0) + 1;
      }
      assert.ok(own.length >= 1, `${token} never came out`);
      if (own.length > 1) twice += 1;
      if (own.some((line) => line.startsWith('failed'))) failed += 1;
      else assert.equal(own[0], `done ${token} ${token}`);
    }
    const told = (type: string) => {
      const counts: Record<string, number> = {};
      for (const event of lab.events)
        if (event.type === type) counts[event.name ?? ''] = (counts[event.name ?? ''] ?? 0) + 1;
      return counts;
    };
    assert.deepEqual(told('vm.started'), changed['vm.start']);
    assert.deepEqual(told('vm.stopped'), changed['vm.shutdown']);
    assert.ok(accepted > 0, 'the lives were too short to show anything');
    console.log(`      ${asked.length} asked, ${accepted} accepted: ${failed} failed, ${twice} came out twice`);
  });
});
