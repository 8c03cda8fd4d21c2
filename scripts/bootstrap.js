// Plain JavaScript without dependencies: it runs on any Node.js from 20.19 on, before anything is installed or built.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export const root = join(import.meta.dirname, '..');

const sources = ['lib', 'nodes', 'plugins', 'server', 'bin', 'scripts', 'flows', 'package.json', 'tsconfig.build.json'];
const ownNode = join(root, 'runtime', 'node_modules', '.bin', 'node');

/** The program that runs in place of us: what tells us to stop is passed on to it. */
let successor;
/** One that works for us: it goes when we go. npm takes no SIGTERM, and what it left undone is done at the next start. */
let helper;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => {
    if (successor) return successor.kill(signal);
    helper?.kill('SIGKILL');
    process.exit(130);
  });
}

/** Installs and builds what is not there yet or has changed, and answers the Node.js to run it with. */
export async function prepare() {
  checkMachine();
  await installPackages();
  const node = await findNode();
  await build(node);
  return node;
}

/** Runs a program to its end with our own input and output; answers its exit code. */
export async function run(program, args, env = process.env) {
  successor = spawn(program, args, { cwd: root, stdio: 'inherit', env });
  return ended(successor).finally(() => {
    successor = undefined;
  });
}

/** Says what happens, and how long it took; what the program said is shown only when it failed. */
export async function step(label, program, args, options = {}) {
  const began = performance.now();
  process.stdout.write(`${label} … `);
  const ticking = process.stdout.isTTY && setInterval(() => rewrite(`${label} … ${seconds(began)}`), 1000);
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  helper = child;
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
  const code = await ended(child, said);
  helper = undefined;
  if (ticking) {
    clearInterval(ticking);
    rewrite(`${label} … `);
  }
  process.stdout.write(`${code === 0 ? seconds(began) : `failed after ${seconds(began)}`}\n`);
  if (code !== 0) process.stdout.write(Buffer.concat(said));
  return code;
}

export function fail(...lines) {
  for (const line of lines) console.error(line);
  process.exit(1);
}

function checkMachine() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`virtflow needs Node.js 20.19 or newer to begin with; this is ${process.version}.`, 'Install a newer one.');
  }
  if (!existsSync(join(root, 'package-lock.json')) || !existsSync(join(root, 'lib'))) {
    fail(`${root} is not a whole checkout of virtflow.`, 'Clone it anew with git.');
  }
}

async function installPackages() {
  const stamp = join(root, 'node_modules', '.virtflow-installed');
  const wanted = digestOf(readFileSync(join(root, 'package-lock.json')), process.platform, process.arch);
  if (readIfThere(stamp) === wanted) return;
  await npmCi('Installing packages', root, ['--include=dev']);
  writeFileSync(stamp, wanted);
}

/** TypeScript runs as it is from 22.18 and 23.6 on; for an older machine virtflow brings a Node.js of its own. */
async function findNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)) return process.execPath;
  const wanted = digestOf(readFileSync(join(root, 'runtime', 'package-lock.json')), process.platform, process.arch);
  const stamp = join(root, 'runtime', 'node_modules', '.virtflow-installed');
  if (readIfThere(stamp) !== wanted || !existsSync(ownNode)) {
    await npmCi(`Installing Node.js 24, for ${process.version} is too old`, join(root, 'runtime'), [
      '--ignore-scripts=false',
    ]);
    if (!existsSync(ownNode)) {
      fail('npm did not bring Node.js along.', 'Install Node.js 24 on this machine, and start again.');
    }
    writeFileSync(stamp, wanted);
  }
  return ownNode;
}

async function npmCi(label, directory, options) {
  // Under `npm start`, npm says where it is itself.
  const own = process.env.npm_execpath;
  const [program, args] = own && basename(own) === 'npm-cli.js' ? [process.execPath, [own]] : ['npm', []];
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const code = await step(label, program, [...args, 'ci', ...options, ...quiet], { cwd: directory });
  if (code !== 0) fail('npm could not install what virtflow needs; above it says why.');
}

async function build(node) {
  const stamp = join(root, 'dist', '.virtflow-built');
  const wanted = digestOf(...sources.flatMap(filesIn));
  if (readIfThere(stamp) === wanted) return;
  if ((await step('Building', node, ['scripts/build.ts'])) !== 0) fail('virtflow could not be built.');
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Name, size and time of each file below: enough to see that something changed, without reading it. */
function filesIn(path) {
  const absolute = join(root, path);
  const found = statSync(absolute, { throwIfNoEntry: false });
  if (!found) return [];
  if (!found.isDirectory()) return [`${path} ${found.size} ${found.mtimeMs}`];
  return readdirSync(absolute).flatMap((name) => filesIn(join(path, name)));
}

function ended(child, said) {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      said?.push(Buffer.from(`${error.message}\n`));
      resolve(127);
    });
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 130)));
  });
}

function digestOf(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\n');
  return hash.digest('hex');
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function rewrite(text) {
  process.stdout.write(`\r\x1b[K${text}`);
}

function seconds(began) {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
