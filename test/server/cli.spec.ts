import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newPlace, RunningVirtflow, runToEnd, VirtflowProcess } from './virtflow-process.ts';

describe('the command line beside a running virtflow', function () {
  this.timeout(60_000);
  const place = newPlace();
  const here = ['--data-dir', place.directory];
  let running: RunningVirtflow;

  before(async () => {
    running = await RunningVirtflow.start(place.directory);
    const listed = () => runToEnd('list', 'vms', '--connection', 'demo', ...here);
    // The flows bring the connection a moment after the address is told.
    while (!(await listed()).output.includes('web-01')) await new Promise((resolve) => setImmediate(resolve));
  });
  after(async () => {
    await VirtflowProcess.endAll();
    place.remove();
  });

  it('finds it by its data, asks as its administrator, and leaves no session behind', async () => {
    const { code, output } = await runToEnd('vm', 'pause', 'demo/web-01', '--wait', ...here);
    assert.equal(code, 0, output);
    assert.match(output, /vm\.pause of web-01 succeeded/);
    const tokens = await runToEnd('token', 'list', ...here);
    assert.equal(tokens.output.trim(), '');
    const audit = await runToEnd('audit', 'export', ...here);
    assert.match(audit.output, /"what":"session\.lent"/);
    assert.match(audit.output, /"what":"logout"/);
  });

  it('ends with a code that says how the operation ended', async () => {
    const { code, output } = await runToEnd('vm', 'reboot', 'demo/web-01', ...here);
    assert.equal(code, 1, output);
    assert.match(output, /is paused; reboot needs it to be running/);
  });

  it('takes another by its address and an API token from the environment, never from an argument', async () => {
    const token = (await runToEnd('token', 'create', 'admin', ...here)).output.split('\n')[0] ?? '';
    const env = { VIRTFLOW_URL: running.url, VIRTFLOW_TOKEN: token };
    const resumed = await new VirtflowProcess(['vm', 'resume', 'demo/web-01', '--wait'], env).ended();
    assert.equal(resumed.code, 0, resumed.output);
    const without = await new VirtflowProcess(['list', 'vms', '--url', running.url], {
      VIRTFLOW_TOKEN: undefined,
    }).ended();
    assert.equal(without.code, 13, without.output);
  });

  it('says that none runs once it has stopped', async () => {
    await running.process.end();
    assert.equal(existsSync(join(place.directory, 'address.json')), false);
    const { code, output } = await runToEnd('list', 'vms', ...here);
    assert.equal(code, 12);
    assert.match(output, /No virtflow runs on/);
  });
});
