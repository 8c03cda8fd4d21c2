import assert from 'node:assert/strict';
import { Connection } from '../../../../plugins/libvirt/rpc/connection.ts';
import { FakeDaemon, type Received } from './fake-daemon.ts';
import { frame, KEEPALIVE, MESSAGE, VM } from './wire.ts';

const [PING, PONG, STATE] = [1, 2, 212] as const;
const keepalive = (procedure: number) => (got: Received) => got.program === KEEPALIVE && got.procedure === procedure;

describe('keepalive', () => {
  let daemon: FakeDaemon;
  let connection: Connection;
  let ended: PromiseWithResolvers<unknown>;

  const open = async (intervalMs: number) => {
    ended = Promise.withResolvers();
    const settings = { keepalive: { intervalMs, count: 3 }, onClosed: ended.resolve };
    connection = await Connection.open({ address: daemon.address, uri: 'test:///default', ...settings });
  };

  beforeEach(async () => {
    daemon = await FakeDaemon.start();
  });
  afterEach(async () => {
    await daemon.stop();
    await connection.close();
  });

  it('answers a ping with the very bytes of a pong', async () => {
    await open(60_000);
    daemon.peer.send(frame({ program: KEEPALIVE, procedure: PING, type: MESSAGE }));
    const [pong] = await daemon.heard(keepalive(PONG));
    assert.deepEqual(pong?.bytes, frame({ program: KEEPALIVE, procedure: PONG, type: MESSAGE }));
  });

  it('pings a silent daemon and gives it up when it stays silent', async () => {
    await open(2);
    await ended.promise;
    assert.match(connection.lost?.message ?? '', /silent for 6 ms/);
    assert.equal(daemon.received.filter(keepalive(PING)).length, 3);
  });

  it('stays with a daemon that answers', async () => {
    await open(2);
    for (let pings = 1; pings <= 12; pings += 1) {
      await Promise.race([daemon.heard(keepalive(PING), pings), ended.promise]);
      daemon.peer.send(frame({ program: KEEPALIVE, procedure: PONG, type: MESSAGE }));
    }
    assert.equal(connection.lost, undefined);
  });

  it('takes no silence for death while the daemon has five calls of ours', async () => {
    await open(2);
    const calls = Array.from({ length: 5 }, () => connection.call('DOMAIN_GET_STATE', { dom: VM }));
    const settled = Promise.allSettled(calls);
    await Promise.race([daemon.heard(keepalive(PING), 12), ended.promise]);
    assert.equal(connection.lost, undefined);
    assert.equal(daemon.received.filter(({ procedure }) => procedure === STATE).length, 5);
    await Promise.all([connection.close(), settled, daemon.stop()]);
  });
});
