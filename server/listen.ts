import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { problemAnswer } from '../lib/api/rest/answering.ts';
import { restBase } from '../lib/api/rest/rest-api.ts';
import { VirtflowError } from '../lib/model/errors.ts';

/** Opens the web server, which tells who comes before Node-RED is there to wait. @throws PORT_BUSY, OPTION_INVALID */
export async function listen(host: string, port: number): Promise<Server> {
  const server = createServer(notYet);
  server.on('clientError', refuseMalformed);
  server.on('checkExpectation', (_request, response) =>
    tellProblem(response, unusable('what it expects is not known')),
  );
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

function tellProblem(response: ServerResponse, error: VirtflowError): void {
  const { status, headers, text } = problemAnswer(error, restBase);
  response.writeHead(status, { ...headers, connection: 'close' });
  response.end(text);
}

/** What is no HTTP has no response object to be answered with. */
function refuseMalformed(error: Error, socket: Duplex): void {
  if (!socket.writable || ('code' in error && error.code === 'ECONNRESET')) {
    socket.destroy();
    return;
  }
  const late = 'code' in error && error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const answer = late ? new VirtflowError('REQUEST_TIMED_OUT') : unusable('it is not HTTP as it should be');
  const { status, headers = {}, text = '' } = problemAnswer(answer, restBase);
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(text)), connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${text}`);
}

function unusable(reason: string): VirtflowError {
  return new VirtflowError('REQUEST_INVALID', { reason });
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
