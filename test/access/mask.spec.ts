import assert from 'node:assert/strict';
import { masked } from '../../lib/access/audit/mask.ts';
import { newTokenText, writeToken } from '../../lib/access/token-text.ts';
import { seeded } from '../seeded.ts';

const secret = 'Tr0ub4dor-and-3';

describe('masking', () => {
  it('leaves plain facts as they are', () => {
    const facts = { vm: 'web-1', seconds: 60, list: [1, null, true], says: 'It waits for vm.start of web-1.' };
    assert.deepEqual(masked(facts), facts);
    assert.deepEqual(masked({ hasPassword: true, passwordSet: null }), { hasPassword: true, passwordSet: null });
  });

  for (const name of [
    ...['password', 'Passwd', 'userPassword', 'admin_password', 'passphrase', 'chapSecret', 'clientSecret', 'token'],
    ...[
      'accessToken',
      'credentials',
      'Authorization',
      'authorisation',
      'cookie',
      'set-cookie',
      'privateKey',
      'api_key',
    ],
    ...['x-api-key', 'accessKey', 'PWD', 'pin', 'rootPass'],
  ]) {
    it(`hides what is named ${name}`, () => {
      for (const value of [secret, [secret], { inner: secret }, 1234]) {
        const text = JSON.stringify(masked({ deep: [{ [name]: value }] }));
        assert.ok(!text.includes(secret) && !text.includes('1234'), text);
      }
    });
  }

  for (const text of [
    `qemu+tls://root:${secret}@kvm-1/system`,
    `http://influx:8086/write?u=me&password=${secret}&db=x`,
    `<graphics type='vnc' passwd='${secret}'/>`,
    `<graphics type="spice" passwd="${secret}"/>`,
    `{"password": "${secret}"}`,
    `mount -o user=me,password=${secret},vers=3`,
    `Authorization: Bearer ${secret}`,
    `basic ${secret}`,
    `api-key: ${secret}`,
    `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----`,
    `-----BEGIN PRIVATE KEY-----${secret}`,
  ]) {
    it(`hides what stands in ${text.replace(secret, '…').replaceAll('\n', ' ')}`, () => {
      const shown = String(masked(text));
      assert.ok(!shown.includes(secret), shown);
    });
  }

  it('hides our own tokens', () => {
    const token = writeToken('api', newTokenText());
    assert.equal(masked(`it said ${token}`), 'it said ***');
  });

  it('tells long texts by length and digest alone', () => {
    const text = `<domain>${'x'.repeat(300)}${secret}</domain>`;
    assert.match(String(masked(text)), /^332 characters, sha256 [0-9a-f]{32}$/);
  });

  it('never lets a planted secret out, however deep and between whatever', () => {
    const random = seeded(42);
    const names = ['password', 'chapSecret', 'token', 'credential'];
    const plant = (depth: number): unknown => {
      if (depth === 0) {
        const texts = [`scheme://u:${secret}@h`, `passwd='${secret}'`, `secret=${secret}`, `Bearer ${secret}`];
        return texts[Math.floor(random() * texts.length)];
      }
      const inner = plant(depth - 1);
      const name = names[Math.floor(random() * names.length)] ?? 'password';
      const forms = [[inner, 1], { a: inner }, { [name]: secret, b: inner }, { [name]: { x: [secret] }, c: [inner] }];
      return forms[Math.floor(random() * forms.length)];
    };
    for (let round = 0; round < 5000; round += 1) {
      const shown = JSON.stringify(masked(plant(Math.floor(random() * 12))));
      assert.ok(!shown.includes(secret), shown);
    }
  });
});
