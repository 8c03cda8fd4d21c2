import assert from 'node:assert/strict';
import { Connection } from '../../../../plugins/libvirt/rpc/connection.ts';
import type { Hole, RpcStream } from '../../../../plugins/libvirt/rpc/stream.ts';
import { FakeDaemon, type Received } from './fake-daemon.ts';
import { runningJob } from './jobs.ts';
import { CONTINUE, ERROR, error, frame, HOLE, hyper, OK, REPLY, STREAM, words } from './wire.ts';

const [UPLOAD, DOWNLOAD] = [208, 209] as const;
const VOLUME = { pool: 'default', name: 'disk', key: '/disk' };
const ALL = { vol: VOLUME, offset: 0, length: 0, flags: 1 };

const packet = (procedure: number, serial: number, status: number, ...payload: readonly Buffer[]) =>
  frame({ procedure, type: STREAM, serial, status }, ...payload);
const hole = (procedure: number, serial: number, length: bigint) =>
  frame({ procedure, type: HOLE, serial, status: CONTINUE }, hyper(length), words(0));
const streamed = ({ type }: Received) => type === STREAM || type === HOLE;

describe('a stream', () => {
  let daemon: FakeDaemon;
  let connection: Connection;

  beforeEach(async () => {
    daemon = await FakeDaemon.start();
    connection = await Connection.open({ address: daemon.address, uri: 'test:///default' });
  });
  afterEach(async () => {
    await connection.close();
    await daemon.stop();
  });

  const openUpload = async (): Promise<RpcStream> => {
    daemon.on(UPLOAD, (call, peer) => {
      if (call.type === 0) peer.reply(call);
      else if (call.status === OK) peer.send(packet(UPLOAD, call.serial, OK));
    });
    return (await connection.openStream('STORAGE_VOL_UPLOAD', ALL, { job: runningJob() })).stream;
  };

  /** Answers the call with the reply and these packets, and confirms the end. */
  const openDownload = async (packets: (serial: number) => readonly Buffer[], signal?: AbortSignal) => {
    daemon.on(DOWNLOAD, (call, peer) => {
      if (call.type === STREAM && call.status === OK) peer.send(packet(DOWNLOAD, call.serial, OK));
      if (call.type === STREAM) return;
      peer.reply(call);
      peer.send(...packets(call.serial));
    });
    return (await connection.openStream('STORAGE_VOL_DOWNLOAD', ALL, { signal })).stream;
  };

  it('gives data and holes in their order, and confirms the end', async () => {
    const stream = await openDownload((serial) => [
      packet(DOWNLOAD, serial, CONTINUE, Buffer.from('one')),
      hole(DOWNLOAD, serial, 2n ** 40n),
      packet(DOWNLOAD, serial, CONTINUE, Buffer.from('two')),
      packet(DOWNLOAD, serial, CONTINUE),
    ]);
    const chunks: (string | Hole)[] = [];
    for await (const chunk of stream) chunks.push(Buffer.isBuffer(chunk) ? chunk.toString() : chunk);
    assert.deepEqual(chunks, ['one', { hole: 2 ** 40 }, 'two']);
    assert.deepEqual(
      daemon.received.filter(streamed).map(({ status, payload }) => [status, payload.length]),
      [[OK, 0]],
    );
    assert.equal(connection.idle, true);
  });

  it('keeps data that overtake the answer to its call', async () => {
    daemon.on(DOWNLOAD, (call, peer) => {
      if (call.type === STREAM) return peer.send(packet(DOWNLOAD, call.serial, OK));
      peer.send(packet(DOWNLOAD, call.serial, CONTINUE, Buffer.from('early')));
      peer.reply(call);
      peer.send(packet(DOWNLOAD, call.serial, CONTINUE));
    });
    const { stream } = await connection.openStream('STORAGE_VOL_DOWNLOAD', ALL);
    const chunks: string[] = [];
    for await (const chunk of stream) chunks.push(String(chunk));
    assert.deepEqual(chunks, ['early']);
    assert.equal(connection.idle, true);
  });

  it('is not there when its call is refused, whatever came before', async () => {
    daemon.on(DOWNLOAD, (call, peer) => {
      peer.send(packet(DOWNLOAD, call.serial, CONTINUE, Buffer.from('early')));
      const head = { procedure: DOWNLOAD, type: REPLY, serial: call.serial, status: ERROR };
      peer.send(frame(head, error(50, 'no such volume')));
    });
    await assert.rejects(connection.openStream('STORAGE_VOL_DOWNLOAD', ALL), { message: 'no such volume' });
    assert.equal(connection.idle, true);
  });

  it('sends data in packets that the daemon takes, and holes, and waits for its consent', async () => {
    const stream = await openUpload();
    const data = Buffer.alloc(600_000, 3);
    await stream.write(data);
    await stream.write({ hole: 4096 });
    await stream.finish();
    const sent = daemon.received.filter(streamed);
    assert.deepEqual(
      sent.map(({ type, status, payload }) => [type, status, payload.length]),
      [
        [STREAM, CONTINUE, 262_120],
        [STREAM, CONTINUE, 262_120],
        [STREAM, CONTINUE, 75_760],
        [HOLE, CONTINUE, 12],
        [STREAM, OK, 0],
      ],
    );
    assert.deepEqual(Buffer.concat(sent.slice(0, 3).map(({ payload }) => payload)), data);
    assert.deepEqual(sent[3]?.payload, Buffer.concat([hyper(4096n), words(0)]));
  });

  it('fails with what the daemon says in the middle, and the connection lives on', async () => {
    const stream = await openDownload((serial) => [
      packet(DOWNLOAD, serial, CONTINUE, Buffer.from('one')),
      packet(DOWNLOAD, serial, ERROR, error(38, 'disk on fire')),
    ]);
    const read: string[] = [];
    const reading = (async () => {
      for await (const chunk of stream) read.push(String(chunk));
    })();
    await assert.rejects(reading, { code: 38, message: 'disk on fire' });
    assert.deepEqual(read, ['one']);
    assert.equal(connection.lost, undefined);
    assert.equal(connection.idle, true);
  });

  it('fails the writer when the daemon refuses, at the latest at the end', async () => {
    const stream = await openUpload();
    daemon.on(UPLOAD, (call, peer) => {
      if (call.status === OK) peer.send(packet(UPLOAD, call.serial, ERROR, error(38, 'no space left')));
    });
    await stream.write(Buffer.from('data'));
    await assert.rejects(stream.finish(), { message: 'no space left' });
    await assert.rejects(stream.write(Buffer.from('more')), { message: 'no space left' });
  });

  it('is given up when its reader leaves', async () => {
    const stream = await openDownload((serial) => [packet(DOWNLOAD, serial, CONTINUE, Buffer.from('one'))]);
    for await (const chunk of stream) {
      assert.equal(String(chunk), 'one');
      break;
    }
    const [abort] = await daemon.heard(streamed);
    assert.deepEqual([abort?.status, abort?.payload.length], [ERROR, 0]);
    assert.equal(connection.idle, true);
  });

  it('ends with its signal', async () => {
    const controller = new AbortController();
    const stream = await openDownload(() => [], controller.signal);
    const reading = stream[Symbol.asyncIterator]().next();
    controller.abort(new Error('cancelled'));
    await assert.rejects(reading, /cancelled/);
    await daemon.heard((got) => got.type === STREAM && got.status === ERROR);
  });

  it('fails when the connection goes', async () => {
    const stream = await openDownload(() => []);
    const reading = stream[Symbol.asyncIterator]().next();
    daemon.peer.socket.destroy();
    await assert.rejects(reading, { code: 'CONNECTION_LOST' });
  });

  it('drops late packets of one that was given up', async () => {
    const stream = await openDownload(() => []);
    stream.abort(new Error('enough'));
    const [abort] = await daemon.heard(streamed);
    daemon.peer.send(packet(DOWNLOAD, abort?.serial ?? 0, CONTINUE, Buffer.from('late')));
    daemon.on(59, (call, peer) => peer.reply(call, words(0)));
    assert.deepEqual(await connection.call('CONNECT_GET_HOSTNAME', {}), { hostname: '' });
  });

  it('holds the daemon back while its reader is slow', async () => {
    const large = Buffer.alloc(262_120, 1);
    const count = 100;
    const stream = await openDownload((serial) => [
      ...Array.from({ length: count }, () => packet(DOWNLOAD, serial, CONTINUE, large)),
      packet(DOWNLOAD, serial, CONTINUE),
    ]);
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    // Turns of the event loop, in which everything would arrive that is not held back.
    for (let turn = 0; turn < 500; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(daemon.peer.socket.writableLength > 10_000_000, 'the rest waits in the daemon');
    let bytes = large.length;
    for await (const chunk of { [Symbol.asyncIterator]: () => iterator })
      bytes += Buffer.isBuffer(chunk) ? chunk.length : 0;
    assert.equal(bytes, count * large.length);
  });

  it('holds its writer back while the daemon is slow', async () => {
    const stream = await openUpload();
    daemon.peer.socket.pause();
    let written = 0;
    const writing = (async () => {
      for (; written < 200; written += 1) await stream.write(Buffer.alloc(262_120));
      await stream.finish();
    })();
    for (let turn = 0; turn < 500; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(written < 20, `${written} packets were taken`);
    daemon.peer.socket.resume();
    await writing;
    assert.equal(written, 200);
  });
});
