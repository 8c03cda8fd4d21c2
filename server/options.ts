import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { VirtflowError } from '../lib/model/errors.ts';
import { type AccessWords, accessOptions } from './access/words.ts';

export const commands = [
  'start',
  'password',
  'mqtt',
  'history',
  'user',
  'service',
  'role',
  'token',
  'audit',
  'secret',
  'governor',
] as const;
/** Those that say more after the command. */
const wordy: ReadonlySet<string> = new Set(['user', 'service', 'role', 'token', 'audit', 'secret', 'governor']);
export type CommandName = (typeof commands)[number];

export type Invocation =
  | { readonly command: 'help' }
  | { readonly command: 'version' }
  | { readonly command: CommandName; readonly options: ServerOptions };

export interface ServerOptions {
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  readonly dataDirectory: string;
  readonly verbose: boolean;
  /** Print for programs. */
  readonly json: boolean;
  readonly access: AccessWords;
}

/** Reads the command line. @throws OPTION_INVALID */
export function parseInvocation(args: readonly string[]): Invocation {
  const { values, positionals } = parse(args);
  if (values.help) return { command: 'help' };
  if (values.version) return { command: 'version' };
  const [command = 'start', ...others] = positionals;
  if (!isCommand(command)) throw invalid(command, `there is no such command; there are ${commands.join(', ')}`);
  const { host, port, 'data-dir': directory, verbose, json, help: _help, version: _version, ...options } = values;
  const access = { ...options, words: others };
  if (!wordy.has(command)) refuseWords(command, access);
  return {
    command,
    options: {
      host: parseHost(host ?? '127.0.0.1'),
      port: parsePort(port ?? '1880'),
      dataDirectory: resolve(parseDirectory(directory)),
      verbose: verbose ?? false,
      json: json ?? false,
      access,
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        host: { type: 'string' },
        port: { type: 'string' },
        'data-dir': { type: 'string' },
        verbose: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
        ...accessOptions,
      },
    });
  } catch (error) {
    throw refused(args, error);
  }
}

/** An option that would do nothing is refused. `password` may name a user. */
function refuseWords(command: CommandName, { words, ...options }: AccessWords): void {
  const odd = words[command === 'password' ? 1 : 0];
  if (odd !== undefined) throw invalid(odd, 'nothing is expected there');
  const [option] = Object.keys(options);
  if (option !== undefined) throw invalid(`--${option}`, `"virtflow ${command}" has none such`);
}

/** Node's own sentences name the option in quotes, and go on with advice that is not about us. */
function refused(args: readonly string[], error: unknown): VirtflowError {
  const text = error instanceof Error ? error.message : String(error);
  const option = /'(-[^' ]*)/.exec(text)?.[1] ?? args.join(' ');
  return invalid(option, /unknown option/i.test(text) ? 'there is none such' : (text.split(/[.\n]/)[0] ?? text));
}

function parseHost(text: string): string {
  if (/^[\p{L}\p{N}.:_-]+$/u.test(text)) return text;
  throw invalid('--host', `"${text}" is not an address`);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw invalid('--port', `"${text}" is not a number from 0 to 65535`);
}

function parseDirectory(text: string | undefined): string {
  if (text === undefined) return defaultDataDirectory();
  if (text !== '') return text;
  throw invalid('--data-dir', 'it is empty');
}

/** Where flows and state are kept when nobody says. @throws OPTION_INVALID for a user without a home */
export function defaultDataDirectory(): string {
  const { XDG_DATA_HOME: shared } = process.env;
  if (shared && isAbsolute(shared)) return join(shared, 'virtflow');
  return join(home(), '.local', 'share', 'virtflow');
}

function home(): string {
  try {
    const directory = homedir();
    if (isAbsolute(directory)) return directory;
  } catch {
    // Told below: a user without a home has no default place either.
  }
  throw invalid('--data-dir', 'it is needed, for this user has no home directory');
}

function isCommand(text: string): text is CommandName {
  return commands.some((command) => command === text);
}

function invalid(option: string, reason: string): VirtflowError {
  return new VirtflowError('OPTION_INVALID', { option, reason });
}
