import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { VirtflowError } from '../model/errors.ts';
import { readPrivateJson, writePrivateFile } from '../store/private-file.ts';

/** What a link is for: one answer of one account to one round of one approval. */
export interface LinkClaim {
  readonly approval: string;
  readonly round: number;
  readonly addressee: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Makes it the only one of its kind. */
  readonly once: string;
}

const purpose = 'virtflow approval link 1';
const longestToken = 1_000;

/**
 * Signs and reads links. Whoever has such a link can answer as its addressee, once: it is a secret until it is used.
 */
export class LinkSigner {
  readonly #key: Buffer;

  /** Makes the key in the data directory at the first start, readable by its owner alone. @throws STORE_* */
  constructor(dataDirectory: string) {
    this.#key = keyIn(join(dataDirectory, 'approval-links.json'));
  }

  sign(claim: Omit<LinkClaim, 'once'>): string {
    const { approval, round, addressee, expiresAt } = claim;
    const once = randomBytes(12).toString('base64url');
    const body = Buffer.from(JSON.stringify([approval, round, addressee, expiresAt, once])).toString('base64url');
    return `${body}.${this.#signature(body).toString('base64url')}`;
  }

  /** @throws APPROVAL_LINK_INVALID */
  read(token: string): LinkClaim {
    const [body = '', signature = '', ...rest] = token.length > longestToken ? [] : token.split('.');
    const given = Buffer.from(signature, 'base64url');
    const due = this.#signature(body);
    const isRight = rest.length === 0 && given.length === due.length && timingSafeEqual(given, due);
    if (!isRight || given.toString('base64url') !== signature) throw new VirtflowError('APPROVAL_LINK_INVALID');
    return claimIn(body);
  }

  #signature(body: string): Buffer {
    return createHmac('sha256', this.#key).update(`${purpose}\n${body}`).digest();
  }
}

/** Only `sign` makes what gets here. */
function claimIn(body: string): LinkClaim {
  const [approval, round, addressee, expiresAt, once] = JSON.parse(Buffer.from(body, 'base64url').toString());
  return { approval, round, addressee, expiresAt, once };
}

function keyIn(path: string): Buffer {
  const kept = readPrivateJson(path);
  if (kept === undefined) {
    const key = randomBytes(32);
    writePrivateFile(path, `${JSON.stringify({ key: key.toString('base64url') })}\n`);
    return key;
  }
  const text = typeof kept === 'object' && kept !== null && 'key' in kept ? kept.key : undefined;
  const key = typeof text === 'string' ? Buffer.from(text, 'base64url') : Buffer.alloc(0);
  if (key.length === 32) return key;
  throw new VirtflowError('STORE_BROKEN', { path, reason: 'it holds no key of 32 bytes' });
}
