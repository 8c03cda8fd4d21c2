import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { newPlace, runToEnd } from './virtflow-process.ts';

const root = join(import.meta.dirname, '..', '..');

describe('REST in a Node-RED that somebody has already', function () {
  this.timeout(60_000);
  const place = newPlace();
  const userDirectory = join(place.directory, 'user');
  let nodeRed: ReturnType<typeof spawn>;
  let url: string;
  let token: string;

  before(async () => {
    const port = await freePort();
    mkdirSync(userDirectory);
    const settings = {
      httpAdminRoot: '/red',
      httpNodeRoot: '/',
      httpNodeAuth: { user: 'flows', pass: 'not a hash' },
      nodesDir: [root],
      virtflow: { mqtt: false },
      telemetry: { enabled: false },
    };
    const file = join(userDirectory, 'settings.js');
    writeFileSync(file, `module.exports = ${JSON.stringify(settings)};`);
    const command = join(root, 'node_modules', 'node-red', 'red.js');
    const args = [command, '--userDir', userDirectory, '--settings', file, '--port', String(port)];
    nodeRed = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    url = `http://127.0.0.1:${port}/red/virtflow/v1`;
    for await (const line of nodeRed.stdout ?? []) if (/Started flows/.test(String(line))) break;
    nodeRed.stdout?.resume();
    const data = join(userDirectory, 'virtflow');
    await runToEnd('user', 'add', 'vera', '--role', 'operator', '--data-dir', data);
    const { output } = await runToEnd('token', 'create', 'vera', '--data-dir', data);
    token = /vft_\S+/.exec(output)?.[0] ?? assert.fail(output);
  });
  after(async () => {
    const ended = once(nodeRed, 'exit');
    nodeRed.kill();
    await ended;
    place.remove();
  });

  async function ask(path: string, about: RequestInit = {}): Promise<{ status: number; text: string }> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...about.headers };
    const response = await fetch(`${url}${path}`, { ...about, headers });
    return { status: response.status, text: await response.text() };
  }

  it("stands below the editor's path, with tokens of virtflow's own", async () => {
    assert.equal(JSON.parse((await ask('/whoami')).text).name, 'vera');
    assert.equal((await ask('/whoami', { headers: { authorization: '' } })).status, 401);
    const document = JSON.parse((await ask('/openapi.json')).text);
    assert.equal(document.servers[0].url, '/red/virtflow/v1');
    assert.match((await ask('/docs')).text, /<title>virtflow API/);
    assert.equal((await ask('/docs/page.js')).status, 200);
  });

  it('takes a body that Node-RED has read, and answers with a code one that it could not read', async () => {
    const started = await ask('/actions/vm.start', { method: 'POST', body: '{"target":"nobody"}' });
    assert.deepEqual([started.status, JSON.parse(started.text).code], [404, 'OBJECT_UNKNOWN']);
    const broken = await ask('/actions/vm.start', { method: 'POST', body: '{' });
    assert.deepEqual([broken.status, JSON.parse(broken.text).code], [400, 'REQUEST_INVALID']);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const form = await ask('/actions/vm.start', { method: 'POST', body: 'target=x', headers });
    assert.deepEqual([form.status, JSON.parse(form.text).code], [415, 'CONTENT_TYPE_UNSUPPORTED']);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
