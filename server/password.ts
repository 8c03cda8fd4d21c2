import { randomBytes, randomInt, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP's recommendation for scrypt: 128 MiB for each try. */
const cost = { N: 2 ** 17, r: 8, p: 1 } as const;
const keyBytes = 32;
/** Without those that look alike. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A password of four groups of five, 99 bits. */
export function newPassword(): string {
  const sign = () => alphabet[randomInt(alphabet.length)];
  const group = () => Array.from({ length: 5 }, sign).join('');
  return Array.from({ length: 4 }, group).join('-');
}

/** `scrypt$N$r$p$salt$key`, from which the password cannot be had back. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, keyBytes, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), key.toString('base64')].join('$');
}

/** False for a wrong password, and for a hash that is none. */
export async function passwordMatches(password: string, hash: string): Promise<boolean> {
  const [scheme, n, r, p, salt, key] = hash.split('$');
  if (scheme !== 'scrypt' || !salt || !key) return false;
  const expected = Buffer.from(key, 'base64');
  const options = { N: Number(n), r: Number(r), p: Number(p) };
  const given = await derive(password, Buffer.from(salt, 'base64'), expected.length, options);
  return timingSafeEqual(given, expected);
}

function derive(password: string, salt: Buffer, bytes: number, options: ScryptOptions): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  // Node's default memory limit is below what these costs need.
  scrypt(password.normalize('NFKC'), salt, bytes, { ...options, maxmem: 2 ** 28 }, (error, key) => {
    if (error) reject(error);
    else resolve(key);
  });
  return promise;
}
