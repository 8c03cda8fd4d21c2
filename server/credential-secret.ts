import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { VirtflowError } from '../lib/model/errors.ts';
import { learnSecret } from '../lib/model/secret-text.ts';
import { readPrivateJson, writePrivateFile } from '../lib/store/private-file.ts';

/**
 * The key that passwords in flows are encrypted with, made at the first start.
 * @throws STORE_BROKEN when it is lost while something is still encrypted with it
 */
export function credentialSecret(dataDirectory: string, credentialFile: string): string {
  const path = join(dataDirectory, 'credential-secret.json');
  const value = readPrivateJson(path);
  if (typeof value === 'string' && value !== '') {
    learnSecret(value);
    return value;
  }
  if (value !== undefined || existsSync(credentialFile)) {
    const reason = `it holds no key, and ${credentialFile} was encrypted with it`;
    throw new VirtflowError('STORE_BROKEN', { path, reason });
  }
  const secret = randomBytes(32).toString('base64url');
  learnSecret(secret);
  writePrivateFile(path, `${JSON.stringify(secret)}\n`);
  return secret;
}
