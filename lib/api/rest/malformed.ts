import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { VirtflowError } from '../../model/errors.ts';
import { problemAnswer } from './answering.ts';
import { restBase } from './base.ts';

/** Node.js answers what it cannot read as HTTP by itself, without a code; here it is told by one. */
export function refuseMalformed(server: Server): void {
  server.on('clientError', refuse);
  server.on('checkExpectation', (_request, response) =>
    tellProblem(response, unusable('what it expects is not known')),
  );
}

export function tellProblem(response: ServerResponse, error: VirtflowError): void {
  const { status, headers, text } = problemAnswer(error, restBase);
  response.writeHead(status, { ...headers, connection: 'close' });
  response.end(text);
}

/** There is no response object for what is no request. */
function refuse(error: Error, socket: Duplex): void {
  if (!socket.writable || codeOf(error) === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { status, headers = {}, text = '' } = problemAnswer(meaningOf(error), restBase);
  const all = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(text)), connection: 'close' });
  const head = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${text}`);
}

function meaningOf(error: Error): VirtflowError {
  switch (codeOf(error)) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new VirtflowError('REQUEST_TIMED_OUT');
    case 'HPE_HEADER_OVERFLOW':
      return unusable('its headers are too long');
    default:
      return unusable('it is not HTTP as it should be');
  }
}

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined;
}

function unusable(reason: string): VirtflowError {
  return new VirtflowError('REQUEST_INVALID', { reason });
}
