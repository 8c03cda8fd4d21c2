import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { restBase } from '../lib/api/rest/base.ts';
import { refuseMalformed, tellProblem } from '../lib/api/rest/malformed.ts';
import { VirtflowError } from '../lib/model/errors.ts';

/** Opens the web server, which tells who comes before Node-RED is there to wait. @throws PORT_BUSY, OPTION_INVALID */
export async function listen(host: string, port: number): Promise<Server> {
  const server = createServer(notYet);
  refuseMalformed(server);
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return server;
  } catch (error) {
    throw refusal(error, host, port);
  }
}

/** A browser asks again by itself; a program is told by a code. */
function notYet({ url = '' }: IncomingMessage, response: ServerResponse): void {
  if (url.startsWith(restBase)) {
    tellProblem(response, new VirtflowError('STARTING'));
    return;
  }
  response.writeHead(503, { 'retry-after': '1', 'content-type': 'text/html; charset=utf-8', connection: 'close' });
  response.end('<meta http-equiv="refresh" content="1"><p>virtflow starts …</p>\n');
}

/** The address for a browser on this machine. */
export function urlOf(server: Server): string {
  const { address, port, family } = addressOf(server);
  const anywhere = address === '0.0.0.0' || address === '::';
  const host = anywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}/`;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new VirtflowError('INTERNAL', { reason: 'no address' });
  return address;
}

function refusal(error: unknown, host: string, port: number): VirtflowError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return new VirtflowError('PORT_BUSY', { port, host }, { cause: error });
  const reason = error instanceof Error ? error.message : String(error);
  const option = code === 'EACCES' ? '--port' : '--host';
  return new VirtflowError('OPTION_INVALID', { option, reason }, { cause: error });
}
