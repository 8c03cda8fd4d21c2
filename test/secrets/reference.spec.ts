import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtflowError } from '../../lib/model/errors.ts';
import { withoutSecrets } from '../../lib/model/secret-text.ts';
import { type Reveal, revealWith } from '../../lib/secrets/reference.ts';
import { Vault } from '../../lib/secrets/vault.ts';
import { aSafe, aStore, code, KeyInHand } from './fixtures.ts';

const noRecord = { change: <T>(work: () => T) => work() };

const ref = (name: string) => `\${${name}}`;

describe('a secret setting', () => {
  let directory: string;
  let vault: Vault;
  let reveal: Reveal;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'virtflow-reference-'));
    vault = new Vault(aSafe(aStore(), new KeyInHand()), noRecord);
    reveal = revealWith(vault);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is the secret itself, or names it in the vault, the environment or a file', () => {
    vault.set('ann', 'influx.write', 'of the vault');
    process.env.VIRTFLOW_TEST_SECRET = 'of the environment';
    const file = join(directory, 'a {file}');
    writeFileSync(file, 'of the file \n');
    try {
      assert.equal(reveal('plain'), 'plain');
      assert.equal(reveal(''), '');
      assert.equal(reveal(`a ${ref('secret:x')} within`), `a ${ref('secret:x')} within`);
      assert.equal(reveal(ref('secret:influx.write')), 'of the vault');
      assert.equal(reveal(ref('env:VIRTFLOW_TEST_SECRET')), 'of the environment');
      assert.equal(reveal(`\${file:${file}}`), 'of the file ');
    } finally {
      delete process.env.VIRTFLOW_TEST_SECRET;
    }
  });

  it('is refused by name when what it names cannot be had, and by nothing else', () => {
    writeFileSync(join(directory, 'empty'), '\n');
    writeFileSync(join(directory, 'long'), 'x'.repeat(70_000));
    for (const setting of [
      ...[ref('secret:'), ref('env:VIRTFLOW_NOT_SET'), ref('secert:a'), ref('vault:a'), ref('VIRTFLOW_NOT_SET')],
      ...[`\${file:${directory}}`, `\${file:${directory}/none}`, `\${file:${directory}/empty}`],
      ...[`\${file:${directory}/long}`, ref('keyring:no-account')],
    ]) {
      const names = (error: unknown) =>
        error instanceof VirtflowError && error.code === 'SECRET_UNRESOLVED' && error.message.includes(setting);
      assert.throws(() => reveal(setting), names, setting);
    }
    assert.throws(() => reveal(ref('secret:none')), code('SECRET_UNKNOWN'));
  });

  it('is shown by no error from then on, however somebody writes it', () => {
    const secret = 'pa&ss "w\\ord/ü-71c9';
    vault.set('ann', 'a', secret);
    reveal(ref('secret:a'));
    const bytes = Buffer.from(secret);
    for (const written of [
      secret,
      JSON.stringify(secret),
      encodeURIComponent(secret),
      bytes.toString('base64'),
      bytes.toString('hex'),
    ]) {
      const error = new VirtflowError('HYPERVISOR_FAILED', {
        reason: `it said ${written}!`,
        deep: [{ said: written }],
      });
      const shown = `${error.message}${JSON.stringify(error)}`;
      assert.ok(!shown.includes('71c9') && !shown.includes(written), shown);
      assert.match(error.message, /it said "?\*\*\*"?!/);
      assert.equal(withoutSecrets(`log: ${written}`).includes(written), false);
    }
  });
});

describe('the vault', () => {
  it('tells names, when and by whom; never values', () => {
    const told: unknown[] = [];
    const record = {
      change: <T>(work: () => T, ...about: unknown[]) => {
        told.push(about);
        return work();
      },
    };
    const vault = new Vault(aSafe(aStore(), new KeyInHand()), record);
    vault.set('ann', 'b', 'first value');
    vault.set('bob', 'a', 'second value');
    vault.set('bob', 'b', 'third value');
    assert.equal(vault.get('b'), 'third value');
    assert.deepEqual(
      vault.list().map(({ name, setBy, key }) => [name, setBy, key]),
      [
        ['a', 'bob', 1],
        ['b', 'bob', 1],
      ],
    );
    assert.equal(vault.rotateKey('ann'), 2);
    vault.remove('ann', 'a');
    assert.throws(() => vault.remove('ann', 'a'), code('SECRET_UNKNOWN'));
    assert.deepEqual(
      told.map((one) => (Array.isArray(one) ? one.slice(0, 2) : one)),
      [
        ['secret.set', 'ann'],
        ['secret.set', 'bob'],
        ['secret.set', 'bob'],
        ['secret.key-rotated', 'ann'],
        ['secret.removed', 'ann'],
      ],
    );
    assert.doesNotMatch(JSON.stringify([told, vault.list()]), /value/);
  });

  it('refuses names that no reference could have, and values that are none', () => {
    const vault = new Vault(aSafe(aStore(), new KeyInHand()), noRecord);
    for (const name of ['', 'a b', '-a', 'a}', 'ä', 'a'.repeat(65), '../x']) {
      assert.throws(() => vault.set('ann', name, 'value'), code('SECRET_INVALID'), name);
    }
    for (const value of ['', 'x'.repeat(65_537)]) {
      assert.throws(() => vault.set('ann', 'a', value), code('SECRET_INVALID'));
    }
    assert.deepEqual(vault.list(), []);
  });
});
