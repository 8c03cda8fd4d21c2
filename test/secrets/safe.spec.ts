import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Safe, type SafeStore } from '../../lib/secrets/safe.ts';
import { aSafe, aStore, code, KeyInHand } from './fixtures.ts';

const plainly = (change: () => number) => change();

describe('the safe', () => {
  let store: SafeStore;
  let source: KeyInHand;

  beforeEach(() => {
    store = aStore();
    source = new KeyInHand();
  });

  it('gives back what was put in, after a restart too', () => {
    const text = 'ä "quoted" \u0000 \ud83d\ude00';
    aSafe(store, source).put('secret', 'a', text, { setBy: 'ann' });
    assert.equal(aSafe(store, source).get('secret', 'a'), text);
    assert.equal(aSafe(store, source).get('secret', 'b'), undefined);
    assert.deepEqual(aSafe(store, source).list('secret')[0]?.about, { setBy: 'ann' });
  });

  it('keeps nothing that can be read without the key, and never the same twice', () => {
    const safe = aSafe(store, source);
    safe.put('secret', 'a', 'a value that nobody may see');
    safe.put('secret', 'b', 'a value that nobody may see');
    const [a, b] = safe.list('secret').map(({ sealed }) => sealed);
    assert.ok(a && b);
    assert.notEqual(a.text, b.text);
    assert.notEqual(a.nonce, b.nonce);
    const written = JSON.stringify(store.states.list('secret'));
    assert.doesNotMatch(written, /nobody/);
    assert.ok(!written.includes(Buffer.from('nobody may see').toString('base64').slice(0, 12)));
  });

  it('refuses what was changed, or moved to another name, room or key', () => {
    const safe = aSafe(store, source);
    safe.put('secret', 'a', 'value');
    const value = store.states.get('secret', 'a');
    const [{ sealed, about } = { sealed: { key: 0, nonce: '', text: '' }, about: {} }] = safe.list('secret');
    const flipped = Buffer.from(sealed.text, 'base64');
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    const spoilt: unknown[] = [
      { about, sealed: { ...sealed, text: flipped.toString('base64') } },
      { about, sealed: { ...sealed, text: sealed.text.slice(0, 8) } },
      { about, sealed: { ...sealed, text: '' } },
      { about, sealed: { ...sealed, nonce: '' } },
      { about, sealed: { ...sealed, key: 2 } },
      { about },
      'nothing of the kind',
    ];
    for (const one of spoilt) {
      store.states.put('secret', 'b', one);
      assert.throws(() => safe.get('secret', 'b'), code('SECRET_DAMAGED'), JSON.stringify(one));
    }
    store.states.put('secret', 'b', value);
    assert.throws(() => safe.get('secret', 'b'), code('SECRET_DAMAGED'));
    store.states.put('operation-parameters', 'a', value);
    assert.throws(() => safe.get('operation-parameters', 'a'), code('SECRET_DAMAGED'));
    assert.equal(safe.get('secret', 'a'), 'value');
  });

  it('says so when the key is missing or another, and has lost nothing once it is back', () => {
    aSafe(store, source).put('secret', 'a', 'value');
    const { key } = source;
    source.key = undefined;
    assert.throws(() => aSafe(store, source), code('SECRET_KEY_MISSING'));
    source.key = randomBytes(32);
    assert.throws(() => aSafe(store, source), code('SECRET_KEY_WRONG'));
    source.key = key;
    assert.equal(aSafe(store, source).get('secret', 'a'), 'value');
  });

  it('takes whatever key there is while nothing is encrypted', () => {
    aSafe(store, source);
    source.key = randomBytes(32);
    aSafe(store, source).put('secret', 'a', 'value');
    assert.equal(aSafe(store, source).get('secret', 'a'), 'value');
  });

  it('makes a first key where it may', () => {
    source = new KeyInHand(undefined);
    source.key = undefined;
    aSafe(store, source).put('secret', 'a', 'value');
    assert.equal(source.keys().length, 1);
    assert.throws(() => aSafe(aStore(), { name: 'x', keys: () => [] }), code('SECRET_KEY_MISSING'));
  });

  it('encrypts all anew with another key, and a process that runs on finds it', () => {
    const safe = aSafe(store, source);
    const other = aSafe(store, source);
    for (const name of ['a', 'b']) safe.put('secret', name, `value of ${name}`);
    safe.put('operation-parameters', '1', 'definition');
    const before = source.key;
    const texts = safe.list('secret').map(({ sealed }) => sealed.text);
    assert.equal(safe.rotate(plainly), 3);
    assert.ok(before && source.key && !source.key.equals(before));
    assert.deepEqual(
      safe.list('secret').map(({ sealed }) => sealed.key),
      [2, 2],
    );
    assert.ok(safe.list('secret').every(({ sealed }) => !texts.includes(sealed.text)));
    for (const one of [safe, other, aSafe(store, source)]) {
      assert.equal(one.get('secret', 'b'), 'value of b');
      assert.equal(one.get('operation-parameters', '1'), 'definition');
    }
  });

  it('opens everything after a rotation that died before or after it was on disk', () => {
    aSafe(store, source).put('secret', 'a', 'value');
    const dies = () => {
      throw new Error('killed');
    };
    assert.throws(() => aSafe(store, source).rotate(dies), /killed/);
    assert.equal(aSafe(store, source).get('secret', 'a'), 'value');
    const halfWay = (change: () => number) =>
      store.transaction(() => {
        change();
        throw new Error('killed');
      });
    assert.throws(() => aSafe(store, source).rotate(halfWay), /killed/);
    assert.equal(source.keys().length, 2);
    assert.equal(aSafe(store, source).get('secret', 'a'), 'value');
    source.dies = true;
    assert.throws(() => aSafe(store, source).rotate((change) => store.transaction(change)), /killed/);
    source.dies = false;
    assert.equal(source.keys().length, 2);
    assert.equal(aSafe(store, source).get('secret', 'a'), 'value');
    assert.equal(source.keys().length, 1);
  });

  it('rotates nothing when one text is damaged', () => {
    const safe = aSafe(store, source);
    safe.put('secret', 'a', 'value');
    safe.put('secret', 'b', 'value');
    store.states.put('secret', 'b', store.states.get('secret', 'a'));
    const before = JSON.stringify(store.states.list('secret'));
    const rotate = () => safe.rotate((change) => store.transaction(change));
    assert.throws(rotate, code('SECRET_DAMAGED'));
    assert.equal(JSON.stringify(store.states.list('secret')), before);
    assert.equal(aSafe(store, source).get('secret', 'a'), 'value');
  });

  it('is given a new key by people where it cannot put one itself', () => {
    const [old, fresh] = [randomBytes(32), randomBytes(32)];
    const safe = aSafe(store, { name: 'a variable', keys: () => [old] });
    safe.put('secret', 'a', 'value');
    assert.throws(() => safe.rotate(plainly), code('SECRET_KEY_NOT_OURS'));
    safe.rotate(plainly, fresh);
    assert.equal(aSafe(store, { name: 'a variable', keys: () => [fresh] }).get('secret', 'a'), 'value');
    const stale = () => aSafe(store, { name: 'a variable', keys: () => [old] });
    assert.throws(stale, code('SECRET_KEY_WRONG'));
  });

  it('begins anew when it is cleared, for a key that is lost', () => {
    aSafe(store, source).put('secret', 'a', 'value');
    source.key = randomBytes(32);
    assert.throws(() => aSafe(store, source), code('SECRET_KEY_WRONG'));
    assert.equal(new Safe(store, source).clear(), 1);
    aSafe(store, source).put('secret', 'b', 'another');
    assert.equal(aSafe(store, source).get('secret', 'b'), 'another');
  });
});
