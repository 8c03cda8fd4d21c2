import assert from 'node:assert/strict';
import { Planted } from './planted.ts';

describe('the search for planted secrets', () => {
  const planted = new Planted();
  const secret = planted.plant('it');
  const bytes = Buffer.from(secret);

  for (const [form, text] of Object.entries({
    raw: `before ${secret} after`,
    'in a URL': `http://host/?p=${encodeURIComponent(secret)}&x`,
    'in JSON': JSON.stringify({ deep: [{ secret }] }),
    'in JSON in JSON': JSON.stringify({ text: JSON.stringify({ secret }) }),
    'in XML': `<a p='${secret.replaceAll('&', '&amp;').replaceAll("'", '&apos;')}'/>`,
    'in base64': bytes.toString('base64'),
    'in base64url': bytes.toString('base64url'),
    'in a header, after one letter': Buffer.from(`u:${secret}`).toString('base64'),
    'in a header, after two letters': Buffer.from(`us:${secret}:more`).toString('base64'),
    'in a header, after three letters': Buffer.from(`use:${secret}`).toString('base64'),
    'in hex': bytes.toString('hex'),
    'cut off at its end': secret.slice(0, 12),
    'cut off at its begin': secret.slice(-12),
  })) {
    it(`finds one ${form}`, () => {
      assert.deepEqual(planted.leaks([{ channel: 'a log', what: 'a line', bytes: Buffer.from(text) }]), [
        'a log: it in a line',
      ]);
    });
  }

  it('finds none where there is none', () => {
    for (const text of ['', 'nothing', secret.slice(0, 5), new Planted().plant('another')]) {
      assert.deepEqual(planted.in(Buffer.from(text)), []);
    }
  });
});
