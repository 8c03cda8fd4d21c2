import { randomBytes, randomInt, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's recommendation for scrypt: 128 MiB for each try. */
const currentCost: Cost = { N: 2 ** 17, r: 8, p: 1 };
const keyBytes = 32;
const saltBytes = 16;
/** A hash that asks for more was not made by us, and must not take all memory. */
const memoryLimitBytes = 2 ** 28;
/** Without those that look alike. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A password of four groups of five, 99 bits. */
export function newPassword(): string {
  const sign = () => alphabet[randomInt(alphabet.length)];
  const group = () => Array.from({ length: 5 }, sign).join('');
  return Array.from({ length: 4 }, group).join('-');
}

/**
 * `scrypt$N$r$p$salt$key`, from which the password cannot be had back (RFC 7914). Not Argon2: Node 22 has none, and
 * whoever goes back to it could not log in any more.
 */
export async function hashPassword(password: string, cost: Cost = currentCost): Promise<string> {
  const salt = randomBytes(saltBytes);
  const key = await derive(password, salt, keyBytes, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), key.toString('base64')].join('$');
}

/** False for a wrong password, and for a hash that is none; the time it takes does not tell how much was right. */
export async function passwordMatches(password: string, hash: string): Promise<boolean> {
  const parsed = parse(hash);
  if (!parsed) return false;
  const given = await derive(password, parsed.salt, parsed.key.length, parsed.cost);
  return timingSafeEqual(given, parsed.key);
}

/** Whether a hash was made with less than is asked for today. */
export function isOutdated(hash: string): boolean {
  const cost = parse(hash)?.cost;
  return !cost || cost.N < currentCost.N || cost.r < currentCost.r || cost.p < currentCost.p;
}

function parse(hash: string): { cost: Cost; salt: Buffer; key: Buffer } | undefined {
  const [scheme, n, r, p, saltText = '', keyText = ''] = hash.split('$');
  const cost = { N: Number(n), r: Number(r), p: Number(p) };
  const key = Buffer.from(keyText, 'base64');
  if (scheme !== 'scrypt' || key.length !== keyBytes || !isUsable(cost)) return undefined;
  return { cost, key, salt: Buffer.from(saltText, 'base64') };
}

function isUsable({ N, r, p }: Cost): boolean {
  const isPower = Number.isInteger(Math.log2(N)) && N > 1;
  return isPower && Number.isInteger(r) && r > 0 && Number.isInteger(p) && p > 0 && 128 * N * r * p < memoryLimitBytes;
}

function derive(password: string, salt: Buffer, bytes: number, options: ScryptOptions): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  // Node's default memory limit is below what these costs need.
  scrypt(password.normalize('NFKC'), salt, bytes, { ...options, maxmem: memoryLimitBytes }, (error, key) => {
    if (error) reject(error);
    else resolve(key);
  });
  return promise;
}
