import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import RED from 'node-red';
import { until } from '../../lab/condition.ts';
import type { BenchRuntime, PlatformModule } from './node-red-internals.ts';
import type { Answer, Pump, Request } from './node-red-protocol.ts';

/**
 * `node node-red.ts DIRECTORY [PACKAGE]` runs an embedded Node-RED, with the nodes of the package or without any but its
 * own, without a login. It prints "ready" and its URL, then answers each line of standard input with one.
 */
const [directory = '', packagePath] = process.argv.slice(2);
const runtime = RED as unknown as BenchRuntime;
const server = createServer();
/** When messages left a node that tells events: CLOCK_MONOTONIC in ns. */
let left: bigint[] = [];

async function start(): Promise<void> {
  letStorms();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  runtime.init(server, settings());
  await runtime.start();
  server.on('request', runtime.httpAdmin);
  runtime.hooks.add('onSend.bench', ([sent]) => {
    if (sent?.source.node.type === 'virtflow-vm-events') left.push(process.hrtime.bigint());
  });
  const { port } = server.address() as AddressInfo;
  console.log(`ready http://127.0.0.1:${port}/`);
}

/** The bench is what the governor's storm guard is there to stop. */
function letStorms(): void {
  const data = join(directory, 'virtflow');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(join(data, 'governor.json'), JSON.stringify({ version: 1, rules: [] }), { mode: 0o600 });
}

function settings(): object {
  return {
    userDir: join(directory, 'node-red'),
    nodesDir: packagePath === undefined ? [] : [packagePath],
    virtflow: { dataDirectory: join(directory, 'virtflow'), mqtt: false },
    flowFile: 'flows.json',
    credentialSecret: 'bench',
    logging: { console: { level: 'error', metrics: false, audit: false } },
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, palette: { catalogues: [] } },
  };
}

async function answer(request: Request): Promise<Answer> {
  if (request.type === 'deploy') return deploy(request.flows, request.connection);
  if (request.type === 'pump') return { ms: await pump(request) };
  return { times: left.map(String) };
}

/** Replaces the flows, waits until the connection that is named is up, or none is left, and tells which VMs run there. */
async function deploy(flows: readonly object[], wanted: string | undefined): Promise<Answer> {
  await runtime.runtime.flows.setFlows({ flows: { flows }, deploymentType: 'full' });
  const url = pathToFileURL(join(packagePath ?? '', 'dist/lib/platform.js'));
  const { currentPlatform }: PlatformModule = await import(url.href);
  const { connections, inventory } = currentPlatform();
  // Node-RED answers before the flows have started.
  await until('the connections', async () => connections.list().every(({ name }) => name === wanted) || undefined);
  if (wanted === undefined) return {};
  const connection = await until('the connection', async () => connections.list()[0]);
  await connection.connected();
  left = [];
  const vms = inventory.list({ connection: wanted, kind: 'vm' });
  return { running: vms.filter(({ power }) => power === 'running').map(({ name }) => `${wanted}/${name}`) };
}

/** Sends the messages to a node, some at a time, until it is done with all; answers how long that took, in ms. */
async function pump({ node: id, messages, inFlight }: Pump): Promise<number> {
  const node = runtime.nodes.getNode(id);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const waiting = messages.values();
  let open = messages.length;
  const next = () => {
    const { value, done } = waiting.next();
    if (!done) node.receive({ ...value });
  };
  runtime.hooks.add('onComplete.bench', ({ node: { id: from }, error }) => {
    if (from !== id) return;
    if (error) reject(error);
    open -= 1;
    if (open === 0) resolve();
    else next();
  });
  const begun = performance.now();
  for (let i = 0; i < inFlight; i += 1) next();
  await promise.finally(() => runtime.hooks.remove('onComplete.bench'));
  return performance.now() - begun;
}

await start();
for await (const line of createInterface({ input: process.stdin })) {
  const said = await answer(JSON.parse(line)).catch((error: unknown) => ({ error: String(error) }));
  console.log(`answer ${JSON.stringify(said)}`);
}
await runtime.stop();
process.exit(0);
