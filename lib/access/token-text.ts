import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A token in the hands of its owner: a public part that finds it, and a secret one of 256 bits. */
export interface TokenText {
  readonly id: string;
  readonly secret: string;
}

const secretBytes = 32;
const letters = { session: 's', api: 't' } as const;

export function newTokenText(): TokenText {
  return { id: randomBytes(8).toString('hex'), secret: randomBytes(secretBytes).toString('base64url') };
}

/** `vft_<id>_<secret>`, or `vfs_…` for a session: the prefix lets secret scanners find one that was left somewhere. */
export function writeToken(kind: 'session' | 'api', { id, secret }: TokenText): string {
  return `vf${letters[kind]}_${id}_${secret}`;
}

export function readToken(text: string): TokenText | undefined {
  const [, id, secret] = /^vf[st]_([0-9a-f]{16})_([\w-]{43})$/.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** Of 256 random bits a plain hash is enough: there is nothing to guess. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** In a time that does not tell how much was right. */
export function isDigestOf(digest: string, secret: string): boolean {
  const [kept, given] = [Buffer.from(digest, 'hex'), Buffer.from(digestOf(secret), 'hex')];
  return kept.length === given.length && timingSafeEqual(kept, given);
}
