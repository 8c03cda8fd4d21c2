import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { mock } from 'node:test';
import { hashPassword, isOutdated, newPassword, passwordMatches } from '../../lib/access/password.ts';
import { digestOf, isDigestOf, newTokenText, readToken, writeToken } from '../../lib/access/token-text.ts';

const cheap = { N: 2 ** 10, r: 8, p: 1 };

/** Counts how often Node's constant-time comparison is asked while something runs. */
async function comparisons(run: () => Promise<unknown> | unknown): Promise<number> {
  const spy = mock.method(crypto, 'timingSafeEqual');
  syncBuiltinESMExports();
  try {
    await run();
    return spy.mock.callCount();
  } finally {
    spy.mock.restore();
    syncBuiltinESMExports();
  }
}

describe('a password', () => {
  it('is kept as scrypt with 128 MiB, salted, and not to be had back', async () => {
    const hash = await hashPassword('open sesame');
    assert.match(hash, /^scrypt\$131072\$8\$1\$/);
    assert.ok(!hash.includes('sesame'));
    assert.equal(isOutdated(hash), false);
    assert.equal(await passwordMatches('open sesame', hash), true);
    assert.equal(await passwordMatches('open sesamE', hash), false);
    assert.notEqual(await hashPassword('x', cheap), await hashPassword('x', cheap));
  });

  it('is the same however its characters were typed', async () => {
    assert.equal(await passwordMatches('caf\u00e9', await hashPassword('cafe\u0301', cheap)), true);
  });

  it('whose hash was made with less is told to be outdated', async () => {
    assert.equal(isOutdated(await hashPassword('x', cheap)), true);
  });

  it('never matches what is no hash, or one that would take all memory', async () => {
    const key = Buffer.alloc(32).toString('base64');
    const long = `scrypt$${2 ** 30}$8$1$AAAA$${key}`;
    for (const hash of ['', 'x', 'scrypt$1024$8$1$AAAA$', `scrypt$0$8$1$A$${key}`, `scrypt$a$8$1$A$${key}`, long]) {
      assert.equal(await passwordMatches('x', hash), false, hash);
      assert.equal(isOutdated(hash), true, hash);
    }
  });

  it('is compared in constant time', async () => {
    const hash = await hashPassword('x', cheap);
    assert.equal(await comparisons(() => passwordMatches('y', hash)), 1);
  });

  it('that we make is 99 bits of chance', () => {
    const made = new Set(Array.from({ length: 1000 }, newPassword));
    assert.equal(made.size, 1000);
    for (const one of made) assert.match(one, /^([a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}$/);
  });
});

describe('the text of a token', () => {
  it('holds 256 random bits and can be read back', () => {
    const text = newTokenText();
    assert.equal(Buffer.from(text.secret, 'base64url').length, 32);
    assert.deepEqual(readToken(writeToken('api', text)), text);
    assert.deepEqual(readToken(writeToken('session', text)), text);
    for (const odd of ['', 'vft_', `${writeToken('api', text)}x`, writeToken('api', text).slice(1), 'vfx_0_0']) {
      assert.equal(readToken(odd), undefined, odd);
    }
  });

  it('is compared by its digest, in constant time', async () => {
    const { secret } = newTokenText();
    const digest = digestOf(secret);
    assert.equal(isDigestOf(digest, secret), true);
    assert.equal(isDigestOf(digest, `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`), false);
    assert.equal(isDigestOf('', secret), false);
    assert.equal(await comparisons(() => isDigestOf(digest, secret)), 1);
  });
});
