import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { type AlertNote, newNotification } from '../../lib/alerts/notification.ts';
import { ownNotifiers } from '../../lib/alerts/notifiers/all.ts';
import { signature } from '../../lib/alerts/notifiers/webhook.ts';
import { render } from '../../lib/alerts/render.ts';

const about = { id: 'n1', kind: 'test', contact: 'ops', at: Date.parse('2026-03-02T10:00:00Z') } as const;
const message = render(newNotification(about), { name: 'ops', type: 'x', settings: {} }, 'http://house:1880/');
const send = (type: string, settings: object) =>
  ownNotifiers().send(type, settings, message, { reveal: (setting) => setting, signal: AbortSignal.timeout(10_000) });

describe('channels, each against a server that listens', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  async function http() {
    const got: { request: IncomingMessage; body: string }[] = [];
    const server = createServer(async (request, response) => {
      got.push({ request, body: await text(request) });
      response.end('{}');
    });
    const url = `http://127.0.0.1:${await listening(server)}`;
    return { got, url };
  }

  async function listening(server: Server): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  it('leads to the alert that a message tells of, or to all of them', () => {
    const note: Omit<AlertNote, 'id'> = {
      ...{ rule: 'cpu', ruleName: 'CPU', name: 'web', object: null, connection: '', state: 'firing' },
      ...{ severity: 'warning', since: 0, endedAt: null, value: 95, says: 'CPU is 95 %.' },
      ...{ acknowledgedBy: null, affected: [] },
    };
    const [one, two] = [
      { ...note, id: 'a/1' },
      { ...note, id: 'b' },
    ];
    const linkOf = (firing: AlertNote[], editor: string | null) =>
      render({ ...newNotification(about), firing }, { name: 'ops', type: 'x', settings: {} }, editor).link;
    assert.equal(linkOf([one], 'http://house:1880/'), 'http://house:1880/alerts/a%2F1');
    assert.equal(linkOf([one, two], 'https://house/red'), 'https://house/red/alerts');
    assert.equal(linkOf([], 'https://house'), 'https://house/alerts');
    assert.equal(linkOf([one], null), null);
  });

  it('signs a webhook, and says which message it is', async () => {
    const { got, url } = await http();
    await send('webhook', { url, secret: 'key' });
    const [{ request, body } = assert.fail()] = got;
    const signed = String(request.headers['x-virtflow-signature']);
    assert.equal(signed, signature('key', body, Number(/t=(\d+)/.exec(signed)?.[1])));
    assert.equal(request.headers['idempotency-key'], 'n1');
  });

  it('speaks as ntfy, Gotify, Matrix and Slack do', async () => {
    const { got, url } = await http();
    await send('ntfy', { server: url, topic: 'ops', token: 't' });
    await send('gotify', { server: url, token: 't' });
    await send('matrix', { server: url, room: '!r:house', token: 't' });
    await send('slack', { url });
    assert.deepEqual(
      got.map(({ request }) => `${request.method} ${request.url}`),
      ['POST /', 'POST /message', 'PUT /_matrix/client/v3/rooms/!r%3Ahouse/send/m.room.message/n1', 'POST /'],
    );
    for (const { body } of got) assert.match(body, /the contact works/);
  });

  it('mails text and HTML', async () => {
    const mails: string[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, _, done) => {
        stream
          .setEncoding('utf8')
          .toArray()
          .then(
            (parts) => mails.push(parts.join('')),
            () => {},
          )
          .finally(() => done());
      },
    });
    const port = await listening(server.server);
    await send('mail', { host: '127.0.0.1', port, tls: 'none', from: 'virtflow@house.test', to: ['anna@house.test'] });
    assert.match(mails[0] ?? '', /Message-ID: <n1@virtflow>[\s\S]*text\/plain[\s\S]*text\/html/);
  });

  it('tells a syslog server over UDP', async () => {
    const socket = createSocket('udp4');
    closing.push(() => socket.close());
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const got = once(socket, 'message');
    await send('syslog', { host: '127.0.0.1', port: socket.address().port });
    assert.match(
      String((await got)[0]),
      /^<134>1 2026-03-02T10:00:00.000Z \S+ virtflow \d+ alert \[virtflow@32473 id="n1"/,
    );
  });
});
