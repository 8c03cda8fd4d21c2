/// <reference path="./node-red-module.d.ts" />
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { NodeRedRuntime } from 'node-red';
import { VirtflowError } from '../lib/model/errors.ts';

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

function notFound(response: ServerResponse): void {
  response.statusCode = 404;
  response.end('Not found\n');
}
