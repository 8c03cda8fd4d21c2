import type { IncomingMessage, ServerResponse } from 'node:http';
import type { VirtflowError } from '../../model/errors.ts';
import { type Problem, problemOf } from './problem.ts';
import type { Answer } from './route.ts';

const always = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' };

/** Sends an answer; to HEAD all of it but the body. */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const { status, headers = {}, body, text, stream } = answer;
  const isHead = request.method === 'HEAD';
  if (stream) {
    response.writeHead(status, { ...always, ...headers });
    if (isHead) response.end();
    else stream(response);
    return;
  }
  const type = text === undefined && body !== undefined ? { 'content-type': 'application/json; charset=utf-8' } : {};
  const bytes = Buffer.from(text ?? (body === undefined ? '' : JSON.stringify(body)));
  const length = status === 204 ? {} : { 'content-length': String(bytes.length) };
  response.writeHead(status, { ...always, ...type, ...length, ...headers });
  response.end(isHead ? undefined : bytes);
}

/** An error as the answer to a request. The code stands in a header as well, for HEAD has no body. */
export function problemAnswer(error: VirtflowError, base: string): Answer {
  const problem = problemOf(error, base);
  const headers = { 'content-type': 'application/problem+json', 'virtflow-error': problem.code, ...extra(error) };
  return { status: problem.status, headers, text: textOf(problem) };
}

/** Details may be anything that a driver put there. */
function textOf(problem: Problem): string {
  try {
    return JSON.stringify(problem);
  } catch {
    return JSON.stringify({ ...problem, details: {} });
  }
}

function extra({ code, details }: VirtflowError): Record<string, string> {
  switch (code) {
    case 'CREDENTIALS_MISSING':
      return { 'www-authenticate': `${details.takesPassword === true ? 'Basic' : 'Bearer'} realm="virtflow"` };
    case 'TOKEN_INVALID':
      return { 'www-authenticate': 'Bearer realm="virtflow", error="invalid_token"' };
    case 'METHOD_NOT_ALLOWED':
      return { allow: Array.isArray(details.allowed) ? details.allowed.join(', ') : '' };
    case 'LOCKED_OUT':
      return { 'retry-after': String(details.seconds) };
    case 'STARTING':
    case 'REQUESTS_TOO_MANY':
      return { 'retry-after': '1' };
    case 'BODY_TOO_LARGE':
    case 'REQUEST_TIMED_OUT':
      return { connection: 'close' };
    default:
      return {};
  }
}
