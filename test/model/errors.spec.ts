import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { catalogue } from '../../lib/model/catalogue.ts';
import { toVirtflowError, VirtflowError } from '../../lib/model/errors.ts';

describe('error catalogue', () => {
  for (const [code, { message, advice }] of Object.entries(catalogue)) {
    it(`has a sentence and advice for ${code}`, () => {
      assert.match(code, /^[A-Z]+(_[A-Z]+)*$/);
      assert.match(message, /\.$/);
      assert.match(advice, /[.}]$/);
    });
  }

  it('has each code in one file alone', async () => {
    const folder = new URL('../../lib/model/catalogue/', import.meta.url);
    const files = await Promise.all(readdirSync(folder).map((file) => import(new URL(file, folder).href)));
    const codes = files.flatMap((file) => Object.values<object>(file)).flatMap(Object.keys);
    assert.deepEqual(codes.sort(), Object.keys(catalogue).sort());
  });

  it('fills the facts into the sentence and keeps them as data', () => {
    const error = new VirtflowError('PORT_BUSY', { host: '127.0.0.1', port: 1880 });
    assert.equal(error.message, 'Port 1880 on 127.0.0.1 is taken.');
    assert.deepEqual(error.toJSON().details, { host: '127.0.0.1', port: 1880 });
  });

  it('ends a sentence once, where the reason is one itself', () => {
    const details = { connection: 'lab', reason: 'The hypervisor at kvm-1 cannot be reached: nobody listens there.' };
    assert.match(new VirtflowError('CONNECTION_DOWN', details).message, /listens there\.$/);
    assert.match(new VirtflowError('CONNECTION_DOWN', details).message, /[^.]\.$/);
  });

  it('gives a code to whatever was thrown', () => {
    assert.equal(toVirtflowError(new TypeError('x is not a function')).code, 'INTERNAL');
    assert.equal(toVirtflowError('just a text').code, 'INTERNAL');
    const known = new VirtflowError('TARGET_MISSING');
    assert.equal(toVirtflowError(known), known);
  });
});
