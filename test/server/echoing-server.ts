import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that refuses everybody, and repeats in its answer whatever it was told, as badly written ones do. */
export class EchoingServer {
  readonly url: string;
  /** The passwords that came. */
  readonly passwords = new Set<string>();
  readonly #server;
  readonly #waiting = new Set<() => void>();

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      request.resume();
      const said = credentials(request);
      this.passwords.add(said.slice(said.indexOf(':') + 1));
      for (const look of [...this.#waiting]) look();
      response.writeHead(401, { 'content-type': 'application/json' });
      const error = `unauthorized: ${said}, ${request.headers.authorization ?? ''}, ${request.url ?? ''}`;
      response.end(JSON.stringify({ error }));
    });
  }

  static async start(): Promise<EchoingServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new EchoingServer(server);
  }

  /** Resolves once somebody came with this password. */
  async told(password: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => this.passwords.has(password) && resolve();
    this.#waiting.add(look);
    look();
    return promise.finally(() => this.#waiting.delete(look));
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function credentials({ headers, url }: IncomingMessage): string {
  const basic = /^Basic (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (basic !== undefined) return Buffer.from(basic, 'base64').toString();
  const { searchParams } = new URL(url ?? '/', 'http://x');
  return `${searchParams.get('u')}:${searchParams.get('p')}`;
}
