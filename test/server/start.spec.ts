import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { newPlace, RunningVirtflow, runToEnd, VirtflowProcess } from './virtflow-process.ts';

/** One sentence, one of advice, and no more. */
function assertSaidClearly(output: string, sentence: RegExp): void {
  assert.match(output, sentence);
  assert.ok(output.trim().split('\n').length <= 2, output);
  assert.doesNotMatch(output, /\bat .*:\d+:\d+/);
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('virtflow start', function () {
  this.timeout(60_000);
  let place: ReturnType<typeof newPlace>;
  let data: string;

  beforeEach(() => {
    place = newPlace();
    data = join(place.directory, 'data');
  });

  afterEach(async () => {
    await VirtflowProcess.endAll();
    place.remove();
  });

  it('makes an administrator at the first start, whose password is shown once and lets in', async () => {
    const first = await RunningVirtflow.start(data);
    const password = await first.process.says(/password {2}(\S+)/);
    assert.equal(await first.logIn(`${password}x`), undefined);
    assert.ok(await first.logIn(password));
    await first.process.end();

    const second = await RunningVirtflow.start(data);
    assert.doesNotMatch(second.process.output, /password/);
    assert.ok(await second.logIn(password));
    assert.equal(await fetch(`${second.url}flows`).then(({ status }) => status), 401);
    await second.process.end();
  });

  it('keeps no password in clear, and every file for its owner alone', async () => {
    const first = await RunningVirtflow.start(data);
    const password = await first.process.says(/password {2}(\S+)/);
    await first.process.end();
    for (const file of filesBelow(data)) {
      assert.equal(statSync(file).mode & 0o077, 0, file);
      assert.ok(!readFileSync(file, 'latin1').includes(password), file);
    }
  });

  it('loads the nodes and plugins of the package, and the first flows', async () => {
    const virtflow = await RunningVirtflow.start(data);
    const token = await virtflow.logIn(await virtflow.process.says(/password {2}(\S+)/));
    assert.ok(token);
    const sets = [await virtflow.get('nodes', token), await virtflow.get('plugins', token)].flat() as {
      id: string;
      module: string;
      err?: string;
    }[];
    const own = sets.filter(({ module }) => module === '@virtflow/node-red');
    const declared = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))['node-red'];
    const expected = [...Object.keys(declared.nodes), ...Object.keys(declared.plugins)];
    assert.deepEqual(own.map(({ id }) => id).sort(), expected.map((key) => `@virtflow/node-red/${key}`).sort());
    assert.deepEqual(
      own.filter(({ err }) => err !== undefined),
      [],
    );
    const flows = (await virtflow.get('flows', token)) as { type: string }[];
    assert.ok(flows.some(({ type }) => type === 'virtflow-connection'));
    const examples = JSON.stringify(await virtflow.get('library/examples/flows/@virtflow/node-red', token));
    assert.match(examples, /welcome/);
    await virtflow.process.end();
  });

  it('stops when it is told to, and says nothing more', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const virtflow = await RunningVirtflow.start(data);
      const { code, output } = await virtflow.process.end(signal);
      assert.equal(code, 0);
      assert.doesNotMatch(output, /too long|error/i);
    }
  });

  it('starts again after it was killed', async () => {
    const killed = await RunningVirtflow.start(data);
    const password = await killed.process.says(/password {2}(\S+)/);
    await killed.process.end('SIGKILL');
    const next = await RunningVirtflow.start(data);
    assert.ok(await next.logIn(password));
    assert.equal((await next.process.end()).code, 0);
  });

  it('refuses a port that is taken, and leaves no administrator behind', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, output } = await runToEnd('start', '--port', String(port), '--data-dir', data);
    other.close();
    assert.equal(code, 3);
    assertSaidClearly(output, new RegExp(`^Port ${port} on 127.0.0.1 is taken.`));
    assert.doesNotMatch((await runToEnd('user', 'list', '--data-dir', data)).output, /\badmin\b/);
  });

  it('refuses a data directory that cannot be one', async () => {
    const file = join(place.directory, 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below'), '/proc/virtflow']) {
      const { code, output } = await runToEnd('start', '--port', '0', '--data-dir', path);
      assert.equal(code, 5, output);
      assertSaidClearly(output, /^The directory .* cannot be used: /);
    }
  });

  it('refuses a second instance on the same data, and tells which process is the first', async () => {
    const first = await RunningVirtflow.start(data);
    const { code, output } = await runToEnd('start', '--port', '0', '--data-dir', data);
    assert.equal(code, 4);
    assertSaidClearly(output, new RegExp(`^Another virtflow \\(process ${first.process.child.pid}\\) runs on `));
    assert.equal((await first.process.end()).code, 0);
  });

  for (const [what, content] of [
    ['is cut off', '[{"id":"a","type":"tab"'],
    ['is empty', ''],
    ['holds no nodes', '[1,2]'],
    ['is something else', '{"flows":[]}'],
  ] as const) {
    it(`refuses a flow file that ${what}, and leaves it as it is`, async () => {
      const file = join(data, 'node-red', 'flows.json');
      mkdirSync(join(data, 'node-red'), { recursive: true });
      writeFileSync(file, content);
      const { code, output } = await runToEnd('start', '--port', '0', '--data-dir', data);
      assert.equal(code, 6);
      assertSaidClearly(output, /^The flow file .* cannot be read: /);
      assert.equal(readFileSync(file, 'utf8'), content);
    });
  }

  it('refuses to start without the key that credentials were encrypted with', async () => {
    await (await RunningVirtflow.start(data)).process.end();
    writeFileSync(join(data, 'credential-secret.json'), '""');
    const { code, output } = await runToEnd('start', '--port', '0', '--data-dir', data);
    assert.equal(code, 7);
    assertSaidClearly(output, /credential-secret.json cannot be read/);
  });
});

describe('the command virtflow', function () {
  this.timeout(60_000);

  for (const args of [
    ['start', '--port', '70000'],
    ['start', '--port', 'http'],
    ['start', '--port'],
    ['start', '--host', 'a b'],
    ['start', '--data-dir', ''],
    ['start', '--data-dri', '/tmp'],
    ['start', 'now'],
    ['launch'],
  ]) {
    it(`refuses ${args.join(' ')}`, async () => {
      const { code, output } = await runToEnd(...args);
      assert.equal(code, 2, output);
      assertSaidClearly(output, /^The option .* cannot be used: /);
    });
  }

  it('tells its version and its options', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    assert.deepEqual(await runToEnd('--version'), { code: 0, output: `${version}\n` });
    assert.match((await runToEnd('--help')).output, /--data-dir/);
  });

  it('gives the administrator a new password, which counts at once', async () => {
    const place = newPlace();
    try {
      const virtflow = await RunningVirtflow.start(place.directory);
      const old = await virtflow.process.says(/password {2}(\S+)/);
      const { output } = await runToEnd('password', '--data-dir', place.directory);
      const fresh = /password {2}(\S+)/.exec(output)?.[1] ?? '';
      assert.equal(await virtflow.logIn(old), undefined);
      assert.ok(await virtflow.logIn(fresh));
      await virtflow.process.end();
    } finally {
      await VirtflowProcess.endAll();
      place.remove();
    }
  });

  it('tells how to connect to the MQTT broker', async () => {
    const place = newPlace();
    try {
      const virtflow = await RunningVirtflow.start(place.directory);
      const { output } = await runToEnd('mqtt', '--data-dir', place.directory);
      assert.match(output, /host {6}127.0.0.1\nport {6}\d+\nuser {6}virtflow\npassword {2}\S+/);
      await virtflow.process.end();
    } finally {
      await VirtflowProcess.endAll();
      place.remove();
    }
  });
});
