import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { commandEnv } from '../lab/command.ts';
import { OwnedProcess } from '../lab/process.ts';

/** One virsh that stays connected. What it prints is thrown away, so that nobody has to read it meanwhile. */
export class VirshSession {
  readonly #process: OwnedProcess;

  private constructor(process: OwnedProcess) {
    this.#process = process;
  }

  static async start(uri: string): Promise<VirshSession> {
    const session = new VirshSession(new OwnedProcess('sh', ['-c', 'exec virsh -q -c "$0" >/dev/null', uri]));
    await session.meanMs('version', 1);
    return session;
  }

  /** How long a command takes, in ms, when it is given so many times one after the other. */
  async meanMs(command: string, count: number): Promise<number> {
    const done = this.#process.line('error: round-done');
    const start = performance.now();
    this.#process.child.stdin.write(`${`${command}\n`.repeat(count)}echo --err round-done\n`);
    await done;
    return (performance.now() - start) / count;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

/** How long a virsh takes, in ms, that is started for one command. */
export async function virshProcessMs(uri: string, command: string): Promise<number> {
  const start = performance.now();
  const child = spawn('virsh', ['-q', '-c', uri, command], { env: commandEnv(), stdio: 'ignore' });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`virsh ${command} failed`);
  return performance.now() - start;
}
