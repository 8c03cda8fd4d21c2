import assert from 'node:assert/strict';
import { Connection } from '../../../../plugins/libvirt/rpc/connection.ts';
import { FakeDaemon, type Received } from './fake-daemon.ts';
import { runningJob } from './jobs.ts';
import { CALL, domain, frame, MESSAGE, parameter, REPLY, text, VM, words } from './wire.ts';

const [REGISTER, DEREGISTER, NETWORK_REGISTER, CREATE, LIFECYCLE, NETWORK_LIFECYCLE] = [316, 317, 313, 10, 318, 315];

const of = (procedure: number | undefined) => (call: Received) => call.procedure === procedure && call.type === CALL;
const lifecycle = (id: number, event: number) =>
  frame({ procedure: LIFECYCLE as number, type: MESSAGE }, words(id), domain(), words(event, 0));

describe('events', () => {
  let daemon: FakeDaemon;
  let connection: Connection;
  let warnings: unknown[];

  beforeEach(async () => {
    warnings = [];
    daemon = await FakeDaemon.start();
    daemon.on(REGISTER as number, (call, peer) => peer.reply(call, words(21)));
    daemon.on(DEREGISTER as number, (call, peer) => peer.reply(call));
    daemon.on(NETWORK_REGISTER as number, (call, peer) => peer.reply(call, words(21)));
    const onWarning = (error: unknown) => warnings.push(error);
    connection = await Connection.open({ address: daemon.address, uri: 'test:///default', onWarning });
  });
  afterEach(async () => {
    await connection.close();
    await daemon.stop();
  });

  /** Resolves once what was sent before has been dealt with. */
  const settled = async () => {
    daemon.on(212, (call, peer) => peer.reply(call, words(1, 1)));
    await connection.call('DOMAIN_GET_STATE', { dom: VM });
  };

  it('are registered for all objects, or for one', async () => {
    await connection.subscribe('domain.reboot', () => {});
    await connection.subscribe('domain.reboot', () => {}, { of: VM });
    const [all, one] = daemon.received.filter(of(REGISTER));
    assert.deepEqual(all?.payload, words(1, 0));
    assert.deepEqual(one?.payload, Buffer.concat([words(1, 1), domain()]));
  });

  it('reach the listener with all they hold', async () => {
    const events: unknown[] = [];
    await connection.subscribe('domain.lifecycle', (event) => events.push(event));
    await connection.subscribe('domain.graphics', (event) => events.push(event));
    await connection.subscribe('domain.tunable', (event) => events.push(event));
    await connection.subscribe('domain.pmSuspend', (event) => events.push(event));
    const address = (node: string) => Buffer.concat([words(0), text(node), text('5900')]);
    daemon.peer.send(
      lifecycle(21, 2),
      frame(
        { procedure: 323, type: MESSAGE },
        words(21),
        domain(),
        words(1),
        address('::1'),
        address('::2'),
        text('vnc'),
        words(1),
        text('x509'),
        text('CN=me'),
      ),
      frame({ procedure: 346, type: MESSAGE }, words(21), domain(), words(1), parameter('cputune.x', 2, words(5))),
      frame({ procedure: 330, type: MESSAGE }, words(21, 3), domain()),
    );
    await settled();
    assert.deepEqual(events, [
      { callbackID: 21, dom: VM, event: 2, detail: 0 },
      {
        callbackID: 21,
        dom: VM,
        phase: 1,
        local: { family: 0, node: '::1', service: '5900' },
        remote: { family: 0, node: '::2', service: '5900' },
        authScheme: 'vnc',
        subject: [{ type: 'x509', name: 'CN=me' }],
      },
      { callbackID: 21, dom: VM, params: [{ field: 'cputune.x', type: 'u32', value: 5 }] },
      { callbackID: 21, reason: 3, dom: VM },
    ]);
  });

  it('are not lost when they share a read with the reply of their registration, before or after it', async () => {
    daemon.on(REGISTER as number, (call, peer) => {
      const reply = frame({ procedure: call.procedure, type: REPLY, serial: call.serial }, words(5));
      peer.send(lifecycle(5, 0), reply, lifecycle(5, 2), lifecycle(6, 3));
    });
    const events: number[] = [];
    await connection.subscribe('domain.lifecycle', ({ event }) => events.push(event));
    await settled();
    assert.deepEqual(events, [0, 2]);
  });

  it('come before the reply of the call that caused them, when the daemon sends them so', async () => {
    const order: string[] = [];
    await connection.subscribe('domain.lifecycle', () => order.push('event'));
    daemon.on(CREATE as number, (call, peer) => {
      peer.send(lifecycle(21, 2), frame({ procedure: 10, type: REPLY, serial: call.serial }, domain()));
    });
    await connection.call('DOMAIN_CREATE_XML', { xml_desc: '<domain/>' }, { job: runningJob() });
    order.push('reply');
    assert.deepEqual(order, ['event', 'reply']);
  });

  it('of two kinds with the same callback id stay apart', async () => {
    const seen: string[] = [];
    await connection.subscribe('domain.lifecycle', ({ dom }) => seen.push(`domain ${dom.name}`));
    await connection.subscribe('network.lifecycle', ({ net }) => seen.push(`network ${net.name}`));
    const network = Buffer.concat([text('default'), Buffer.alloc(16)]);
    daemon.peer.send(
      frame({ procedure: NETWORK_LIFECYCLE as number, type: MESSAGE }, words(21), network, words(2, 0)),
      lifecycle(21, 1),
    );
    await settled();
    assert.deepEqual(seen, ['network default', 'domain vm']);
  });

  it('are listened to no more after the subscription is stopped, which may be done twice', async () => {
    const events: unknown[] = [];
    const subscription = await connection.subscribe('domain.lifecycle', (event) => events.push(event));
    await Promise.all([subscription.stop(), subscription.stop()]);
    daemon.peer.send(lifecycle(21, 1));
    await settled();
    assert.deepEqual(events, []);
    assert.deepEqual(
      daemon.received.filter(of(DEREGISTER)).map(({ payload }) => payload),
      [words(21)],
    );
  });

  it('whose listener throws reach the others, and the warning says so', async () => {
    let seen = 0;
    await connection.subscribe('domain.lifecycle', () => {
      seen += 1;
      throw new Error('clumsy');
    });
    daemon.peer.send(lifecycle(21, 1), lifecycle(21, 2));
    await settled();
    assert.equal(seen, 2);
    assert.equal(warnings.length, 2);
  });

  it('that cannot be read are told as a warning and cost no connection', async () => {
    await connection.subscribe('domain.lifecycle', () => {});
    daemon.peer.send(frame({ procedure: LIFECYCLE as number, type: MESSAGE }, words(21, 1)));
    await settled();
    assert.equal(warnings.length, 1);
  });

  it('whose registration was aborted are deregistered when it is answered', async () => {
    const controller = new AbortController();
    daemon.on(REGISTER as number, () => controller.abort(new Error('enough')));
    await assert.rejects(
      connection.subscribe('domain.lifecycle', () => {}, { signal: controller.signal }),
      /enough/,
    );
    const [call] = daemon.received.filter(of(REGISTER));
    daemon.peer.reply(call as Received, words(9));
    const [deregister] = await daemon.heard(of(DEREGISTER));
    assert.deepEqual(deregister?.payload, words(9));
  });
});
