import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OwnedProcess } from '../lab/process.ts';
import { ownDirectory } from '../lab/runs.ts';
import type { Answer, Request } from './processes/node-red-protocol.ts';

const program = join(import.meta.dirname, 'processes/node-red.ts');
let count = 0;

/** An embedded Node-RED in a process of its own. */
export class NodeRedProcess {
  readonly url: string;
  readonly #process: OwnedProcess;

  private constructor(process: OwnedProcess, url: string) {
    this.#process = process;
    this.url = url;
  }

  /** Starts it with the nodes of a built package, or as plain Node-RED. */
  static async start(packagePath?: string): Promise<NodeRedProcess> {
    count += 1;
    const directory = await ownDirectory(`bench-node-red-${count}`);
    await mkdir(join(directory, 'node-red'));
    const args = [program, directory, ...(packagePath === undefined ? [] : [packagePath])];
    const child = new OwnedProcess(process.execPath, args);
    return new NodeRedProcess(child, await child.line('ready'));
  }

  async ask(request: Request): Promise<Answer> {
    const answered = this.#process.line('answer');
    this.#process.child.stdin.write(`${JSON.stringify(request)}\n`);
    const answer: Answer = JSON.parse(await answered);
    if (answer.error !== undefined) throw new Error(`Node-RED ${request.type}: ${answer.error}`);
    return answer;
  }

  stop(): Promise<void> {
    this.#process.child.stdin.end();
    return this.#process.ended();
  }
}
