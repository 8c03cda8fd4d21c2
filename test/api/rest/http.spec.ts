import assert from 'node:assert/strict';
import { request } from 'node:http';
import { operator, RestHouse, viewer } from './house.ts';

describe('REST as HTTP', () => {
  let house: RestHouse;

  beforeEach(async () => {
    house = await RestHouse.open('hosts=1&vms=2');
  });
  afterEach(() => house.close());

  it('lets nobody in without a token, and says which header', async () => {
    for (const authorization of ['', 'Basic cm9vdDpyb290', 'Bearer', 'Bearer vft_0000000000000000_x', 'vft_x']) {
      const told = await house.ask('/whoami', { token: '', headers: authorization ? { authorization } : {} });
      assert.equal(told.status, 401);
      assert.match(told.body.code, authorization ? /TOKEN_INVALID/ : /CREDENTIALS_MISSING/);
      assert.match(told.headers.get('www-authenticate') ?? '', /^Bearer realm="virtflow"/);
    }
  });

  it('tells who one is, by token and by session', async () => {
    const ann = house.user('ann', [operator({ connection: 'lab' })], { permissions: ['vm.*'], label: 'robot' });
    const { body } = await house.ask('/whoami', { token: ann });
    assert.deepEqual(body.grants, [{ effect: 'allow', role: 'operator', scope: { connection: 'lab' } }]);
    assert.deepEqual([body.name, body.token.label, body.token.permissions], ['ann', 'robot', ['vm.*']]);
    const session = house.platform.access.tokens.openSession('ann');
    assert.equal((await house.ask('/whoami', { token: session })).body.token, null);
  });

  it('makes who comes with wrong tokens wait, and not who comes with a right one', async () => {
    const codes = [];
    for (let count = 0; count < 25; count += 1) codes.push((await house.ask('/whoami', { token: 'wrong' })).body.code);
    assert.deepEqual([codes[0], codes.at(-1)], ['TOKEN_INVALID', 'LOCKED_OUT']);
    const locked = await house.ask('/whoami', { token: 'wrong' });
    assert.deepEqual([locked.status, Number(locked.headers.get('retry-after')) > 0], [429, true]);
    assert.equal((await house.ask('/whoami')).status, 200);
  });

  it('counts what is taken away at once: a token, a grant, a user', async () => {
    const ann = house.user('ann', [viewer()]);
    assert.equal((await house.ask('/inventory/vms', { token: ann })).body.items.length, 2);
    house.platform.access.accounts.grant('test', 'ann', []);
    assert.equal((await house.ask('/inventory/vms', { token: ann })).body.items.length, 0);
    house.platform.access.tokens.revoke('test', house.idOf(ann));
    assert.equal((await house.ask('/whoami', { token: ann })).body.code, 'TOKEN_INVALID');
  });

  it('tells health, problems, the description and the page to everybody, and no more', async () => {
    assert.deepEqual((await house.ask('/health', { token: '' })).body, { status: 'ok' });
    const { body } = await house.ask('/problems/OBJECT_UNKNOWN', { token: '' });
    assert.deepEqual([body.status, body.title], [404, 'Object unknown']);
    assert.ok((await house.ask('/problems', { token: '' })).body.items.length > 50);
    assert.equal((await house.ask('/problems/NOTHING', { token: '' })).status, 404);
    for (const path of ['/docs', '/docs/page.js', '/docs/page.css', '/openapi.json']) {
      assert.equal((await house.response(path, { token: '' })).status, 200);
    }
    for (const { path, method, isOpen } of house.rest.routes) {
      if (!isOpen) assert.equal((await house.ask(path, { token: '', method })).status, 401, `${method} ${path}`);
    }
  });

  it('answers HEAD as GET without a body, with the code of an error in a header', async () => {
    const [get, head] = [await house.response('/whoami'), await house.response('/whoami', { method: 'HEAD' })];
    assert.equal(head.headers.get('content-length'), get.headers.get('content-length'));
    assert.equal(await head.text(), '');
    const missing = await house.response('/operations/none', { method: 'HEAD' });
    assert.deepEqual([missing.status, missing.headers.get('virtflow-error')], [404, 'OPERATION_UNKNOWN']);
    assert.equal((await house.response('/events', { method: 'HEAD' })).status, 200);
  });

  it('tells with OPTIONS and 405 what each place takes', async () => {
    const options = await house.response('/operations/x/cancel', { method: 'OPTIONS', token: '' });
    assert.deepEqual([options.status, options.headers.get('allow')], [204, 'POST, OPTIONS']);
    const wrong = await house.ask('/operations', { method: 'DELETE' });
    assert.deepEqual(
      [wrong.status, wrong.body.code, wrong.headers.get('allow')],
      [405, 'METHOD_NOT_ALLOWED', 'GET, HEAD, OPTIONS'],
    );
    assert.equal(
      (await house.ask('/actions/vm.start', { method: 'PUT' })).headers.get('allow'),
      'POST, GET, HEAD, OPTIONS',
    );
    assert.equal((await house.ask('/nothing', { method: 'OPTIONS' })).body.code, 'ROUTE_UNKNOWN');
  });

  it('allows no other origin, is kept by no cache and sniffed by no browser', async () => {
    const { headers } = await house.response('/whoami', { headers: { origin: 'https://elsewhere.example' } });
    assert.equal(headers.get('access-control-allow-origin'), null);
    assert.deepEqual([headers.get('cache-control'), headers.get('x-content-type-options')], ['no-store', 'nosniff']);
    const page = await house.response('/docs', { token: '' });
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'self'/);
  });

  it('lets no user wait so often that others get no answer', async () => {
    const vera = house.user('vera', [viewer()]);
    const headers = { authorization: `Bearer ${vera}`, 'content-type': 'application/json', 'content-length': 2 };
    // Their bodies never come.
    const crowd = Array.from({ length: 100 }, () => request(`${house.url}/groups`, { method: 'POST', headers }));
    for (const one of crowd) one.on('error', () => undefined).flushHeaders();
    const asVera = () => house.ask('/whoami', { token: vera });
    while ((await asVera()).body.code !== 'REQUESTS_TOO_MANY') await new Promise(setImmediate);
    assert.equal((await house.ask('/whoami')).status, 200);
    for (const one of crowd) one.destroy();
    while ((await asVera()).status !== 200) await new Promise(setImmediate);
  });

  it('takes an answer back from nobody who is gone', async () => {
    const gone = new AbortController();
    const waiting = house.response('/events', {}, gone.signal);
    await waiting;
    assert.equal(house.rest.streams, 1);
    gone.abort();
    while (house.rest.streams > 0) await new Promise(setImmediate);
  });
});
