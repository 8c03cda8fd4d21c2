import assert from 'node:assert/strict';
import { LibvirtHost } from '../../../../plugins/libvirt/rpc/host.ts';
import { FakeDaemon, type Received } from './fake-daemon.ts';
import { runningJob } from './jobs.ts';
import { CALL, CONTINUE, frame, REPLY, STREAM, text, VM, words } from './wire.ts';

const [OPEN, STATE, SUSPEND, ABORT_JOB, SAVE, STATS, DOWNLOAD] = [1, 212, 34, 164, 232, 344, 209] as const;

const of = (procedure: number) => (call: Received) => call.procedure === procedure && call.type === CALL;
const opens = (daemon: FakeDaemon) => daemon.received.filter(of(OPEN)).length;

describe('a host', () => {
  let daemon: FakeDaemon;
  let host: LibvirtHost;
  const save = () => host.call('DOMAIN_SAVE_FLAGS', { dom: VM, to: '/x' }, { job: runningJob() });

  const open = async (idleMs?: number, onClosed?: (error: unknown) => void) => {
    host = await LibvirtHost.open({ address: daemon.address, uri: 'test:///default', idleMs, onClosed });
  };

  beforeEach(async () => {
    daemon = await FakeDaemon.start();
    daemon.on(STATE, (call, peer) => peer.reply(call, words(1, 1)));
    daemon.on(STATS, (call, peer) => peer.reply(call, words(0)));
    daemon.on(ABORT_JOB, (call, peer) => peer.reply(call));
  });
  afterEach(async () => {
    await daemon.stop();
    await host?.close();
  });

  it('needs one connection for short calls and events', async () => {
    daemon.on(316, (call, peer) => peer.reply(call, words(0)));
    await open();
    await host.subscribe('domain.lifecycle', () => {});
    await Promise.all(Array.from({ length: 20 }, () => host.call('DOMAIN_GET_STATE', { dom: VM })));
    assert.equal(opens(daemon), 1);
  });

  it('asks for statistics on a second connection, which it keeps', async () => {
    await open();
    await host.statistics();
    await Promise.all([host.statistics({ groups: 1, flags: 2 }), host.statistics({ domains: [VM] })]);
    assert.equal(opens(daemon), 2);
    const [all, some, one] = daemon.received.filter(of(STATS));
    assert.deepEqual(all?.payload, words(0, 0, 0));
    assert.deepEqual(some?.payload, words(0, 1, 2));
    assert.deepEqual(one?.payload.subarray(0, 8), Buffer.concat([words(1), text('vm').subarray(0, 4)]));
  });

  it('opens the statistics connection anew after it broke', async () => {
    await open();
    await host.statistics();
    daemon.peers[1]?.socket.destroy();
    await host.statistics().catch(() => host.statistics());
    assert.equal(host.lost, undefined);
    assert.equal(opens(daemon), 3);
  });

  it('gives a long call a connection of its own, and the next one the same when it is done', async () => {
    await open();
    const first = save();
    const second = save();
    const [a, b] = await daemon.heard(of(SAVE), 2);
    assert.equal(opens(daemon), 3);
    daemon.peers[1]?.reply(a as Received);
    daemon.peers[2]?.reply(b as Received);
    await Promise.all([first, second]);
    daemon.on(SAVE, (call, peer) => peer.reply(call));
    await save();
    assert.equal(opens(daemon), 3);
  });

  it('closes connections for long calls when nobody uses them', async () => {
    daemon.on(SAVE, (call, peer) => peer.reply(call));
    await open(1);
    const gone = Promise.withResolvers<void>();
    daemon.on(SAVE, (call, peer) => {
      peer.socket.once('close', () => gone.resolve());
      peer.reply(call);
    });
    await save();
    await gone.promise;
    assert.equal(host.lost, undefined);
  });

  it('announces a changing call once, and none that is refused', async () => {
    daemon.on(SUSPEND, (call, peer) => peer.reply(call));
    await open();
    const job = runningJob();
    await host.call('DOMAIN_GET_STATE', { dom: VM }, { job });
    await host.call('DOMAIN_SUSPEND', { dom: VM }, { job });
    assert.deepEqual(job.sent, ['DOMAIN_SUSPEND']);
    const plan = runningJob('plan');
    await assert.rejects(host.call('DOMAIN_SUSPEND', { dom: VM }, { job: plan }), /plan/);
    assert.deepEqual(plan.sent, []);
  });

  it('does not lend a connection again while the daemon is at work on an abandoned call', async () => {
    await open();
    const job = runningJob();
    const abandoned = host.call('DOMAIN_SAVE_FLAGS', { dom: VM, to: '/x' }, { job });
    await daemon.heard(of(SAVE));
    job.abort(new Error('cancelled'));
    await assert.rejects(abandoned, /cancelled/);
    daemon.on(SAVE, (call, peer) => peer.reply(call));
    await save();
    assert.equal(opens(daemon), 3);
  });

  it('lets no call wait for others that wait for a guest', async () => {
    await open();
    const job = runningJob();
    const stuck = Array.from({ length: 4 }, () => host.call('DOMAIN_SUSPEND', { dom: VM }, { job }));
    const settled = Promise.allSettled(stuck);
    await daemon.heard(of(SUSPEND), 4);
    await host.call('DOMAIN_ABORT_JOB', { dom: VM }, { job });
    await host.call('DOMAIN_GET_STATE', { dom: VM });
    assert.equal(opens(daemon), 2);
    await Promise.all([host.close(), settled, daemon.stop()]);
  });

  it('has twelve long calls at most, and who waits for one may leave', async () => {
    await open();
    const busy = Array.from({ length: 12 }, save);
    const settled = Promise.allSettled(busy);
    await daemon.heard(of(SAVE), 12);
    const controller = new AbortController();
    const args = { dom: VM, to: '/x' };
    const leaving = host.call('DOMAIN_SAVE_FLAGS', args, { job: runningJob(), signal: controller.signal });
    const staying = save();
    controller.abort(new Error('no patience'));
    await assert.rejects(leaving, /no patience/);
    const [first] = daemon.received.filter(of(SAVE));
    daemon.on(SAVE, (call, peer) => peer.reply(call));
    daemon.peers[1]?.reply(first as Received);
    await staying;
    assert.equal(opens(daemon), 13);
    await Promise.all([host.close(), settled, daemon.stop()]);
  });

  it('keeps a stream on a connection of its own until it ends', async () => {
    daemon.on(DOWNLOAD, (call, peer) => {
      if (call.type === CALL) peer.reply(call);
    });
    daemon.on(SAVE, (call, peer) => peer.reply(call));
    await open();
    const args = { vol: { pool: 'p', name: 'v', key: 'k' }, offset: 0, length: 0 };
    const { stream } = await host.openStream('STORAGE_VOL_DOWNLOAD', args);
    await save();
    assert.equal(opens(daemon), 3);
    const [call] = daemon.received.filter(of(DOWNLOAD));
    daemon.on(DOWNLOAD, (ok, peer) => peer.send(frame({ procedure: DOWNLOAD, type: STREAM, serial: ok.serial })));
    const head = { procedure: DOWNLOAD, type: STREAM, serial: call?.serial ?? 0, status: CONTINUE };
    daemon.peers[1]?.send(frame(head));
    for await (const _ of stream) assert.fail('nothing was sent');
    await Promise.all([save(), save()]);
    assert.equal(opens(daemon), 3);
  });

  it('is gone with its main connection, and everything with it', async () => {
    const told = Promise.withResolvers<unknown>();
    await open(undefined, told.resolve);
    const saving = save();
    await daemon.heard(of(SAVE));
    daemon.peer.socket.destroy();
    await assert.rejects(saving, { code: 'CONNECTION_LOST' });
    assert.equal(await told.promise, host.lost);
    for (const call of [save(), host.statistics(), host.call('DOMAIN_GET_STATE', { dom: VM })]) {
      await assert.rejects(call, { code: 'CONNECTION_LOST' });
    }
  });

  it('refuses a changing call before it opens anything for it', async () => {
    await open();
    const call = host.call('DOMAIN_SAVE_FLAGS', { dom: VM, to: '/x' });
    await assert.rejects(call, { code: 'CHANGE_OUTSIDE_OPERATION' });
    assert.equal(opens(daemon), 1);
  });

  it('that cannot be opened leaves nothing behind', async () => {
    const hungUp = Promise.withResolvers<void>();
    daemon.on(OPEN, (call, peer) => {
      peer.socket.once('close', () => hungUp.resolve());
      peer.send(frame({ procedure: OPEN, type: REPLY, serial: call.serial }, words(1)));
    });
    await assert.rejects(open(), { code: 'PROTOCOL_VIOLATION' });
    await hungUp.promise;
  });
});
