import { VirtflowError } from '../model/errors.ts';
import { keyBytes } from './cipher.ts';

/** Reads a key: 32 bytes as base64, base64url or hexadecimal digits. @throws SECRET_KEY_INVALID */
export function readKey(text: string, source: string): Buffer {
  const written = text.trim();
  const key = /^[0-9a-f]{64}$/i.test(written) ? Buffer.from(written, 'hex') : Buffer.from(written, 'base64');
  if (/^[\w+/=-]*$/.test(written) && key.length === keyBytes) return key;
  const reason = `it is not ${keyBytes} bytes in base64 or in hexadecimal digits`;
  throw new VirtflowError('SECRET_KEY_INVALID', { source, reason });
}

export function writeKey(key: Buffer): string {
  return key.toString('base64');
}
