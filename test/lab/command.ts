import { spawn } from 'node:child_process';

export interface CommandOptions {
  /** Text for the command's standard input. */
  input?: string;
  /** Kills the command after this time; 60 s unless told. */
  timeoutMs?: number;
  env?: NodeJS.ProcessEnv;
  /** Sees each line of both outputs as it comes. */
  onLine?: (line: string) => void;
}

/** A command that failed: its exit code and what it wrote to standard error. */
export class CommandError extends Error {
  readonly code: number | undefined;
  readonly stderr: string;
  constructor(command: string, code: number | undefined, stderr: string) {
    super(`${command}: ${code === undefined ? 'killed' : `exit ${code}`}: ${stderr.trim()}`);
    this.name = 'CommandError';
    this.code = code;
    this.stderr = stderr;
  }
}

/** PATH with the system directories that an ordinary user's shell leaves out. */
export const systemPath = `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin`;

/** Environment of every command the lab runs: messages in English, system directories in the PATH. */
export function commandEnv(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, PATH: systemPath, LC_ALL: 'C.UTF-8', ...extra };
}

/**
 * Runs a command to its end and gives its standard output.
 * @throws CommandError when it fails, is killed or cannot be started.
 */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: commandEnv(options.env), timeout: options.timeoutMs ?? 60_000 });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      for (const line of options.onLine ? text.split('\n') : []) options.onLine?.(line);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      for (const line of options.onLine ? text.split('\n') : []) options.onLine?.(line);
    });
    child.stdin.on('error', () => {}); // a command may end before it has read its input
    child.stdin.end(options.input ?? '');
    const shown = `${command} ${args.join(' ')}`;
    child.once('error', (error) => reject(new CommandError(shown, undefined, error.message)));
    child.once('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new CommandError(shown, code ?? undefined, stderr || stdout));
    });
  });
}

/** Whether a command succeeds; its output does not matter. */
export async function succeeds(command: string, args: readonly string[], options?: CommandOptions): Promise<boolean> {
  return run(command, args, options).then(
    () => true,
    () => false,
  );
}
