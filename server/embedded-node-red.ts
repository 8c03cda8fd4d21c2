/// <reference path="./node-red-module.d.ts" />
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { DeployOptions, NodeRedRuntime } from 'node-red';
import { toVirtflowError, VirtflowError } from '../lib/model/errors.ts';
import { withFlow } from './access/deploy-guard.ts';
import { entriesOf } from './access/run-as.ts';

/** What answers beside Node-RED on its web server. */
export interface WebPages {
  isFor(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** A Node-RED of our own, on a web server that is open already. */
export class EmbeddedNodeRed {
  readonly #server: Server;
  readonly #runtime: NodeRedRuntime;

  private constructor(server: Server, runtime: NodeRedRuntime) {
    this.#server = server;
    this.#runtime = runtime;
  }

  /** Loads Node-RED. @throws NODE_RED_MISSING */
  static async load(server: Server): Promise<EmbeddedNodeRed> {
    const { default: runtime } = await import('node-red').catch((error: unknown) => {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      throw new VirtflowError('NODE_RED_MISSING', { reason }, { cause: error });
    });
    return new EmbeddedNodeRed(server, runtime);
  }

  get log() {
    return this.#runtime.log;
  }

  init(settings: object): void {
    this.#runtime.init(this.#server, settings);
  }

  /**
   * Has each deploy asked for first. In `saveFlows` of a storage module, where a refusal would look as good, Node-RED has
   * saved the credentials already and forgotten those of nodes that the refused flows do not have.
   * @param check throws what the editor is told
   */
  guardDeploys(check: (user: unknown, before: unknown, after: unknown) => Promise<void>): void {
    const { flows } = this.#runtime.runtime;
    const [set, add, update] = [flows.setFlows, flows.addFlow, flows.updateFlow];
    const current = async () => entriesOf((await flows.getFlows({})).flows);
    const one = async ({ user, id, flow }: DeployOptions) => {
      const before = await current();
      await refusable(check(user, before, withFlow(before, id, flow)));
    };
    Object.assign(flows, {
      setFlows: async (options: DeployOptions) => {
        const { user, flows: given, deploymentType } = options;
        if (deploymentType !== 'reload') await refusable(check(user, await current(), flowsIn(given)));
        return set(options);
      },
      addFlow: async (options: DeployOptions) => {
        await one(options);
        return add(options);
      },
      updateFlow: async (options: DeployOptions) => {
        await one(options);
        return update(options);
      },
    });
  }

  /**
   * Runs the flows and serves the editor.
   * @param pages each takes what is for it, before Node-RED's own parsers do
   */
  async start(pages: readonly WebPages[]): Promise<void> {
    const runtime = this.#runtime;
    await runtime.start();
    // Until now, whoever came was told to wait.
    this.#server.removeAllListeners('request');
    this.#server.on('request', (request, response) => {
      const page = pages.find((one) => one.isFor(request));
      if (page) page.handle(request, response);
      else runtime.httpAdmin(request, response, () => runtime.httpNode(request, response, () => notFound(response)));
    });
  }

  /** Stops the flows and closes every connection of a browser. */
  async stop(): Promise<void> {
    this.#server.close();
    await this.#runtime.stop();
    this.#server.closeAllConnections();
  }
}

function flowsIn(given: unknown): unknown {
  return typeof given === 'object' && given !== null && 'flows' in given ? given.flows : given;
}

/** Node-RED answers with the status and the message that an error carries. */
async function refusable(check: Promise<void>): Promise<void> {
  try {
    await check;
  } catch (thrown) {
    const { code, message, advice } = toVirtflowError(thrown);
    throw Object.assign(new Error(`${message} ${advice}`), { code, status: 403 });
  }
}

function notFound(response: ServerResponse): void {
  response.statusCode = 404;
  response.end('Not found\n');
}
