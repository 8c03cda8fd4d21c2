import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { commandEnv } from './command.ts';

export interface OwnedProcessOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Further options for setpriv(1), for instance to run as another user. */
  privileges?: readonly string[];
}

const keptLines = 40;
/** A process that dies falls silent a moment before its end is reported; dumping its core makes that moment longer. */
const deathNoticeMs = 500;
const owned = new Set<OwnedProcess>();

/** The kernel would do it a moment later; an exit hook that removes what they use needs it now. */
export function killOwnedProcesses(): void {
  for (const process of owned) process.child.kill('SIGKILL');
}

/**
 * A long-running process that dies with this one, however this one ends: the kernel kills it (PR_SET_PDEATHSIG).
 * It does not keep this process alive either.
 */
export class OwnedProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #name: string;
  readonly #ended: Promise<unknown>;
  readonly #lastLines: string[] = [];
  readonly #listeners = new Set<(line: string) => boolean>();

  constructor(command: string, args: readonly string[], options: OwnedProcessOptions = {}) {
    this.#name = command;
    const privileges = ['--pdeathsig', 'KILL', ...(options.privileges ?? [])];
    this.child = spawn('setpriv', [...privileges, '--', command, ...args], {
      env: commandEnv(options.env),
      cwd: options.cwd,
    });
    this.#ended = once(this.child, 'close');
    this.#ended.catch((error: Error) => this.#lastLines.push(error.message));
    for (const output of [this.child.stdout, this.child.stderr]) {
      createInterface({ input: output }).on('line', (line) => this.#keep(line));
    }
    this.child.stdin.on('error', () => {}); // it may end at any time
    this.#hold(false);
    owned.add(this);
    this.child.once('close', () => owned.delete(this));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.#name} could not be started`);
    return this.child.pid;
  }

  get running(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The last lines it wrote, for error messages. */
  get output(): string {
    return this.#lastLines.join('\n');
  }

  /** How it ended, and its last lines; undefined while it runs. */
  get obituary(): string | undefined {
    if (this.running) return undefined;
    const { exitCode, signalCode } = this.child;
    const how = signalCode ?? (exitCode === null ? 'it could not be started' : `exit ${exitCode}`);
    return `${this.#name} is gone: ${how}\n${this.output}`;
  }

  /** Waits for what needs this process. When it fails, and this process has died, the error tells how. */
  async whileAlive<T>(task: Promise<T>): Promise<T> {
    const died = this.#ended.then(() => Promise.reject(new Error('nobody is left to do it')));
    try {
      return await Promise.race([task, died]);
    } catch (error) {
      await Promise.race([this.#ended.catch(() => {}), delay(deathNoticeMs)]);
      if (this.running) throw error;
      throw new Error(`${(error as Error).message}\n${this.obituary}`, { cause: error });
    }
  }

  /**
   * Waits for the next line that begins so, and gives the rest of it.
   * @throws Error when the process ends first, or says nothing of the kind in time.
   */
  async line(beginning: string, timeoutMs = 30_000): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no "${beginning}" in ${timeoutMs} ms`)), timeoutMs);
    });
    const said = new Promise<string>((resolve) => {
      this.#listeners.add((line) => {
        if (line.startsWith(beginning)) resolve(line.slice(beginning.length).trim());
        return line.startsWith(beginning);
      });
    });
    const ended = this.#ended.then(() => Promise.reject(new Error(`it ended before it said "${beginning}"`)));
    try {
      return await this.waitFor(Promise.race([said, ended, silence]));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it with a signal, and with SIGKILL when that has not helped in time; waits until it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs?: number): Promise<void> {
    if (this.running) this.child.kill(signal);
    await this.ended(graceMs);
  }

  /** Waits until it is gone, which it is after the grace period: then comes SIGKILL. */
  async ended(graceMs = 10_000): Promise<void> {
    if (!this.running) return;
    this.#hold(true);
    const force = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    await this.#ended;
    clearTimeout(force);
  }

  /** Waits for a condition and adds the process's last words to the error when it does not come. */
  async waitFor<T>(condition: Promise<T>): Promise<T> {
    try {
      return await condition;
    } catch (error) {
      throw new Error(`${this.#name} did not come up: ${(error as Error).message}\n${this.output}`, { cause: error });
    }
  }

  /** A forgotten process must not keep a test run from ending; one that is being stopped must be waited for. */
  #hold(hold: boolean): void {
    for (const handle of [this.child, this.child.stdin, this.child.stdout, this.child.stderr]) {
      const held = handle as unknown as { ref(): void; unref(): void };
      if (hold) held.ref();
      else held.unref();
    }
  }

  #keep(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > keptLines) this.#lastLines.shift();
    for (const heard of this.#listeners) if (heard(line)) this.#listeners.delete(heard);
  }
}
