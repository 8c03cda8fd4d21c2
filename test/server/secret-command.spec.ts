import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, newPlace, RunningVirtflow, runToEnd, runWith, VirtflowProcess } from './virtflow-process.ts';

const value = 'pl4nted & "hunter2"';

describe('virtflow secret', function () {
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

  const secret = (...args: string[]) => runToEnd('secret', ...args, '--data-dir', data);
  const set = (name: string, input = `${value}\n`) => runWith(input, 'secret', 'set', name, '--data-dir', data);
  async function ok(ended: Promise<Ended>): Promise<string> {
    const { code, output } = await ended;
    assert.equal(code, 0, output);
    return output;
  }

  it('keeps, lists and removes secrets, and shows and records no value', async () => {
    const said = [await ok(set('influx')), await ok(set('mqtt', 'another\n')), await ok(secret('list'))];
    const [influx, mqtt] = JSON.parse(await ok(secret('list', '--json')));
    assert.deepEqual([influx.name, mqtt.name], ['influx', 'mqtt']);
    assert.match(influx.setBy, /\(command line\)$/);
    assert.ok(Math.abs(influx.setAt - Date.now()) < 60_000);
    said.push(await ok(secret('remove', 'mqtt')), (await secret('remove', 'mqtt')).output);
    assert.match(said.at(-1) ?? '', /There is no secret "mqtt"/);
    const audit = await ok(runToEnd('audit', 'export', '--data-dir', data));
    assert.match(audit, /"secret\.set".*\n.*"secret\.set".*\n.*"secret\.removed"/);
    for (const text of [...said, audit, readFileSync(join(data, 'state.db'), 'latin1')]) {
      assert.doesNotMatch(text, /pl4nted|hunter2|another/);
    }
  });

  it('takes no value from the command line, and none that is empty', async () => {
    const { code, output } = await secret('set', 'influx', value);
    assert.equal(code, 2);
    assert.doesNotMatch(output, /pl4nted/);
    assert.match((await set('influx', '\n')).output, /it is empty/);
    assert.equal((await secret('list', '--all')).code, 2);
    assert.match(await ok(secret('list')), /no secrets/);
  });

  it('asks at a terminal, and does not show what is typed', async function () {
    if (!existsSync('/usr/bin/script')) this.skip();
    const command = join(import.meta.dirname, '..', '..', 'dist', 'bin', 'virtflow.js');
    const line = `${process.execPath} ${command} secret set typed --data-dir ${data}`;
    const terminal = spawn('script', ['-qefc', line, '/dev/null']);
    let shown = '';
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (!shown.includes('Value of') && (shown + text).includes('Value of')) terminal.stdin.write('pl4ntedX\u007f\r');
      shown += text;
    });
    const [code] = await once(terminal, 'close');
    assert.equal(code, 0, shown);
    assert.match(shown, /Value of typed: \s+The secret typed is kept/);
    assert.doesNotMatch(shown, /pl4nted/);
  });

  it('gives everything another key beside a running virtflow, which goes on with it', async () => {
    await ok(set('influx'));
    const virtflow = await RunningVirtflow.start(data);
    const before = readFileSync(join(data, 'secrets.key'), 'utf8');
    assert.match(await ok(secret('rotate-key')), /: \d+\./);
    assert.notEqual(readFileSync(join(data, 'secrets.key'), 'utf8'), before);
    assert.equal(existsSync(join(data, 'secrets.key.next')), false);
    assert.equal((await virtflow.process.end()).code, 0);
    const again = await RunningVirtflow.start(data);
    await again.process.end();
    assert.match(await ok(secret('list')), /key 2/);
  });

  it('does not start without the key or with another, and loses nothing', async () => {
    await ok(set('influx'));
    const key = join(data, 'secrets.key');
    const start = () => runToEnd('start', '--port', '0', '--data-dir', data);
    renameSync(key, `${key}.away`);
    const missing = await start();
    assert.equal(missing.code, 11);
    assert.match(missing.output, /The key of the secrets is not there: the file .*secrets\.key holds none/);
    writeFileSync(key, Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
    const wrong = await start();
    assert.equal(wrong.code, 11);
    assert.match(wrong.output, /encrypted with another key/);
    renameSync(`${key}.away`, key);
    await (await RunningVirtflow.start(data)).process.end();
    renameSync(key, `${key}.lost`);
    assert.match(await ok(secret('remove', '--all')), /: \d+\./);
    await (await RunningVirtflow.start(data)).process.end();
  });

  it('takes the key from a variable, which what virtflow starts does not inherit', async () => {
    const env = { VIRTFLOW_KEY: Buffer.alloc(32, 9).toString('base64') };
    const args = ['secret', 'set', 'influx', '--data-dir', data];
    await ok(new VirtflowProcess(args, env, value).ended());
    assert.equal(existsSync(join(data, 'secrets.key')), false);
    assert.equal((await secret('rotate-key')).code, 11);
    const next = join(place.directory, 'next');
    writeFileSync(next, Buffer.alloc(32, 10).toString('hex'));
    const rotate = (more: object) =>
      new VirtflowProcess(['secret', 'rotate-key', '--data-dir', data], { ...env, ...more });
    assert.match((await rotate({}).ended()).output, /virtflow cannot put another/);
    await ok(rotate({ VIRTFLOW_NEW_KEY_FILE: next }).ended());
    assert.equal((await rotate({}).ended()).code, 11);
    await ok(new VirtflowProcess(['secret', 'rotate-key', '--data-dir', data], { VIRTFLOW_KEY_FILE: next }).ended());
  });
});
