import { allActions } from '../../../lib/actions/registry.ts';
import { Cli } from '../../../lib/api/cli/cli.ts';
import type { Terminal } from '../../../lib/api/cli/terminal.ts';
import { RestHouse } from '../rest/house.ts';

/** What a command printed and told, and how it ended. */
export interface Said {
  readonly code: number;
  readonly printed: string;
  readonly told: string;
}

/** The command line, on a virtflow that a test holds in its hand. */
export class CliHouse {
  readonly rest: RestHouse;

  private constructor(rest: RestHouse) {
    this.rest = rest;
  }

  static async open(): Promise<CliHouse> {
    return new CliHouse(await RestHouse.open());
  }

  get operations() {
    return this.rest.platform.operations;
  }

  /** @throws what the command line or the server refuses */
  async run(...args: string[]): Promise<Said> {
    return this.as(this.rest.admin, args);
  }

  async as(
    token: string,
    args: readonly string[],
    signal = new AbortController().signal,
    rewrites = false,
  ): Promise<Said> {
    const [printed, told]: [string[], string[]] = [[], []];
    const terminal: Terminal = {
      print: (text) => printed.push(text),
      tell: (text) => told.push(text),
      rewrite: rewrites ? (text) => told.push(text) : undefined,
      columns: 100,
    };
    const url = `http://127.0.0.1:${this.rest.port}/`;
    const cli = new Cli(allActions, (_place, task) => task({ url, token }), terminal, ['start']);
    const code = await cli.run(args, signal);
    return { code, printed: printed.join('\n'), told: told.join('\n') };
  }

  close(): Promise<void> {
    return this.rest.close();
  }
}
