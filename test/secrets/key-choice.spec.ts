import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KeyEnvironment, keySourceOf, takeKeyEnvironment } from '../../lib/secrets/key-choice.ts';
import { writeKey } from '../../lib/secrets/key-text.ts';
import { aSafe, aStore, code } from './fixtures.ts';

describe('the master key', () => {
  let directory: string;
  const keysIn = (env: KeyEnvironment) => keySourceOf(env, directory).keys();

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'virtflow-key-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function keyAt(name: string, mode = 0o600): { path: string; key: Buffer } {
    const [path, key] = [join(directory, name), randomBytes(32)];
    writeFileSync(path, `${writeKey(key)}\n`, { mode });
    return { path, key };
  }

  it('is made in a file of the data directory that its owner alone reads, and found again', () => {
    const store = aStore();
    aSafe(store, keySourceOf({}, directory)).put('secret', 'a', 'value');
    assert.deepEqual(readdirSync(directory), ['secrets.key']);
    assert.equal(statSync(join(directory, 'secrets.key')).mode & 0o777, 0o600);
    const safe = aSafe(store, keySourceOf({}, directory));
    assert.equal(safe.get('secret', 'a'), 'value');
    safe.rotate((change) => store.transaction(change));
    assert.deepEqual(readdirSync(directory), ['secrets.key']);
    assert.equal(statSync(join(directory, 'secrets.key')).mode & 0o777, 0o600);
    assert.equal(aSafe(store, keySourceOf({}, directory)).get('secret', 'a'), 'value');
  });

  it('is refused when others may read its own file', () => {
    const { path } = keyAt('secrets.key');
    chmodSync(path, 0o640);
    assert.throws(() => keysIn({}), code('SECRET_KEY_INVALID'));
  });

  it('comes from a file, a variable or a credential of the unit, in this order', () => {
    const file = keyAt('mounted', 0o444);
    const own = keyAt('secrets.key');
    const unit = keyAt('virtflow-key', 0o400);
    const inVariable = randomBytes(32);
    assert.deepEqual(keysIn({ VIRTFLOW_KEY_FILE: file.path }), [file.key]);
    assert.deepEqual(keysIn({ VIRTFLOW_KEY: inVariable.toString('hex') }), [inVariable]);
    assert.deepEqual(keysIn({ VIRTFLOW_KEY: inVariable.toString('base64url') }), [inVariable]);
    assert.deepEqual(keysIn({ CREDENTIALS_DIRECTORY: directory }), [unit.key]);
    assert.deepEqual(keysIn({ CREDENTIALS_DIRECTORY: join(directory, 'none') }), [own.key]);
    assert.deepEqual(keysIn({ CREDENTIALS_DIRECTORY: directory, VIRTFLOW_KEY_FILE: file.path }), [file.key]);
  });

  it('is refused when two are named, or when it is none', () => {
    const path = join(directory, 'short');
    writeFileSync(path, 'too short');
    const both = { VIRTFLOW_KEY: 'a', VIRTFLOW_KEY_FILE: path };
    for (const env of [both, { VIRTFLOW_KEY: 'a' }, { VIRTFLOW_KEY_FILE: path }, { VIRTFLOW_KEY_FILE: directory }]) {
      assert.throws(() => keysIn(env), code('SECRET_KEY_INVALID'), JSON.stringify(env));
    }
    const missing = () => aSafe(aStore(), keySourceOf({ VIRTFLOW_KEY_FILE: join(directory, 'none') }, directory));
    assert.throws(missing, code('SECRET_KEY_MISSING'));
    assert.throws(() => keysIn({ VIRTFLOW_KEY_KEYRING: 'no account' }), code('SECRET_KEY_INVALID'));
  });

  it('is taken out of the environment, for flows and what they start can read that', () => {
    const env: NodeJS.ProcessEnv = { VIRTFLOW_KEY: 'something', PATH: '/bin' };
    assert.equal(takeKeyEnvironment(env).VIRTFLOW_KEY, 'something');
    assert.deepEqual(env, { PATH: '/bin' });
    assert.equal(takeKeyEnvironment(env).VIRTFLOW_KEY, 'something');
  });
});
