import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Connection, type ConnectionOptions } from '../../../../plugins/libvirt/rpc/connection.ts';
import { LibvirtCode, LibvirtError } from '../../../../plugins/libvirt/rpc/errors.ts';
import { FakeDaemon, type Received } from './fake-daemon.ts';
import { runningJob } from './jobs.ts';
import { CALL, domain, ERROR, error, frame, hyper, KEEPALIVE, MESSAGE, REPLY, text, VM, words } from './wire.ts';

const [GET_INFO, GET_XML, SUSPEND, LOOKUP, STATE, AUTH_LIST, OPEN] = [16, 14, 34, 23, 212, 66, 1] as const;
const INFO = Buffer.concat([words(1), hyper(1024n), hyper(512n), words(2), hyper(99n)]);

const of = (procedure: number) => (call: Received) => call.procedure === procedure && call.type === CALL;

describe('a connection', () => {
  let daemon: FakeDaemon;
  let connection: Connection;

  const open = async (options: Partial<ConnectionOptions> = {}) => {
    connection = await Connection.open({ address: daemon.address, uri: 'test:///default', ...options });
    return connection;
  };

  beforeEach(async () => {
    daemon = await FakeDaemon.start();
  });
  afterEach(async () => {
    await daemon.stop();
    await connection?.close();
  });

  describe('opening', () => {
    it('says the very bytes that libvirt expects', async () => {
      await open({ readOnly: true });
      const uri = Buffer.concat([words(1), text('test:///default'), words(1)]);
      assert.deepEqual(
        daemon.received.map(({ bytes }) => bytes.toString('hex')),
        [
          frame({ procedure: AUTH_LIST, type: CALL, serial: 1 }),
          frame({ procedure: 60, type: CALL, serial: 2 }, words(10)),
          frame({ procedure: OPEN, type: CALL, serial: 3 }, uri),
          frame({ procedure: 60, type: CALL, serial: 4 }, words(14)),
          frame({ procedure: 60, type: CALL, serial: 5 }, words(15)),
          frame({ procedure: 360, type: CALL, serial: 6 }),
        ].map((bytes) => bytes.toString('hex')),
      );
    });

    it('names the authentication that the daemon asks for', async () => {
      daemon.on(AUTH_LIST, (call, peer) => peer.reply(call, words(2, 1, 2)));
      await assert.rejects(open(), { code: 'AUTH_REQUIRED', message: /SASL or polkit/ });
    });

    it('tells what the daemon says against the URI', async () => {
      daemon.on(OPEN, (call, peer) => {
        const head = { procedure: OPEN, type: REPLY, serial: call.serial, status: ERROR };
        peer.send(frame(head, error(1, 'no such driver')));
      });
      await assert.rejects(open(), (thrown) => thrown instanceof LibvirtError && thrown.message === 'no such driver');
    });

    it('fails with a clear error where nobody listens', async () => {
      const address = { transport: 'unix', path: '/nonexistent/libvirt-sock' } as const;
      await assert.rejects(open({ address }), { code: 'CONNECT_FAILED', message: /\/nonexistent\/libvirt-sock/ });
    });

    it('stops at once when it is aborted', async () => {
      const controller = new AbortController();
      const reason = new Error('changed my mind');
      daemon.on(OPEN, () => controller.abort(reason));
      const options = { address: daemon.address, uri: 'test:///default' };
      await assert.rejects(Connection.open(options, controller.signal), reason);
    });
  });

  describe('a call', () => {
    it('brings the reply, whichever order replies come in', async () => {
      const calls: Received[] = [];
      daemon.on(LOOKUP, (call, peer) => {
        if (calls.push(call) < 2) return;
        for (const one of calls.reverse()) peer.reply(one, domain({ ...VM, id: one.serial }));
      });
      await open();
      const [first, second] = await Promise.all([
        connection.call('DOMAIN_LOOKUP_BY_NAME', { name: 'a' }),
        connection.call('DOMAIN_LOOKUP_BY_NAME', { name: 'b' }),
      ]);
      assert.equal(first.dom.id + 1, second.dom.id);
      assert.deepEqual({ ...first.dom, id: 0 }, { ...VM, id: 0 });
    });

    it('leaves with those of the same tick in one write', async () => {
      await open();
      const arrived = new Promise<Buffer>((resolve) => daemon.peer.socket.prependOnceListener('data', resolve));
      daemon.on(LOOKUP, (call, peer) => peer.reply(call, domain()));
      const calls = ['a', 'b', 'c'].map((name) => connection.call('DOMAIN_LOOKUP_BY_NAME', { name }));
      await Promise.all(calls);
      assert.equal((await arrived).length, 3 * 36);
    });

    it('gives the whole error of the hypervisor', async () => {
      daemon.on(LOOKUP, (call, peer) => {
        const struct = Buffer.concat([
          words(42, 10, 1),
          text('Domain not found'),
          words(2, 1),
          domain(),
          words(1),
          text('one'),
          words(0, 1),
          text('three'),
          words(-1, 5, 0),
        ]);
        peer.send(frame({ procedure: LOOKUP, type: REPLY, serial: call.serial, status: ERROR }, struct));
      });
      await open();
      const thrown = await connection.call('DOMAIN_LOOKUP_BY_NAME', { name: 'x' }).catch((reason: unknown) => reason);
      assert.ok(thrown instanceof LibvirtError);
      const { code, domain: from, level, message, procedure, str1, str2, str3, int1, int2 } = thrown;
      assert.deepEqual(
        { code, from, level, message, procedure, str1, str2, str3, int1, int2 },
        {
          code: LibvirtCode.NO_DOMAIN,
          from: 10,
          level: 2,
          message: 'Domain not found',
          procedure: 'DOMAIN_LOOKUP_BY_NAME',
          str1: 'one',
          str2: null,
          str3: 'three',
          int1: -1,
          int2: 5,
        },
      );
    });

    it('takes "unknown procedure" for not supported', async () => {
      daemon.on(445, (call, peer) => {
        const head = { procedure: 445, type: REPLY, serial: call.serial, status: ERROR };
        peer.send(frame(head, error(39, 'unknown procedure: 445', 7)));
      });
      await open();
      const network = { name: 'default', uuid: VM.uuid };
      await assert.rejects(connection.call('NETWORK_GET_METADATA', { network, type: 0 }), {
        code: LibvirtCode.NO_SUPPORT,
      });
    });

    it('with arguments that do not fit sends nothing of them, and others go unharmed', async () => {
      daemon.on(LOOKUP, (call, peer) => peer.reply(call, domain()));
      await open();
      const before = daemon.received.length;
      const [bad, good] = await Promise.allSettled([
        connection.call('DOMAIN_GET_STATE', { dom: { name: 'long enough to have been written', uuid: 'nonsense' } }),
        connection.call('DOMAIN_LOOKUP_BY_NAME', { name: 'x' }),
      ]);
      assert.equal(bad.status === 'rejected' && bad.reason.code, 'ARGUMENT_INVALID');
      assert.match(bad.status === 'rejected' ? bad.reason.message : '', /DOMAIN_GET_STATE\.dom\.uuid/);
      assert.equal(good.status, 'fulfilled');
      assert.equal(daemon.received.length, before + 1);
    });

    it('that is aborted is rejected at once, and its late reply is dropped', async () => {
      daemon.on(LOOKUP, (call, peer) => peer.reply(call, domain()));
      await open();
      const controller = new AbortController();
      const reason = new Error('enough');
      const dom = VM;
      const aborted = connection.call('DOMAIN_GET_STATE', { dom }, { signal: controller.signal });
      const [call] = await daemon.heard(of(STATE));
      controller.abort(reason);
      await assert.rejects(aborted, reason);
      assert.equal(connection.idle, false);
      daemon.peer.reply(call as Received, words(1, 1));
      await connection.whenIdle();
      assert.equal((await connection.call('DOMAIN_LOOKUP_BY_NAME', { name: 'x' })).dom.name, 'vm');
    });

    it('that gets no answer in time is told so', async () => {
      await open();
      const late = connection.call('DOMAIN_GET_STATE', { dom: VM }, { timeoutMs: 5 });
      await assert.rejects(late, { code: 'TIMEOUT', message: /DOMAIN_GET_STATE .* 5 ms/ });
      assert.equal(connection.lost, undefined);
    });

    it('is not made when its signal was aborted before', async () => {
      await open();
      const before = daemon.received.length;
      await assert.rejects(
        connection.call('DOMAIN_GET_STATE', { dom: VM }, { signal: AbortSignal.abort(new Error('no')) }),
        /no/,
      );
      await connection.close();
      assert.equal(daemon.received.length, before);
    });

    it('that passes file descriptors is refused', async () => {
      await open();
      const passing = connection.call('DOMAIN_FD_ASSOCIATE', { dom: VM, name: 'x' }, { job: runningJob() });
      await assert.rejects(passing, { code: 'NOT_CALLABLE' });
    });

    it('whose reply is longer or shorter than it should be fails alone', async () => {
      daemon.on(STATE, (call, peer) => peer.reply(call, words(1, 1, 1)));
      daemon.on(GET_INFO, (call, peer) => peer.reply(call, INFO.subarray(0, -4)));
      daemon.on(LOOKUP, (call, peer) => peer.reply(call, domain()));
      await open();
      await assert.rejects(connection.call('DOMAIN_GET_STATE', { dom: VM }), { code: 'PROTOCOL_VIOLATION' });
      await assert.rejects(connection.call('DOMAIN_GET_INFO', { dom: VM }), { code: 'PROTOCOL_VIOLATION' });
      assert.equal((await connection.call('DOMAIN_LOOKUP_BY_NAME', { name: 'x' })).dom.name, 'vm');
    });
  });

  describe('the gate', () => {
    it('keeps a changing call without an operation from leaving', async () => {
      await open();
      const before = daemon.received.length;
      await assert.rejects(connection.call('DOMAIN_SUSPEND', { dom: VM }), { code: 'CHANGE_OUTSIDE_OPERATION' });
      await assert.rejects(connection.call('DOMAIN_SUSPEND', { dom: VM }, { job: runningJob('plan') }), {
        code: 'CHANGE_IN_PLAN',
      });
      await connection.close();
      assert.equal(daemon.received.length, before);
    });

    it('lets a plan read', async () => {
      daemon.on(STATE, (call, peer) => peer.reply(call, words(1, 1)));
      await open();
      const reply = await connection.call('DOMAIN_GET_STATE', { dom: VM }, { job: runningJob('plan') });
      assert.deepEqual(reply, { state: 1, reason: 1 });
    });

    it('has every call of an operation recorded, with what came of it', async () => {
      daemon.on(SUSPEND, (call, peer) => peer.reply(call));
      daemon.on(LOOKUP, (call, peer) => {
        peer.send(
          frame({ procedure: LOOKUP, type: REPLY, serial: call.serial, status: ERROR }, error(42, 'Domain not found')),
        );
      });
      await open();
      const job = runningJob();
      await connection.call('DOMAIN_SUSPEND', { dom: VM }, { job });
      await assert.rejects(connection.call('DOMAIN_LOOKUP_BY_NAME', { name: 'x' }, { job }));
      assert.deepEqual(
        job.calls.map(({ name, error: said }) => [name, said]),
        [
          ['DOMAIN_SUSPEND', undefined],
          ['DOMAIN_LOOKUP_BY_NAME', 'Domain not found'],
        ],
      );
      assert.ok(job.calls.every(({ at, tookMs }) => at > 1e12 && tookMs >= 0));
    });

    it('stops waiting when the operation is cancelled', async () => {
      await open();
      const job = runningJob();
      const call = connection.call('DOMAIN_SUSPEND', { dom: VM }, { job });
      await daemon.heard(of(SUSPEND));
      job.abort(new Error('cancelled'));
      await assert.rejects(call, /cancelled/);
    });
  });

  describe('calls that may wait for a guest', () => {
    it('are four at a time, and others overtake those that wait', async () => {
      daemon.on(STATE, (call, peer) => peer.reply(call, words(1, 1)));
      await open();
      const job = runningJob();
      const blocked = Array.from({ length: 6 }, () => connection.call('DOMAIN_SUSPEND', { dom: VM }, { job }));
      assert.equal(connection.busy, true);
      await connection.call('DOMAIN_GET_STATE', { dom: VM });
      const suspended = await daemon.heard(of(SUSPEND), 4);
      assert.equal(suspended.length, 4);
      daemon.peer.reply(suspended[0] as Received);
      await blocked[0];
      await daemon.heard(of(SUSPEND), 5);
      for (const call of daemon.received.filter(of(SUSPEND)).slice(1)) daemon.peer.reply(call);
      daemon.on(SUSPEND, (call, peer) => peer.reply(call));
      await Promise.all(blocked);
      assert.equal(daemon.received.filter(of(SUSPEND)).length, 6);
    });

    it('keep their place until the daemon is done with them, aborted or not', async () => {
      await open();
      const job = runningJob();
      const controller = new AbortController();
      const { signal } = controller;
      const blocked = Array.from({ length: 4 }, () => connection.call('DOMAIN_SUSPEND', { dom: VM }, { job, signal }));
      const calls = await daemon.heard(of(SUSPEND), 4);
      controller.abort(new Error('enough'));
      await Promise.allSettled(blocked);
      assert.equal(connection.busy, true);
      const next = connection.call('DOMAIN_SUSPEND', { dom: VM }, { job });
      daemon.on(SUSPEND, (call, peer) => peer.reply(call));
      daemon.peer.reply(calls[0] as Received);
      await next;
    });

    it('never leave when they are aborted while they wait', async () => {
      await open();
      const job = runningJob();
      const blocked = Array.from({ length: 4 }, () => connection.call('DOMAIN_SUSPEND', { dom: VM }, { job }));
      const controller = new AbortController();
      const waiting = connection.call('DOMAIN_RESUME', { dom: VM }, { job, signal: controller.signal });
      controller.abort(new Error('enough'));
      await assert.rejects(waiting, /enough/);
      for (const call of await daemon.heard(of(SUSPEND), 4)) daemon.peer.reply(call);
      daemon.on(SUSPEND, (call, peer) => peer.reply(call));
      await Promise.all(blocked);
      await connection.call('DOMAIN_SUSPEND', { dom: VM }, { job });
      assert.equal(daemon.received.filter(of(28)).length, 0);
    });
  });

  describe('losing the daemon', () => {
    it('fails what is under way and what comes after, and tells once', async () => {
      const told: unknown[] = [];
      await open({ onClosed: (reason) => told.push(reason) });
      const call = connection.call('DOMAIN_GET_XML_DESC', { dom: VM });
      const [asked] = await daemon.heard(of(GET_XML));
      const reply = frame({ procedure: GET_XML, type: REPLY, serial: asked?.serial ?? 0 }, text('<domain/>'));
      daemon.peer.socket.end(reply.subarray(0, 33));
      await assert.rejects(call, { code: 'CONNECTION_LOST' });
      await assert.rejects(connection.call('DOMAIN_GET_STATE', { dom: VM }), { code: 'CONNECTION_LOST' });
      assert.equal(told.length, 1);
      assert.equal(connection.lost, told[0]);
    });

    it('is what closing it from here is not', async () => {
      const told: unknown[] = [];
      await open({ onClosed: (reason) => told.push(reason) });
      const call = connection.call('DOMAIN_GET_STATE', { dom: VM });
      const closed = connection.close();
      await assert.rejects(call, { code: 'CONNECTION_LOST' });
      await assert.rejects(connection.call('DOMAIN_GET_STATE', { dom: VM }), { code: 'CONNECTION_LOST' });
      await daemon.stop();
      await Promise.all([closed, connection.close()]);
      assert.deepEqual(told, [undefined]);
    });

    it('waits, when it is closed from here, until the daemon has answered what it was asked', async () => {
      await open();
      const order: string[] = [];
      const hungUp = once(
        daemon.peer.socket.on('end', () => order.push('hung up')),
        'end',
      );
      const calls = [connection.call('DOMAIN_GET_STATE', { dom: VM }), connection.call('DOMAIN_GET_INFO', { dom: VM })];
      const closed = connection.close();
      await Promise.all(calls.map((call) => assert.rejects(call, { code: 'CONNECTION_LOST' })));
      const [state, info] = await daemon.heard(({ procedure }) => procedure === STATE || procedure === GET_INFO, 2);
      assert.ok(state && info);
      daemon.peer.reply(state, words(1, 1));
      daemon.peer.send(frame({ program: KEEPALIVE, procedure: 1, type: MESSAGE, serial: 0 }));
      await daemon.heard(({ program, procedure }) => program === KEEPALIVE && procedure === 2);
      order.push('answered');
      daemon.peer.reply(info, INFO);
      await Promise.all([closed, hungUp]);
      assert.deepEqual(order, ['answered', 'hung up']);
    });

    it('does not wait for ever for a daemon that is silent', async () => {
      await open({ farewellMs: 1 });
      const call = connection.call('DOMAIN_GET_STATE', { dom: VM });
      await Promise.all([connection.close(), assert.rejects(call, { code: 'CONNECTION_LOST' })]);
    });

    it('follows from garbage', async () => {
      const told = Promise.withResolvers<unknown>();
      await open({ onClosed: told.resolve });
      const call = connection.call('DOMAIN_GET_STATE', { dom: VM });
      daemon.peer.send(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
      await assert.rejects(call, { code: 'PROTOCOL_VIOLATION' });
      assert.equal(await told.promise, connection.lost);
    });

    it('follows from a reply that nobody asked for', async () => {
      const told = Promise.withResolvers<unknown>();
      await open({ onClosed: told.resolve });
      daemon.peer.send(frame({ procedure: STATE, type: REPLY, serial: 4711 }, words(1, 1)));
      await told.promise;
      assert.equal(connection.lost?.code, 'PROTOCOL_VIOLATION');
    });

    it('follows from the daemon saying that its hypervisor is gone', async () => {
      const told = Promise.withResolvers<unknown>();
      await open({ onClosed: told.resolve });
      daemon.peer.send(frame({ procedure: 362, type: 2 }, words(1)));
      await told.promise;
      assert.equal(connection.lost?.code, 'CONNECTION_LOST');
    });
  });
});
