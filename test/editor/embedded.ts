/// <reference path="../../server/node-red-module.d.ts" />
/** Runs Node-RED with a built package in a process of its own, for it can be there only once; told by `start.ts`. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import runtime from 'node-red';

interface Order {
  readonly packagePath: string;
  readonly userDirectory: string;
  readonly language: string;
  /** As in a Node-RED that was there before: the package's plugin brings the platform. */
  readonly isTheirs: boolean;
}

const order: Order = JSON.parse(process.argv[2] ?? '{}');
const silent = { error: console.error, warn: () => {}, info: () => {}, debug: () => {} };

// The built modules, for the nodes meet the platform in those.
type PlatformModule = typeof import('../../lib/platform.ts');
type SimulatorModule = typeof import('../../plugins/simulator/index.ts');
const { Platform, usePlatform }: PlatformModule = await import(join(order.packagePath, 'dist/lib/platform.js'));
const { createWorld }: SimulatorModule = await import(join(order.packagePath, 'dist/plugins/simulator/index.js'));

createWorld('lab', { speed: 100 });
const platform = order.isTheirs ? undefined : startPlatform();

function startPlatform() {
  const started = new Platform({
    metrics: 'off',
    dataDirectory: join(order.userDirectory, 'data'),
    log: silent,
    mqtt: { broker: 'off', baseTopic: 'virtflow' },
  });
  usePlatform(started);
  started.start();
  return started;
}

const server = createServer((request, response) => {
  // As Node-RED itself does with `httpAdminRoot`.
  if (order.isTheirs) request.url = request.url?.replace(/^\/red/, '') || '/';
  runtime.httpAdmin(request, response, () => response.end());
});
runtime.init(server, {
  userDir: order.userDirectory,
  nodesDir: [order.packagePath],
  lang: order.language,
  httpAdminRoot: '/',
  httpNodeRoot: false,
  virtflow: { mqtt: false },
  flowFile: 'flows.json',
  credentialSecret: 'only for a test',
  logging: { console: { level: 'off', metrics: false, audit: false } },
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false, projects: { enabled: false }, palette: { catalogues: [] } },
});
await runtime.start();
server.listen(0, '127.0.0.1', () => process.send?.({ address: server.address() }));

process.on('message', async () => {
  server.closeAllConnections();
  server.close();
  await runtime.stop();
  await platform?.stop();
  process.exit(0);
});
