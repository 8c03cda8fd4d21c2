import assert from 'node:assert/strict';
import { EVENTS } from '../../../../plugins/libvirt/rpc/events.ts';
import {
  type EventKind,
  LibvirtCode,
  LibvirtHost,
  type RpcError,
  screenshot,
} from '../../../../plugins/libvirt/rpc/index.ts';
import { requireLab } from '../../../lab/availability.ts';
import { startTestDaemon, type TestDaemon } from '../../../lab/daemon.ts';
import { runningJob } from './jobs.ts';

describe('a real daemon', () => {
  let daemon: TestDaemon;
  const hosts: LibvirtHost[] = [];

  const open = async (onClosed?: (error: RpcError | undefined) => void, uri = 'test:///default') => {
    const host = await LibvirtHost.open({ address: { transport: 'unix', path: daemon.socket }, uri, onClosed });
    hosts.push(host);
    return host;
  };
  const firstDomain = async (host: LibvirtHost) => {
    const [dom] = (await host.call('CONNECT_LIST_ALL_DOMAINS', {})).domains;
    assert.ok(dom);
    return dom;
  };

  before(async function () {
    await requireLab(this, 'libvirt-daemon');
    daemon = await startTestDaemon();
  });
  afterEach(() => Promise.all(hosts.splice(0).map((host) => host.close())));
  after(() => daemon?.stop());

  it('is reached over its unix socket and over TCP', async () => {
    const host = await open();
    const over = await LibvirtHost.open({ address: { transport: 'tcp', ...daemon.tcp }, uri: 'test:///default' });
    hosts.push(over);
    const ask = { uri: 'test:///default' };
    assert.deepEqual(await host.call('CONNECT_GET_URI', {}), ask);
    assert.deepEqual(await over.call('CONNECT_GET_URI', {}), ask);
  });

  it('refuses an unknown URI in its own words', async () => {
    await assert.rejects(open(undefined, 'nonsense:///'), { name: 'LibvirtError' });
  });

  it('tells of what a domain goes through, in its order', async () => {
    const host = await open();
    const dom = await firstDomain(host);
    const seen: number[] = [];
    const resumed = Promise.withResolvers<void>();
    await host.subscribe('domain.lifecycle', ({ event }) => {
      seen.push(event);
      if (event === 4) resumed.resolve();
    });
    const job = runningJob();
    await host.call('DOMAIN_SUSPEND', { dom }, { job });
    await host.call('DOMAIN_RESUME', { dom }, { job });
    await resumed.promise;
    assert.deepEqual(seen, [3, 4]);
  });

  // Clients that hung up while libvirtd was at work for them have crashed it: see `Connection`'s #leave.
  it('outlives hosts that are closed while it works for them', async () => {
    const kinds = Object.keys(EVENTS) as EventKind[]; // some of them the test driver does not have
    for (let round = 0; round < 100; round++) {
      const host = await open();
      const dom = await firstDomain(host);
      await Promise.allSettled(kinds.map((kind) => host.subscribe(kind, () => {})));
      const calls = Array.from({ length: 20 }, () => host.call('DOMAIN_GET_STATE', { dom }));
      await calls[round % 5];
      await Promise.allSettled([host.close(), ...calls]);
    }
    assert.ok(await daemon.virsh('list'));
  });

  it('answers a thousand pipelined calls, each with its own reply', async () => {
    const host = await open();
    const dom = await firstDomain(host);
    const [up, not] = [host.call('DOMAIN_LOOKUP_BY_NAME', { name: dom.name }), { code: LibvirtCode.NO_DOMAIN }];
    const calls = Array.from({ length: 1000 }, (_, i) =>
      i % 2 === 0
        ? host.call('DOMAIN_GET_INFO', { dom }).then(({ state }) => assert.equal(state, 1))
        : assert.rejects(host.call('DOMAIN_LOOKUP_BY_NAME', { name: `none-${i}` }), not),
    );
    await Promise.all(calls);
    assert.deepEqual((await up).dom, dom);
  });

  it('says of a name that is no valid text what it says of any other', async () => {
    const host = await open();
    await assert.rejects(host.call('DOMAIN_LOOKUP_BY_NAME', { name: String.fromCharCode(0xd800, 0x20) }), {
      code: LibvirtCode.NO_DOMAIN,
    });
  });

  it('gives statistics that are the same as those that are read parameter by parameter', async () => {
    const host = await open(undefined, `test://${await daemon.nodeFile(300)}`);
    const fast = await host.statistics();
    const { retStats } = await host.call('CONNECT_GET_ALL_DOMAIN_STATS', { doms: [], stats: 0 });
    assert.equal(fast.length, 300);
    assert.deepEqual(
      [...fast].map((record) => [record.domain, record.toObject()]),
      retStats.map(({ dom, params }) => [dom, Object.fromEntries(params.map(({ field, value }) => [field, value]))]),
    );
    const [some] = fast.domains;
    assert.ok(some);
    assert.deepEqual((await host.statistics({ domains: [some] })).domains, [some]);
  });

  it('shows the screen of a domain', async () => {
    const host = await open();
    const { mime, data } = await screenshot(host, await firstDomain(host));
    assert.equal(mime, 'image/png');
    assert.deepEqual(data.subarray(1, 4).toString(), 'PNG');
  });

  it('that is killed fails what is under way, tells once, and takes a new client when it is back', async () => {
    const told: (RpcError | undefined)[] = [];
    const gone = Promise.withResolvers<void>();
    const host = await open((error) => {
      told.push(error);
      gone.resolve();
    });
    const dom = await firstDomain(host);
    const calls = Array.from({ length: 200 }, () => host.call('DOMAIN_GET_XML_DESC', { dom }));
    const outcomes = Promise.allSettled(calls);
    await daemon.kill9();
    await gone.promise;
    for (const outcome of await outcomes) {
      if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'CONNECTION_LOST');
    }
    assert.deepEqual(
      told.map((error) => error?.code),
      ['CONNECTION_LOST'],
    );
    await daemon.restart();
    assert.equal((await firstDomain(await open())).name, dom.name);
  });
});
