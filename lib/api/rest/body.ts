import type { IncomingMessage } from 'node:http';
import { VirtflowError } from '../../model/errors.ts';

/** A definition of a VM is the longest that anybody sends. */
export const bodyLimitBytes = 1_048_576;
const readWithinMs = 10_000;
const deepest = 64;

/**
 * Reads the JSON body of a request; undefined when it has none.
 * @throws REQUEST_INVALID, CONTENT_TYPE_UNSUPPORTED, BODY_TOO_LARGE, REQUEST_TIMED_OUT
 */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const { headers } = request;
  if (Number(headers['content-length'] ?? 0) === 0 && headers['transfer-encoding'] === undefined) return undefined;
  if (Number(headers['content-length']) > bodyLimitBytes) throw tooLarge();
  // First, for what is of another type somebody before us may have read already.
  checkType(request);
  const body = parse(await readAll(request));
  checkDepth(body);
  return body;
}

/** What somebody else has read already must be as we would have read it. @throws REQUEST_INVALID */
export function checkDepth(body: unknown): void {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) throw invalid(`its body is nested more than ${deepest} times`);
    level = level.flatMap((part) => (typeof part === 'object' && part !== null ? Object.values(part) : []));
  }
}

function checkType({ headers }: IncomingMessage): void {
  const type = headers['content-type'] ?? '';
  const isJson = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type);
  const { 'content-encoding': encoding = 'identity' } = headers;
  if (isJson && encoding === 'identity') return;
  throw new VirtflowError('CONTENT_TYPE_UNSUPPORTED', { type: isJson ? encoding : type.slice(0, 100) || 'nothing' });
}

function readAll(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let length = 0;
  const timer = setTimeout(() => reject(new VirtflowError('REQUEST_TIMED_OUT')), readWithinMs);
  const take = (chunk: Buffer) => {
    length += chunk.length;
    if (length > bodyLimitBytes) reject(tooLarge());
    else chunks.push(chunk);
  };
  const ended = () => resolve(Buffer.concat(chunks));
  const broken = () => reject(invalid('its body broke off'));
  request.on('data', take).once('end', ended).once('error', broken).once('close', broken);
  return promise.finally(() => {
    clearTimeout(timer);
    request.off('data', take).off('end', ended).off('close', broken);
    // What comes after is read away: an answer is heard only by who has said all.
    request.resume();
  });
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalid('its body is not JSON in UTF-8');
  }
}

function tooLarge(): VirtflowError {
  return new VirtflowError('BODY_TOO_LARGE', { limit: bodyLimitBytes });
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('REQUEST_INVALID', { reason });
}
