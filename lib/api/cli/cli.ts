import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { AnyAction } from '../../actions/action.ts';
import { VirtflowError } from '../../model/errors.ts';
import type { Command } from './command.ts';
import { actionCommand } from './commands/action.ts';
import { alertCommands } from './commands/alerts.ts';
import { approvalCommands } from './commands/approvals.ts';
import { calendarCommands } from './commands/calendar.ts';
import { inventoryCommands } from './commands/inventory.ts';
import { metricCommands } from './commands/metrics.ts';
import { operationCommands } from './commands/operations.ts';
import { ruleCommands } from './commands/rules.ts';
import { scheduleCommands } from './commands/schedules.ts';
import { watchCommands } from './commands/watch.ts';
import { completion, shells } from './completion.ts';
import type { Options } from './options.ts';
import { RestClient, type Server } from './rest-client.ts';
import type { Terminal } from './terminal.ts';

/** Where to find a virtflow, as the command line says; what it does not say is for whoever connects to know. */
export interface Place {
  readonly url: string | undefined;
  readonly tokenFile: string | undefined;
  readonly dataDirectory: string | undefined;
  readonly user: string | undefined;
}

/** Runs a task on a virtflow. @throws NOT_RUNNING, CREDENTIALS_MISSING, OPTION_INVALID */
export type Connect = (place: Place, task: (server: Server) => Promise<number>) => Promise<number>;

export const placeOptions = {
  url: { type: 'string', value: 'address', says: 'Another virtflow; with the API token in VIRTFLOW_TOKEN.' },
  'token-file': { type: 'string', value: 'file', says: 'The API token, in place of VIRTFLOW_TOKEN.' },
  'data-dir': { type: 'string', value: 'path', says: 'The virtflow on this machine whose data are there.' },
  as: { type: 'string', value: 'user', says: 'On this machine: with the rights of this user; admin unless told.' },
  json: { type: 'boolean', says: 'Print for programs.' },
  help: { type: 'boolean', short: 'h', says: 'What it takes.' },
} as const satisfies Options;

/** The commands that ask a running virtflow: every action, what exists, what is done. */
export class Cli {
  readonly #commands: readonly Command[];
  readonly #connect: Connect;
  readonly #terminal: Terminal;
  /** Commands that somebody else does. */
  readonly #others: readonly string[];

  constructor(actions: readonly AnyAction[], connect: Connect, terminal: Terminal, others: readonly string[]) {
    this.#commands = [
      ...actions.map(actionCommand),
      ...operationCommands,
      ...approvalCommands,
      ...calendarCommands,
      ...scheduleCommands,
      ...inventoryCommands,
      ...ruleCommands,
      ...alertCommands,
      ...metricCommands,
      ...watchCommands,
    ];
    this.#connect = connect;
    this.#terminal = terminal;
    this.#others = others;
  }

  /** A line for each command. */
  get help(): string {
    const lines = this.#commands.map(({ name, words, says }) => `  virtflow ${`${name} ${words}`.padEnd(34)} ${says}`);
    return `${lines.join('\n')}\n  virtflow ${`completion ${shells.join('|')}`.padEnd(34)} What a shell needs to complete all this.`;
  }

  /** Whether a command line is for it. */
  takes(args: readonly string[]): boolean {
    const [first = ''] = args;
    const isKind = this.#commands.some(({ name }) => name.startsWith(`${first} `));
    return first === 'completion' || isKind || this.#find(args) !== undefined;
  }

  /** Does what the command line says; answers the exit code. @throws OPTION_INVALID, and what the server refuses with */
  async run(args: readonly string[], signal: AbortSignal): Promise<number> {
    if (args[0] === 'completion') return this.#complete(args.slice(1));
    const found = this.#find(args);
    if (!found) throw this.#unknownVerb(args);
    const { command, rest } = found;
    const options: Options = { ...command.options, ...placeOptions };
    const { values, positionals: words } = parsed(rest, options);
    if (values.help === true) return this.#explain(command);
    const place = {
      url: textOf(values.url),
      tokenFile: textOf(values['token-file']),
      dataDirectory: textOf(values['data-dir']),
      user: textOf(values.as),
    };
    const call = { terminal: this.#terminal, words, values, json: values.json === true, signal };
    if ('runHere' in command) return command.runHere(call);
    return this.#connect(place, (server) => command.run({ ...call, client: new RestClient(server) }));
  }

  /** `vm start web-01`, `vm.start web-01`, `cancel …` */
  #find(args: readonly string[]): { command: Command; rest: readonly string[] } | undefined {
    const [first = '', second = ''] = args;
    const named = (name: string) => this.#commands.find((command) => command.name === name);
    const pair = named(`${first} ${second}`);
    if (pair) return { command: pair, rest: args.slice(2) };
    const single = named(first.replace('.', ' '));
    return single && { command: single, rest: args.slice(1) };
  }

  #unknownVerb([kind = '', verb = '']: readonly string[]): VirtflowError {
    const verbs = this.#commands
      .filter(({ name }) => name.startsWith(`${kind} `))
      .map(({ name }) => name.split(' ')[1]);
    return new VirtflowError('OPTION_INVALID', {
      option: verb || '<verb>',
      reason: `"virtflow ${kind}" knows ${verbs.join(', ')}`,
    });
  }

  #complete([shell]: readonly string[]): number {
    const known = shells.find((one) => one === shell);
    if (!known)
      throw new VirtflowError('OPTION_INVALID', {
        option: shell ?? '<shell>',
        reason: `there are ${shells.join(', ')}`,
      });
    this.#terminal.print(completion(known, this.#commands, [...this.#others, 'completion']));
    return 0;
  }

  #explain({ name, words, says, options }: Command): number {
    const all: Options = { ...options, ...placeOptions };
    const lines = Object.entries(all).map(([option, { value, says: about }]) => {
      return `  ${`--${option}${value === undefined ? '' : ` <${value}>`}`.padEnd(34)} ${about}`;
    });
    this.#terminal.print(`virtflow ${name} ${words}\n\n${says}\n\n${lines.join('\n')}`);
    return 0;
  }
}

function parsed(args: readonly string[], options: Options) {
  const config: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries(options).map(([name, { type, short, multiple = false }]) => [
      name,
      { type, multiple, ...(short && { short }) },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options: config, allowPositionals: true });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const option = /'(-[^' ]*)/.exec(text)?.[1] ?? args.join(' ');
    const reason = /unknown option/i.test(text) ? 'there is none such' : (text.split(/[.\n]/)[0] ?? text);
    throw new VirtflowError('OPTION_INVALID', { option, reason }, { cause: error });
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
