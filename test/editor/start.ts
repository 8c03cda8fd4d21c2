import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface NodeRedOptions {
  readonly packagePath: string;
  readonly flows?: readonly object[];
  readonly language?: string;
  /** As in a Node-RED that was there before: its plugin brings the platform, and the editor stands below /red. */
  readonly isTheirs?: boolean;
}

/** A Node-RED of its own, with our nodes, on a free port of the loopback address. */
export class NodeRedProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #userDirectory: string;

  private constructor(url: string, child: ChildProcess, userDirectory: string) {
    this.url = url;
    this.#child = child;
    this.#userDirectory = userDirectory;
  }

  static async start(options: NodeRedOptions): Promise<NodeRedProcess> {
    const { packagePath, flows = [], language = 'en-US', isTheirs = false } = options;
    const userDirectory = mkdtempSync(join(tmpdir(), 'virtflow-editor-'));
    writeFileSync(join(userDirectory, 'flows.json'), JSON.stringify(flows));
    const order = JSON.stringify({ packagePath, userDirectory, language, isTheirs });
    const child = fork(join(import.meta.dirname, 'embedded.ts'), [order]);
    const [message] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('Node-RED ended before it was up'))),
    ]);
    const address: AddressInfo = message.address;
    return new NodeRedProcess(`http://127.0.0.1:${address.port}`, child, userDirectory);
  }

  get running(): boolean {
    return this.#child.exitCode === null;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<unknown> {
    const response = await fetch(`${this.url}/${path}`, { headers: { Accept: 'application/json', ...headers } });
    return response.json();
  }

  post(path: string, body: unknown): Promise<Response> {
    const headers = { 'Content-Type': 'application/json' };
    return fetch(`${this.url}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async stop(): Promise<void> {
    if (this.running) {
      const exit = once(this.#child, 'exit');
      this.#child.send('stop');
      await exit;
    }
    rmSync(this.#userDirectory, { recursive: true, force: true });
  }
}
