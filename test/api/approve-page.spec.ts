import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApprovePage } from '../../lib/api/approve/approve-page.ts';
import { Visitors } from '../../lib/api/approve/visitors.ts';
import type { Approval } from '../../lib/approvals/approval.ts';
import type { Policy } from '../../lib/approvals/policy.ts';
import { type ApprovalHouse, aHouse, closeHouses } from '../approvals/house.ts';

const policy: Policy = {
  name: 'force-offs',
  actions: ['vm.force-off'],
  text: 'Is <b>it</b> dead?',
  form: {
    type: 'object',
    properties: {
      reason: { type: 'string', title: 'Reason', minLength: 3 },
      sure: { type: 'boolean', title: 'I looked at the console', const: true },
    },
    required: ['reason'],
  },
};

describe('the page behind a link', () => {
  let house: ApprovalHouse;
  let server: Server;
  let approval: Approval;
  let path: string;

  beforeEach(async () => {
    house = aHouse(policy);
    approval = await house.ask('vm.force-off', house.hypervisor.add({ id: 'web', name: '<web>', power: 'running' }));
    path = await house.room.links.make(approval.id, 'anna');
  });

  afterEach(async () => {
    server.close();
    await closeHouses();
  });

  async function open(visitors?: Visitors): Promise<void> {
    const log = { error: assert.fail, warn: assert.fail, info: assert.fail, debug: assert.fail };
    const page = new ApprovePage({ log, access: house.access, approvals: house.room }, visitors);
    server = createServer((request, response) => page.handle(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
  }

  async function visit(init: RequestInit = {}, where = path): Promise<{ status: number; html: string; head: Headers }> {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}${where}`, init);
    return { status: response.status, html: await response.text(), head: response.headers };
  }

  const post = (fields: Record<string, string>) => visit({ method: 'POST', body: new URLSearchParams(fields) });
  const state = () => house.room.approvals.get(approval.id).state;

  it('shows plan, blast radius and form, and decides nothing by being read, however often', async () => {
    await open();
    for (let count = 0; count < 3; count += 1) await visit();
    for (const method of ['HEAD', 'OPTIONS', 'PUT', 'DELETE']) await visit({ method });
    await visit({}, `${path}?decision=grant&form.reason=because`);
    assert.equal(state(), 'pending');
    const { html, head } = await visit();
    for (const part of [
      'vm.force-off of &lt;web&gt; would change',
      'Is &lt;b&gt;it&lt;/b&gt; dead?',
      'I looked at the console',
      'You answer as anna',
    ]) {
      assert.ok(html.includes(part), part);
    }
    assert.ok(!html.includes('<script') && !html.includes('<web>'));
    assert.match(
      head.get('content-security-policy') ?? '',
      /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/,
    );
    assert.equal(head.get('referrer-policy'), 'no-referrer');
    assert.equal(head.get('cache-control'), 'no-store');
  });

  it('takes an answer by its form, once', async () => {
    await open();
    const done = await post({ decision: 'grant', 'form.reason': 'it hangs', 'form.sure': 'true', comment: 'go' });
    assert.equal(done.status, 200);
    assert.equal(state(), 'granted');
    const [answer] = house.room.approvals.get(approval.id).answers;
    assert.deepEqual([answer?.form, answer?.comment, answer?.via], [{ reason: 'it hangs', sure: true }, 'go', 'link']);
    assert.equal((await visit()).status, 410);
    assert.equal((await post({ decision: 'deny' })).status, 410);
  });

  it('asks again when the form is not filled in right, and the link is not used up', async () => {
    await open();
    const { status, html } = await post({ decision: 'grant', 'form.reason': 'it hangs' });
    assert.equal(status, 422);
    assert.match(html, /role="alert".*sure: it must be ticked/s);
    assert.equal(state(), 'pending');
    assert.equal((await post({ decision: 'deny' })).status, 200);
    assert.equal(state(), 'denied');
  });

  it('needs to be told a decision', async () => {
    await open();
    assert.equal((await post({})).status, 400);
    assert.equal((await post({ decision: 'perhaps' })).status, 400);
    assert.equal(state(), 'pending');
  });

  it('speaks the language of the browser', async () => {
    await open();
    const { html } = await visit({ headers: { 'accept-language': 'de-AT,en;q=0.5' } });
    assert.match(html, /<html lang="de">.*Genehmigen.*Ablehnen/s);
  });

  it('tells nothing by a link that is none', async () => {
    await open();
    for (const bad of [
      '/virtflow/approve/',
      '/virtflow/approve/x.y',
      `${path}x`,
      `/virtflow/approve/${'%00'.repeat(50)}`,
    ]) {
      const { status, html } = await visit({}, bad);
      assert.equal(status, 404, bad);
      assert.ok(!html.includes('web'));
    }
  });

  it('lets nobody try for ever', async () => {
    await open(new Visitors(5));
    for (let count = 0; count < 5; count += 1) assert.equal((await visit()).status, 200);
    assert.equal((await visit()).status, 429);
    assert.equal((await post({ decision: 'deny' })).status, 429);
    assert.equal(state(), 'pending');
  });

  it('takes no more than a form is long', async () => {
    await open();
    assert.equal((await post({ decision: 'deny', comment: 'x'.repeat(70_000) })).status, 413);
    assert.equal(state(), 'pending');
  });
});
