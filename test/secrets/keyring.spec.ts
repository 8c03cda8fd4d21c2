import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keySourceOf } from '../../lib/secrets/key-choice.ts';
import { fromKeyring, removeFromKeyring, toKeyring } from '../../lib/secrets/keyring.ts';
import { revealWith } from '../../lib/secrets/reference.ts';
import { requireLab } from '../lab/availability.ts';
import { type Keyring, startKeyring } from '../lab/keyring.ts';
import { aSafe, aStore, code } from './fixtures.ts';

const ref = (name: string) => `\${${name}}`;

describe("the operating system's keyring", function () {
  this.timeout(60_000);
  const usual = process.env.DBUS_SESSION_BUS_ADDRESS;
  let keyring: Keyring;

  const useBus = (address: string | undefined) => {
    if (address === undefined) delete process.env.DBUS_SESSION_BUS_ADDRESS;
    else process.env.DBUS_SESSION_BUS_ADDRESS = address;
  };

  beforeEach(async function () {
    await requireLab(this, 'keyring');
    keyring = await startKeyring();
    useBus(keyring.env.DBUS_SESSION_BUS_ADDRESS);
  });
  afterEach(async () => {
    useBus(usual);
    await keyring?.stop();
  });

  it('keeps, finds and gives up an entry, whatever is in it', () => {
    const entry = { service: 'virtflow test', account: 'a/b ü' };
    assert.equal(fromKeyring(entry), undefined);
    toKeyring(entry, ' päss"word\n');
    assert.equal(fromKeyring(entry), ' päss"word\n');
    removeFromKeyring(entry);
    removeFromKeyring(entry);
    assert.equal(fromKeyring(entry), undefined);
  });

  it('is understood by a service that has no locale', () => {
    const { LC_ALL, LANG } = process.env;
    process.env.LC_ALL = process.env.LANG = 'C';
    try {
      assert.equal(fromKeyring({ service: 'virtflow', account: 'ü' }), undefined);
    } finally {
      Object.assign(process.env, { LC_ALL: LC_ALL ?? '', LANG: LANG ?? '' });
    }
  });

  it('is where a setting may name its secret', () => {
    const reveal = revealWith({ get: () => '' });
    toKeyring({ service: 'influx', account: 'writer' }, 'of the keyring');
    assert.equal(reveal(ref('keyring:influx/writer')), 'of the keyring');
    assert.throws(() => reveal(ref('keyring:influx/reader')), code('SECRET_UNRESOLVED'));
  });

  it('holds the master key, which is made there and rotated there', () => {
    const directory = mkdtempSync(join(tmpdir(), 'virtflow-keyring-'));
    const store = aStore();
    const source = () => keySourceOf({ VIRTFLOW_KEY_KEYRING: 'virtflow/master' }, directory);
    aSafe(store, source()).put('secret', 'a', 'value');
    const first = fromKeyring({ service: 'virtflow', account: 'master' });
    assert.ok(first);
    aSafe(store, source()).rotate((change) => store.transaction(change));
    assert.notEqual(fromKeyring({ service: 'virtflow', account: 'master' }), first);
    assert.equal(fromKeyring({ service: 'virtflow', account: 'master (next)' }), undefined);
    assert.equal(aSafe(store, source()).get('secret', 'a'), 'value');
    assert.deepEqual(readdirSync(directory), []);
    rmSync(directory, { recursive: true });
  });

  it('says so when nothing answers', async () => {
    await keyring.stop();
    assert.throws(() => fromKeyring({ service: 'a', account: 'b' }), code('SECRET_KEYRING_UNAVAILABLE'));
  });
});
