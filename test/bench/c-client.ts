import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { run } from '../lab/command.ts';
import { OwnedProcess } from '../lab/process.ts';
import { ownDirectory } from '../lab/runs.ts';

const source = join(import.meta.dirname, 'c/libvirt-client.c');
let compiled: Promise<string> | undefined;

/** The program on libvirt's own library, compiled once in a process. */
function program(): Promise<string> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<string> {
  const path = join(await ownDirectory('bench-c'), 'libvirt-client');
  await run('gcc', ['-O2', '-o', path, source, '-lvirt']);
  return path;
}

/** A switch of the first domain: CLOCK_MONOTONIC before and after the call, in ns, as `process.hrtime.bigint()`. */
export interface Switch {
  readonly before: bigint;
  readonly after: bigint;
}

/** libvirt's own library at work in a process of its own. */
export class CClient {
  readonly #process: OwnedProcess;

  private constructor(process: OwnedProcess) {
    this.#process = process;
  }

  /** Connects; `uri` names the transport, for the library would serve test:// inside its own process. */
  static async connect(uri: string): Promise<CClient> {
    const client = new CClient(new OwnedProcess(await program(), [uri, 'measure']));
    await client.meanMs('state', 1);
    return client;
  }

  /** How long a call takes, in ms, when it is made so many times one after the other. */
  async meanMs(what: 'stats' | 'state' | 'info', count: number): Promise<number> {
    this.#process.child.stdin.write(`${what} ${count}\n`);
    return Number(await this.#process.line('')) / 1e6 / count;
  }

  /** Suspends and resumes the first domain in turn; tells the times when all is done. */
  async switches(count: number, pauseMs: number): Promise<Switch[]> {
    this.#process.child.stdin.write(`switch ${count} ${pauseMs * 1000}\n`);
    const times = (await this.#process.line('')).split(' ').map(BigInt);
    return Array.from({ length: count }, (_, i) => ({ before: times[2 * i] ?? 0n, after: times[2 * i + 1] ?? 0n }));
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

/** libvirt's own library as it listens to lifecycle events, in a process of its own. */
export class CListener {
  readonly #process: OwnedProcess;
  /** CLOCK_MONOTONIC at each callback, in ns. */
  readonly times: bigint[] = [];

  private constructor(process: OwnedProcess) {
    this.#process = process;
    createInterface({ input: process.child.stdout }).on('line', (line) => {
      if (line !== 'ready') this.times.push(BigInt(line));
    });
  }

  static async start(uri: string): Promise<CListener> {
    const process = new OwnedProcess(await program(), [uri, 'listen']);
    const listener = new CListener(process);
    await process.line('ready');
    return listener;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}
