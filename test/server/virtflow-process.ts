import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const builtCommand = join(import.meta.dirname, '..', '..', 'dist', 'bin', 'virtflow.js');

/** A place for a test's data, gone afterwards. */
export function newPlace(): { directory: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'virtflow-start-'));
  return { directory, remove: () => rmSync(directory, { recursive: true }) };
}

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** The command `virtflow`, as it was built, in a process of its own. */
export class VirtflowProcess {
  static readonly #all = new Set<VirtflowProcess>();
  readonly child: ChildProcess;
  readonly #ended: Promise<Ended>;
  readonly #watchers = new Set<() => void>();
  #output = '';

  /** @param command another than that of `dist/` */
  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = '', command = builtCommand) {
    if (!existsSync(command)) throw new Error('virtflow is not built: run node scripts/build.ts');
    const options = {
      stdio: ['pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    };
    const child = spawn(process.execPath, [command, ...args], options);
    child.stdin.on('error', () => {}); // it may end before it has read
    child.stdin.end(input);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => this.#said(String(chunk)));
    this.child = child;
    VirtflowProcess.#all.add(this);
    this.#ended = once(child, 'close').then(() => {
      VirtflowProcess.#all.delete(this);
      for (const look of [...this.#watchers]) look();
      return { code: child.exitCode, output: this.#output };
    });
  }

  /** Ends what a failed test left. */
  static async endAll(): Promise<void> {
    await Promise.all([...VirtflowProcess.#all].map((one) => one.end('SIGKILL')));
  }

  get output(): string {
    return this.#output;
  }

  /** Resolves with what a pattern finds in the output; rejects when the process ends without. */
  async says(pattern: RegExp): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const look = () => {
      const found = pattern.exec(this.#output);
      if (found) resolve(found[1] ?? found[0]);
      else if (this.child.exitCode !== null) reject(new Error(`it never said ${pattern}:\n${this.#output}`));
    };
    this.#watchers.add(look);
    look();
    return promise.finally(() => this.#watchers.delete(look));
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal);
    return this.#ended;
  }

  async ended(): Promise<Ended> {
    return this.#ended;
  }

  #said(text: string): void {
    this.#output += text;
    for (const look of [...this.#watchers]) look();
  }
}

export async function runToEnd(...args: string[]): Promise<Ended> {
  return new VirtflowProcess(args).ended();
}

/** Runs a command that reads its standard input. */
export async function runWith(input: string, ...args: string[]): Promise<Ended> {
  return new VirtflowProcess(args, {}, input).ended();
}

/** A token of the editor's for the administrator; undefined when the login is refused. */
export async function logIn(url: string, password: string): Promise<string | undefined> {
  const response = await fetch(`${url}auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_id: 'node-red-editor',
      grant_type: 'password',
      scope: '*',
      username: 'admin',
      password,
    }),
  });
  if (!response.ok) return undefined;
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
}

/** A virtflow that runs, on a port of its own. */
export class RunningVirtflow {
  readonly process: VirtflowProcess;
  readonly url: string;

  private constructor(process: VirtflowProcess, url: string) {
    this.process = process;
    this.url = url;
  }

  static async start(dataDirectory: string, ...args: string[]): Promise<RunningVirtflow> {
    const started = new VirtflowProcess(['start', '--port', '0', '--data-dir', dataDirectory, ...args]);
    return new RunningVirtflow(started, await started.says(/virtflow runs at (\S+)/));
  }

  /** A token of the editor; undefined when the login is refused. */
  logIn(password: string): Promise<string | undefined> {
    return logIn(this.url, password);
  }

  async get(path: string, token: string): Promise<unknown> {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
    return (await fetch(`${this.url}${path}`, { headers })).json();
  }
}
