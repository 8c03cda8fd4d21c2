import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readToken } from '../../lib/access/token-text.ts';
import { MqttListener } from '../api/mqtt-listener.ts';
import { requireLab } from '../lab/availability.ts';
import { startTestDaemon, type TestDaemon } from '../lab/daemon.ts';
import { type Mosquitto, startMosquitto } from '../lab/mosquitto.ts';
import { type Outcome, Planted } from '../secrets/planted.ts';
import { Comms } from './comms.ts';
import { EchoingServer } from './echoing-server.ts';
import { newPlace, RunningVirtflow, runToEnd, runWith, VirtflowProcess } from './virtflow-process.ts';

const roles = ['viewer', 'operator', 'power-operator', 'administrator'] as const;
/** Stands where everybody may see it: whatever is watched here must show it, or it is not watched. */
const canary = 'canary-27f1c4';
const base = 'leaks';
const ref = (name: string) => `\${${name}}`;
/** Files that are there to hold a secret; the others hold none. */
const secretFiles = ['secrets.key', 'credential-secret.json', 'approval-links.json'];

const editorPaths = [
  ...['', 'flows', 'flows/state', 'nodes', 'settings', 'settings/user', 'plugins', 'plugins/messages', 'diagnostics'],
  ...['locales/nodes', 'locales/editor', 'context/global', 'context/flow/tab', 'library/local/flows', 'icons', 'theme'],
  ...['flow/tab', 'flow/global', 'auth/login', 'red/images/x.svg', 'types/node/net.d.ts'],
  ...['virtflow/drivers', 'virtflow/connections', 'virtflow/inventory/objects', 'virtflow/v1/connections'],
  ...['virtflow/v1/operations', 'virtflow/v1/operations?limit=1000', 'virtflow/v1/vms', 'virtflow/v1/whoami'],
  ...[
    'virtflow/v1/approvals',
    'virtflow/v1/openapi.json',
    'virtflow/v1/actions',
    'virtflow/v1/health',
    'virtflow/v1/problems',
  ],
];

describe('secrets that are planted everywhere', function () {
  this.timeout(180_000);
  const planted = new Planted();
  const outcomes: Outcome[] = [];
  const influxPasswords = {
    typed: planted.plant('influx, typed'),
    file: planted.plant('influx, of a file'),
    environment: planted.plant('influx, of the environment'),
    nodeRed: planted.plant("influx, by Node-RED's variable"),
    vault: planted.plant('influx, of the vault'),
  };
  let place: ReturnType<typeof newPlace>;
  let data: string;
  let mosquitto: Mosquitto;
  let daemon: TestDaemon;
  let echo: EchoingServer;
  let virtflow: RunningVirtflow;
  let listener: MqttListener;
  const comms: Comms[] = [];

  const note = (channel: string, what: string, text: string) =>
    outcomes.push({ channel, what, bytes: Buffer.from(text) });

  async function run(...args: string[]): Promise<string> {
    const { code, output } = await runToEnd(...args, '--data-dir', data);
    assert.equal(code, 0, output);
    return output;
  }

  async function keep(name: string, value: string): Promise<void> {
    assert.equal((await runWith(value, 'secret', 'set', name, '--data-dir', data)).code, 0);
  }

  async function ask(path: string, token: string, about: RequestInit = {}): Promise<string> {
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'content-type': 'application/json',
    };
    const response = await fetch(`${virtflow.url}${path}`, { headers, redirect: 'manual', ...about });
    const text = await response.text();
    note(
      'HTTP',
      `${about.method ?? 'GET'} ${path}`,
      `${response.status} ${JSON.stringify([...response.headers])} ${text}`,
    );
    return text;
  }

  const post = (path: string, token: string, body: unknown) =>
    ask(path, token, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

  async function logIn(username: string, password: string): Promise<string> {
    const body = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username, password };
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${virtflow.url}auth/token`, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await response.text();
    const token = /"access_token":"([^"]+)"/.exec(text)?.[1];
    if (token === undefined) note('HTTP', `the login of ${username}`, text);
    return token ?? '';
  }

  /** The answer that ends a command. */
  async function command(action: string, body: object, correlationId: string): Promise<string> {
    await listener.publish(`${base}/command/${action}`, { ...body, correlationId });
    const ended = await listener.find(
      ({ topic, body: said }) => topic === `${base}/reply/${correlationId}` && said?.type !== 'accepted',
    );
    return String(ended.body?.state ?? ended.body?.type);
  }

  const domain = (name: string, password: string) =>
    `<domain type='test'><name>${name}</name><memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>` +
    `<graphics type='vnc' passwd="${password.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')}"/>` +
    '</devices></domain>';
  const broken = (password: string) => domain('broken', password).replace('</devices>', '');

  function flows(file: string): object[] {
    const connection = { type: 'virtflow-connection', version: 1, driver: 'simulator', uri: 'simulator:///leaks' };
    const influx = { type: 'virtflow-influxdb', version: 1, url: echo.url, database: 'x' };
    const sink = { type: 'virtflow-influx', version: 1, z: 'tab', wires: [] };
    const debug = { type: 'debug', z: 'tab', active: true, tosidebar: true, console: true, wires: [] };
    const user = (password: string) => ({ credentials: { username: 'ann', password } });
    return [
      { id: 'tab', type: 'tab', label: 'leaks' },
      { ...connection, id: 'c1', name: canary, driver: 'libvirt', uri: daemon.uri, ...user(planted.plant('typed')) },
      { ...connection, id: 'c2', name: 'of the vault', ...user(ref('secret:connection')) },
      { ...connection, id: 'c3', name: 'in the address', uri: `simulator://u:${planted.plantPlain('address')}@x/` },
      { ...connection, id: 'c4', name: 'not there', ...user(ref('secret:nobody')) },
      { ...connection, id: 'c5', name: 'of Node-RED', ...user(ref('VIRTFLOW_TEST_NODE_RED')) },
      { ...connection, id: 'c6', name: 'away', driver: 'libvirt', uri: 'qemu+tcp://127.0.0.1:1/system', ...user('x') },
      { ...influx, id: 'i1', name: 'typed', ...user(influxPasswords.typed) },
      { ...influx, id: 'i2', name: 'of a file', ...user(ref(`file:${file}`)) },
      { ...influx, id: 'i3', name: 'of the environment', ...user(ref('env:VIRTFLOW_TEST_PLANTED')) },
      { ...influx, id: 'i4', name: 'of the vault', ...user(ref('secret:influx')) },
      { ...influx, id: 'i5', name: 'of Node-RED', ...user(ref('VIRTFLOW_TEST_NODE_RED')) },
      ...['i1', 'i2', 'i3', 'i4', 'i5'].map((server) => ({ ...sink, id: `sink of ${server}`, server })),
      { id: 'go', type: 'inject', z: 'tab', props: [], wires: [['read']] },
      {
        id: 'read',
        type: 'file in',
        z: 'tab',
        filename: join(place.directory, 'domain.xml'),
        format: 'utf8',
        ...to('put'),
      },
      { id: 'put', type: 'change', z: 'tab', rules: moveDefinition, ...to('define') },
      { id: 'define', type: 'virtflow-vm-define', version: 1, z: 'tab', connection: 'c1', ...to('result') },
      { ...debug, id: 'result', complete: 'operation', targetType: 'msg' },
      { id: 'hold', type: 'inject', z: 'tab', props: [], wires: [['read held']] },
      {
        id: 'read held',
        type: 'file in',
        z: 'tab',
        filename: join(place.directory, 'held'),
        format: 'utf8',
        ...to('gate'),
      },
      {
        id: 'gate',
        type: 'virtflow-approval',
        version: 1,
        z: 'tab',
        question: `May ${canary} go on?`,
        wires: [[], []],
      },
      { id: 'events', type: 'virtflow-operation-events', version: 1, z: 'tab', progress: true, ...to('shown') },
      { id: 'catch', type: 'catch', z: 'tab', scope: null, ...to('error') },
      { ...debug, id: 'error', complete: 'error', targetType: 'msg' },
      { ...debug, id: 'shown', complete: 'payload', targetType: 'msg' },
    ];
  }

  before(async function () {
    await requireLab(this, 'mosquitto', 'libvirt-daemon');
    place = newPlace();
    data = join(place.directory, 'data');
    daemon = await startTestDaemon();
    echo = await EchoingServer.start();
    const mqttPassword = planted.plantPlain('mqtt');
    mosquitto = await startMosquitto({ user: 'virtflow', password: mqttPassword });
    listener = await new MqttListener({ url: mosquitto.url, username: 'virtflow', password: mqttPassword }).subscribe(
      '#',
    );
    await keep('mqtt', mqttPassword);
    await keep('connection', planted.plant('connection'));
    await keep('influx', influxPasswords.vault);
    await keep('unused', planted.plant('unused'));
    mkdirSync(data, { recursive: true });
    const mqtt = { url: mosquitto.url, username: 'virtflow', password: ref('secret:mqtt'), baseTopic: base };
    writeFileSync(join(data, 'settings.json'), JSON.stringify({ mqtt }), { mode: 0o600 });
    const env = { VIRTFLOW_TEST_PLANTED: influxPasswords.environment, VIRTFLOW_TEST_NODE_RED: influxPasswords.nodeRed };
    Object.assign(process.env, env);
    virtflow = await RunningVirtflow.start(data, '--verbose');
    for (const name of Object.keys(env)) delete process.env[name];
    planted.know('first password', await virtflow.process.says(/password {2}(\S+)/));
    for (const file of secretFiles) {
      planted.know(file, /[\w+/=-]{40,}/.exec(readFileSync(join(data, file), 'utf8'))?.[0] ?? assert.fail(file));
    }
  });

  after(async () => {
    for (const one of comms) one.close();
    await listener?.end();
    await VirtflowProcess.endAll();
    echo?.stop();
    await mosquitto?.stop();
    await daemon?.stop();
    place?.remove();
  });

  it('are used, and come out nowhere', async () => {
    const tokens = await everybody();
    const admin = tokens.get('administrator') ?? '';
    const file = join(place.directory, 'influx-password');
    writeFileSync(file, `${influxPasswords.file}\n`, { mode: 0o600 });
    const events = await stream(admin);
    await post('flows', admin, flows(file));
    await Promise.all(Object.values(influxPasswords).map((password) => echo.told(password)));
    await listener.find(({ topic, body }) => topic.includes(canary) && body?.phase === 'connected');
    await listener.find(({ topic, body }) => topic.includes('of the vault') && body?.phase === 'connected');
    await throughFlow(admin);
    await held(admin);
    await throughMqtt();
    await throughRest(admin);
    await run('secret', 'rotate-key');
    planted.know('secrets.key', readFileSync(join(data, 'secrets.key'), 'utf8').trim());
    await tests(admin);
    await strangers();
    for (const [who, token] of tokens) await walk(who, token);
    for (const args of [
      ['history', '--json'],
      ['secret', 'list', '--json'],
      ['user', 'list', '--json'],
    ]) {
      note('command line', args.join(' '), await run(...args));
    }
    note('command line', 'token list', await run('token', 'list', '--json'));
    note('audit', 'the export', await run('audit', 'export'));
    await events.stop();
    const { code, output } = await virtflow.process.end();
    assert.equal(code, 0);
    // There it is told, once, to whoever starts it for the first time.
    note('process', 'its output', output.replace(/ {2}password {2}\S+/, ''));
    for (const { topic, text } of listener.heard) {
      if (!topic.startsWith(`${base}/command/`)) note('MQTT', topic, `${topic} ${text}`);
    }
    for (const one of comms) note('websocket', 'the editor', one.heard.join('\n'));
    files();
    assert.deepEqual([...new Set(planted.leaks(outcomes, isTheUsersOwn))], []);
  });

  it('would be found in every channel', () => {
    const finder = new Planted();
    finder.know('canary', canary);
    const seen = new Set(finder.leaks(outcomes).map((line) => line.split(':', 1)[0]));
    const channels = ['HTTP', 'REST events', 'MQTT', 'websocket', 'process', 'audit', 'command line', 'file'];
    assert.deepEqual([...seen].sort(), channels.sort());
  });

  /** Users of every role, each with a session, a token and an ear at the websocket. */
  async function everybody(): Promise<Map<string, string>> {
    const tokens = new Map<string, string>();
    for (const role of roles) {
      const password = /password {2}(\S+)/.exec(await run('user', 'add', `a-${role}`, '--role', role))?.[1] ?? '';
      planted.know(`password of ${role}`, password);
      const session = await logIn(`a-${role}`, password);
      planted.know(`session of ${role}`, secretOf(session));
      const token = /vft_\S+/.exec(await run('token', 'create', `a-${role}`))?.[0] ?? '';
      planted.know(`token of ${role}`, secretOf(token));
      tokens.set(role, session).set(`token of ${role}`, token);
      const ear = await Comms.open(virtflow.url, session);
      if (ear) comms.push(ear);
    }
    assert.ok(comms.length > 1);
    return tokens;
  }

  /** A definition that is read from a file, as flows do that have templates. */
  async function throughFlow(admin: string): Promise<void> {
    for (const definition of [domain('of-a-flow', planted.plant('flow')), broken(planted.plant('broken flow'))]) {
      writeFileSync(join(place.directory, 'domain.xml'), definition);
      const ended = listener.heard.length;
      await post('inject/go', admin, {});
      await listener.find((heard) => isEnd(heard.topic) && listener.heard.indexOf(heard) >= ended);
    }
  }

  /** A message that waits for an approval, and is still held when virtflow stops. */
  async function held(admin: string): Promise<void> {
    writeFileSync(join(place.directory, 'held'), planted.plant('held message'));
    await post('inject/hold', admin, {});
    await listener.find(({ topic }) => topic.startsWith(`${base}/approval/`));
  }

  async function throughMqtt(): Promise<void> {
    const define = (definition: unknown, more: object = {}) => ({
      target: canary,
      parameters: { definition, ...more },
    });
    assert.equal(await command('vm.define', define(domain('of-mqtt', planted.plant('command'))), 'good'), 'succeeded');
    assert.equal(await command('vm.define', define(broken(planted.plant('broken command'))), 'bad'), 'failed');
    const odd = define('<domain/>', { password: planted.plant('unknown parameter') });
    assert.equal(await command('vm.define', odd, 'odd'), 'refused');
    assert.equal(await command('vm.define', define([planted.plant('no text')]), 'list'), 'refused');
    await listener.publish(
      `${base}/command/vm.define`,
      `{"correlationId":"x","parameters":${planted.plant('no JSON')}`,
    );
    assert.equal(await command('vm.reset', { target: `${canary}/of-mqtt`, plan: true }, 'plan'), 'refused');
    const simulated = { target: 'of the vault', parameters: { definition: `{"name":${planted.plant('simulated')}}` } };
    assert.equal(await command('vm.define', simulated, 'simulated'), 'failed');
  }

  async function throughRest(admin: string): Promise<void> {
    const define = (definition: unknown) => ({ target: canary, parameters: { definition } });
    for (const body of [
      define(domain('of-rest', planted.plant('REST'))),
      define(broken(planted.plant('broken REST'))),
    ]) {
      const id = /"id":"([^"]+)"/.exec(await post('virtflow/v1/actions/vm.define', admin, body))?.[1] ?? '';
      await ask(`virtflow/v1/operations/${id}/wait`, admin);
      await ask(`virtflow/v1/operations/${id}`, admin);
    }
    await post('virtflow/v1/actions/vm.define', admin, define(7));
    await post('virtflow/v1/actions/vm.define', admin, `{"parameters": ${planted.plant('REST, no JSON')}`);
    await post('virtflow/v1/actions/vm.define', admin, { target: canary, password: planted.plant('REST, unknown') });
  }

  /** The test buttons, with what was typed and with what is kept. */
  async function tests(admin: string): Promise<void> {
    const influx = { url: echo.url, database: 'x', username: 'ann' };
    const connection = { driver: 'libvirt', uri: 'qemu+tcp://127.0.0.1:1/system', name: 'x', username: 'ann' };
    for (const [password, answer] of [
      [planted.plant('tested'), 'SERVER_DENIED'],
      ['__PWRD__', 'SERVER_DENIED'],
      [ref('secret:influx'), 'SERVER_DENIED'],
      [ref('secret:nobody'), 'SECRET_UNKNOWN'],
    ]) {
      assert.match(
        await post('virtflow/influxdb/test', admin, { ...influx, password, node: 'i1' }),
        RegExp(`"${answer}"`),
      );
      await post('virtflow/connections/test', admin, { ...connection, password, node: 'c1' });
    }
    await post('virtflow/connections/test', admin, {
      ...connection,
      uri: `x://u:${planted.plantPlain('tested address')}@h`,
    });
    await post('virtflow/influxdb/test', admin, { ...influx, url: `http://u:${planted.plantPlain('tested URL')}@h/` });
  }

  /** Those who may not come in, and what they try. */
  async function strangers(): Promise<void> {
    await logIn('admin', planted.plant('wrong password'));
    await ask('flows', planted.plantPlain('wrong token'));
    await ask('virtflow/v1/operations', `vft_${planted.plantPlain('wrong API token')}`);
    await ask(`flows?access_token=${planted.plantPlain('token in a URL')}`, '');
  }

  async function walk(who: string, token: string): Promise<void> {
    const nodes = ['c1', 'c2', 'c5', 'i1', 'i4'];
    const credentials = nodes.map(
      (id) => `credentials/virtflow-${id.startsWith('c') ? 'connection' : 'influxdb'}/${id}`,
    );
    for (const path of [...editorPaths, ...credentials]) {
      const text = await ask(path, token);
      if (who === 'administrator' && path.startsWith('virtflow/')) assert.ok(text.length > 1, path);
    }
    await ask('nodes', token, { headers: { authorization: `Bearer ${token}`, accept: 'text/html' } });
  }

  async function stream(token: string): Promise<{ stop(): Promise<void> }> {
    const gone = new AbortController();
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${virtflow.url}virtflow/v1/events`, { headers, signal: gone.signal });
    assert.equal(response.status, 200);
    const heard = (async () => {
      let text = '';
      try {
        for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
      } catch {
        // It was told to stop.
      }
      note('REST events', 'the stream', text);
    })();
    return {
      stop: () => {
        gone.abort();
        return heard;
      },
    };
  }

  function files(): void {
    for (const entry of readdirSync(data, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile()) continue;
      const name = relative(data, path);
      assert.equal(statSync(path).mode & 0o077, 0, `${name} is for others to read`);
      outcomes.push({ channel: 'file', what: name, bytes: readFileSync(path) });
    }
  }
});

const moveDefinition = [
  { t: 'set', p: 'parameters', pt: 'msg', to: '{}', tot: 'json' },
  { t: 'set', p: 'parameters.definition', pt: 'msg', to: 'payload', tot: 'msg' },
  { t: 'delete', p: 'payload', pt: 'msg' },
];

/** What a token has beside its id, which is no secret. */
function secretOf(token: string): string {
  return readToken(token)?.secret ?? assert.fail('there is no token');
}

function to(node: string): object {
  return { wires: [[node]] };
}

function isEnd(topic: string): boolean {
  return /^leaks\/operation\/(succeeded|failed)$/.test(topic);
}

/**
 * What people write into a flow's address stands in the flow, for all who may read flows. Nothing else shows it. And
 * files that are there to hold a secret hold their own.
 */
function isTheUsersOwn({ what }: Outcome, name: string): boolean {
  if (name === 'address') return /^GET flows?(\/tab|\/global)?$/.test(what) || /^node-red\/\.?flows\.json/.test(what);
  return what === name && secretFiles.includes(what);
}
