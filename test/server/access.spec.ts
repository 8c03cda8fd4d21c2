import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashPassword } from '../../lib/access/password.ts';
import { readToken } from '../../lib/access/token-text.ts';
import { newPlace, RunningVirtflow, runToEnd, VirtflowProcess } from './virtflow-process.ts';

describe('virtflow for several people', function () {
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

  async function run(...args: string[]): Promise<string> {
    const { code, output } = await runToEnd(...args, '--data-dir', data);
    assert.equal(code, 0, output);
    return output;
  }

  async function addUser(name: string, ...args: string[]): Promise<string> {
    return /password {2}(\S+)/.exec(await run('user', 'add', name, ...args))?.[1] ?? '';
  }

  /** What the editor sends: no scope, for the user's own. */
  async function logIn({ url }: RunningVirtflow, username: string, password: string): Promise<string | undefined> {
    const body = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username, password };
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}auth/token`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) return undefined;
    const { access_token: token } = (await response.json()) as { access_token: string };
    return token;
  }

  async function status(
    { url }: RunningVirtflow,
    token: string | undefined,
    path: string,
    body?: object,
  ): Promise<number> {
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'content-type': 'application/json',
    };
    const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    return (await fetch(`${url}${path}`, { headers, ...post })).status;
  }

  async function flowsOf(virtflow: RunningVirtflow, token: string): Promise<object> {
    return (await virtflow.get('flows', token)) as object;
  }

  async function audit(): Promise<{ what: string; who: string; about: Record<string, unknown> }[]> {
    const lines = (await run('audit', 'export')).trim().split('\n');
    return lines.map((line) => JSON.parse(line).entry);
  }

  it('lets a viewer see and not deploy, and what is granted or taken counts at once', async () => {
    const virtflow = await RunningVirtflow.start(data);
    const password = await addUser('vera', '--role', 'viewer');
    const token = await logIn(virtflow, 'vera', password);
    assert.ok(token);
    const flows = await flowsOf(virtflow, token);
    assert.equal(await status(virtflow, token, 'virtflow/connections'), 200);
    assert.equal(await status(virtflow, token, 'flows', flows), 401);
    await run('user', 'role', 'vera', 'administrator');
    assert.equal(await status(virtflow, token, 'flows', flows), 204);
    await run('user', 'role', 'vera', 'viewer', '--connection', 'demo');
    assert.equal(await status(virtflow, token, 'virtflow/connections'), 401);
    await run('user', 'role', 'vera', 'operator');
    assert.equal(await status(virtflow, token, 'virtflow/connections'), 200);
    await run('user', 'remove', 'vera');
    assert.equal(await status(virtflow, token, 'virtflow/connections'), 401);
    assert.equal(await logIn(virtflow, 'vera', password), undefined);
  });

  it('takes an API token in the place of a session, for no more than it is for', async () => {
    const virtflow = await RunningVirtflow.start(data);
    const create = (...args: string[]) => run('token', 'create', 'admin', ...args);
    const [all] = (await create()).split('\n');
    const [reads] = (await create('--permission', '*.read')).split('\n');
    const [elsewhere] = (await create('--connection', 'demo')).split('\n');
    assert.equal(await status(virtflow, all, 'flows', await flowsOf(virtflow, all ?? '')), 204);
    assert.equal(await status(virtflow, reads, 'virtflow/connections'), 200);
    assert.equal(await status(virtflow, reads, 'flows', []), 401);
    assert.equal(await status(virtflow, elsewhere, 'virtflow/connections'), 401);
    await run('token', 'revoke', all?.split('_')[1] ?? '');
    assert.equal(await status(virtflow, all, 'virtflow/connections'), 401);
  });

  it('ends a session when its user logs out, or gets a new password', async () => {
    const virtflow = await RunningVirtflow.start(data);
    const password = await addUser('vera', '--role', 'viewer');
    const [first, second] = [await logIn(virtflow, 'vera', password), await logIn(virtflow, 'vera', password)];
    assert.equal(await status(virtflow, first, 'auth/revoke', { token: first }), 200);
    assert.equal(await status(virtflow, first, 'virtflow/connections'), 401);
    assert.equal(await status(virtflow, second, 'virtflow/connections'), 200);
    await run('password', 'vera');
    assert.equal(await status(virtflow, second, 'virtflow/connections'), 401);
  });

  it('records who logged in from where and who deployed, and nothing of it says a secret', async () => {
    const virtflow = await RunningVirtflow.start(data);
    const password = await virtflow.process.says(/password {2}(\S+)/);
    const token = (await logIn(virtflow, 'admin', password)) ?? '';
    assert.equal(await logIn(virtflow, 'admin', 'wrong-password'), undefined);
    await status(virtflow, token, 'flows', await flowsOf(virtflow, token));
    const [made = ''] = (await run('token', 'create', 'admin')).split('\n');
    const entries = await audit();
    const of = (what: string) => entries.filter((entry) => entry.what === what);
    assert.deepEqual(
      of('login.succeeded').map(({ who, about }) => [who, about]),
      [['admin', { source: '127.0.0.1' }]],
    );
    assert.deepEqual(
      of('login.failed').map(({ who, about }) => [who, about]),
      [['admin', { source: '127.0.0.1' }]],
    );
    assert.deepEqual(
      of('editor.flows.set').map(({ who }) => who),
      ['admin'],
    );
    await virtflow.process.end();
    assert.match(await run('audit', 'verify'), /The audit record holds: \d+ entries/);
    const secrets = [password, 'wrong-password', ...[token, made].map((text) => readToken(text)?.secret ?? '')];
    for (const entry of readdirSync(data, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())) {
      const text = readFileSync(join(entry.parentPath, entry.name), 'latin1');
      for (const secret of secrets) assert.ok(secret !== '' && !text.includes(secret), entry.name);
    }
  });

  it('has flows run as a service for its owner, and refuses the deploy of others before anything is saved', async () => {
    const virtflow = await RunningVirtflow.start(data);
    const password = await addUser('vera', '--role', 'operator');
    await run('role', 'set', 'drawer', '--permission', 'flows.write', '--permission', '*.read');
    await run('user', 'role', 'vera', 'drawer', '--add');
    const doras = await addUser('dora', '--role', 'drawer');
    await run('service', 'add', 'night-shift', '--owner', 'vera', '--role', 'operator');
    assert.match(await run('service', 'list'), /night-shift +service +operator everywhere {2}\(of vera\)/);
    const [vera, dora] = [await logIn(virtflow, 'vera', password), await logIn(virtflow, 'dora', doras)];
    const before = (await flowsOf(virtflow, dora ?? '')) as object[];
    const env = (value: string) => [{ name: 'VIRTFLOW_RUN_AS', value, type: 'str' }];
    const tab = { id: 'nights', type: 'tab', label: 'nights', env: env('night-shift') };
    const broker = { id: 'own-broker', type: 'mqtt-broker', name: 'x', credentials: { user: 'a', password: 'b' } };
    const file = join(data, 'node-red', 'flows.json');
    const [saved, secrets] = [readFileSync(file, 'utf8'), readFileSync(file.replace('.json', '_cred.json'), 'utf8')];

    assert.equal(await status(virtflow, dora, 'flows', [tab, broker]), 403);
    assert.equal(await status(virtflow, dora, 'flow', { label: 'nights', env: env('night-shift'), nodes: [] }), 403);
    assert.equal(await status(virtflow, vera, 'flows', [...before, { ...tab, env: env('nobody') }]), 403);
    assert.equal(readFileSync(file, 'utf8'), saved);
    assert.equal(readFileSync(file.replace('.json', '_cred.json'), 'utf8'), secrets);
    assert.deepEqual(await flowsOf(virtflow, dora ?? ''), before);

    assert.equal(await status(virtflow, vera, 'flows', [...before, tab]), 204);
    const mine = { id: 'mine', type: 'tab', label: 'mine' };
    assert.equal(await status(virtflow, dora, 'flows', [...before, tab, mine]), 204);
    const inject = { id: 'odd', type: 'inject', z: 'nights', wires: [] };
    assert.equal(await status(virtflow, dora, 'flows', [...before, tab, mine, inject]), 403);
    const told = (await audit()).filter(({ what }) => what.startsWith('identity.'));
    assert.deepEqual(
      told.map(({ what, who, about }) => [what, who, about.identity]),
      [
        ['identity.refused', 'dora', 'night-shift'],
        ['identity.refused', 'dora', 'night-shift'],
        ['identity.refused', 'vera', 'nobody'],
        ['identity.used', 'vera', 'night-shift'],
        ['identity.refused', 'dora', 'night-shift'],
      ],
    );
  });

  it('records settings once they are others, without their secrets', async () => {
    const settings = (password: string) => {
      mkdirSync(data, { recursive: true, mode: 0o700 });
      const broker = { url: 'mqtt://127.0.0.1:1', username: 'me', password };
      writeFileSync(join(data, 'settings.json'), JSON.stringify({ mqtt: broker }));
    };
    settings('Tr0ub4dor-and-3');
    for (let start = 0; start < 2; start += 1) await (await RunningVirtflow.start(data)).process.end();
    const changed = (await audit()).filter(({ what }) => what === 'settings.changed');
    assert.equal(changed.length, 1);
    const text = JSON.stringify(changed);
    assert.ok(text.includes('mqtt://127.0.0.1:1') && !text.includes('Tr0ub4dor'), text);
    assert.ok(!readFileSync(join(data, 'state.db'), 'latin1').includes('Tr0ub4dor'));
  });

  it('takes over the administrator of a version that kept it in a file', async () => {
    mkdirSync(data, { mode: 0o700 });
    const file = join(data, 'administrator.json');
    writeFileSync(file, JSON.stringify({ username: 'admin', password: await hashPassword('as it was') }));
    const virtflow = await RunningVirtflow.start(data);
    assert.doesNotMatch(virtflow.process.output, /password/);
    assert.ok(await virtflow.logIn('as it was'));
    assert.ok(!existsSync(file));
  });

  it('shows an audit record that was changed, in the store and in an export', async () => {
    await addUser('vera');
    const file = join(place.directory, 'export.jsonl');
    writeFileSync(file, await run('audit', 'export'));
    await run('audit', 'verify', file);
    const hold = /--anchor (\S+)/.exec(await run('audit', 'verify'))?.[1] ?? '';
    await run('audit', 'verify', '--anchor', hold);
    writeFileSync(file, readFileSync(file, 'utf8').replace('vera', 'eve'));
    const { code, output } = await runToEnd('audit', 'verify', file, '--data-dir', data);
    assert.equal(code, 10);
    assert.match(output, /^The audit record does not hold from entry 2 on: /);
    const other = `${hold.slice(0, -1)}${hold.endsWith('0') ? '1' : '0'}`;
    assert.equal((await runToEnd('audit', 'verify', '--anchor', other, '--data-dir', data)).code, 10);
  });

  for (const args of [
    ['user'],
    ['user', 'fly'],
    ['user', 'add'],
    ['user', 'add', 'x', 'y'],
    ['user', 'list', '--deny'],
    ['user', 'add', 'x', '--kind', 'cloud'],
    ['token', 'create', 'x', '--days', '0'],
    ['audit', 'verify', '--anchor', 'x'],
    ['audit', 'verify', '/nowhere'],
    ['start', '--role', 'viewer'],
    ['history', 'x'],
  ]) {
    it(`refuses ${args.join(' ')}`, async () => {
      const { code, output } = await runToEnd(...args, '--data-dir', data);
      assert.equal(code, 2, output);
      assert.match(output, /^The option .* cannot be used: /);
    });
  }
});
