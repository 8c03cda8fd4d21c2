import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { newPlace, RunningVirtflow, runToEnd, VirtflowProcess } from './virtflow-process.ts';

// biome-ignore lint/suspicious/noExplicitAny: what came as JSON is looked at by the test that asked for it
type Json = any;

describe('REST of a virtflow that runs', function () {
  this.timeout(60_000);
  let place: ReturnType<typeof newPlace>;
  let data: string;
  let virtflow: RunningVirtflow;
  let token: string;

  before(async () => {
    place = newPlace();
    data = join(place.directory, 'data');
    virtflow = await RunningVirtflow.start(data);
    const { output } = await runToEnd('token', 'create', 'admin', '--data-dir', data);
    token = /vft_\S+/.exec(output)?.[0] ?? assert.fail(output);
  });
  after(async () => {
    await VirtflowProcess.endAll();
    place.remove();
  });

  async function ask(path: string, body?: object, bearer = token): Promise<{ status: number; body: Json }> {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${virtflow.url}virtflow/v1${path}`, { headers, ...post });
    return { status: response.status, body: await response.json() };
  }

  /** Sends what no client would, and answers what comes back. */
  async function write(text: string): Promise<string> {
    const socket = connect(Number(new URL(virtflow.url).port), '127.0.0.1').setEncoding('utf8');
    let answer = '';
    socket.on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.write(text);
    await once(socket, 'close');
    return answer;
  }

  it('does what it is asked for on the demo fleet, and tells of it', async () => {
    const running = "power = 'running'";
    const { items } = (await ask(`/inventory/vms?connection=demo&selector=${encodeURIComponent(running)}`)).body;
    const { status, body } = await ask('/actions/vm.pause', { target: items[0].id });
    assert.equal(status, 202);
    const ended = (await ask(`/operations/${body.operations[0].id}/wait?seconds=60`)).body;
    assert.deepEqual([ended.state, ended.origin.through, ended.origin.principal], ['succeeded', 'rest', 'admin']);
    const history = await runToEnd('history', '--json', '--data-dir', data);
    assert.ok(history.output.includes(ended.id));
  });

  it("takes the editor's session, until it is logged out", async () => {
    const password = await virtflow.process.says(/password {2}(\S+)/);
    const session = (await virtflow.logIn(password)) ?? assert.fail('no login');
    assert.equal((await ask('/whoami', undefined, session)).body.name, 'admin');
    const headers = { authorization: `Bearer ${session}`, 'content-type': 'application/json' };
    await fetch(`${virtflow.url}auth/revoke`, { method: 'POST', headers, body: JSON.stringify({ token: session }) });
    assert.equal((await ask('/whoami', undefined, session)).body.code, 'TOKEN_INVALID');
  });

  it('answers with a code what is hardly HTTP', async () => {
    const answers = [
      await write('GARBAGE\r\n\r\n'),
      await write(`GET /virtflow/v1/health HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(70_000)}\r\n\r\n`),
      await write('GET /virtflow/v1/health HTTP/1.1\r\nhost: x\r\nexpect: wonders\r\n\r\n'),
      await write('POST /virtflow/v1/actions/vm.start HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n'),
    ];
    for (const answer of answers) {
      assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
      assert.match(answer, /"code":"REQUEST_INVALID"/);
    }
  });

  it('leaves the editor where it is', async () => {
    assert.match(await (await fetch(virtflow.url)).text(), /<title>virtflow/);
    assert.equal((await fetch(`${virtflow.url}virtflow/connections`)).status, 401);
  });

  it('goes on streaming until virtflow stops, and does not keep it from stopping', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${virtflow.url}virtflow/v1/events`, { headers });
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    const { code } = await virtflow.process.end();
    assert.equal(code, 0);
    await response.text().catch(() => '');
  });
});
