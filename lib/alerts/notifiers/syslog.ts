import { createSocket } from 'node:dgram';
import { connect as connectTcp, isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import Type, { type Static } from 'typebox';
import type { Rendered } from '../render.ts';
import { authority, closed } from './http.ts';
import { failed, type Means, type Notifier, reasonOf } from './notifier.ts';

const settings = Type.Object(
  {
    host: Type.String({ title: 'Server', description: 'Its name or address.', minLength: 1, maxLength: 255 }),
    transport: Type.Optional(
      Type.Enum(['udp', 'tcp', 'tls'], {
        title: 'Over',
        description: 'UDP never tells whether a message arrived.',
        default: 'udp',
      }),
    ),
    port: Type.Optional(
      Type.Integer({
        title: 'Port',
        description: '514 over UDP, 601 over TCP and 6514 over TLS when left empty.',
        minimum: 1,
        maximum: 65_535,
      }),
    ),
    ca: Type.Optional(authority),
    facility: Type.Optional(
      Type.Integer({
        title: 'Facility',
        description: 'A number of RFC 5424, section 6.2.1: 16 is local0.',
        minimum: 0,
        maximum: 23,
        default: 16,
      }),
    ),
  },
  closed,
);
type Settings = Static<typeof settings>;

/** RFC 5424, section 6.2.1: critical, warning, informational; notice when it is over. */
const levels = { critical: 2, warning: 4, info: 6 } as const;
const notice = 5;
/** RFC 5426, section 3.2: what every receiver should take. */
const longestDatagram = 2_048;

/** RFC 5424, over UDP (RFC 5426), TCP (RFC 6587, octets counted) or TLS (RFC 5425). */
export const syslog: Notifier<typeof settings> = {
  type: 'syslog',
  settings,
  async send(given, message, means) {
    const { transport = 'udp' } = given;
    const line = Buffer.from(syslogLine(message, given.facility ?? 16));
    try {
      if (transport === 'udp') await sendDatagram(given, line);
      else await sendStream(given, Buffer.concat([Buffer.from(`${line.length} `), line]), means);
    } catch (error) {
      throw failed('syslog', reasonOf(error), error);
    }
    return transport === 'udp' ? 'sent; UDP tells nothing more' : 'sent';
  },
};

export function syslogLine({ id, kind, status, severity, title, text, at }: Rendered, facility: number): string {
  const level = status === 'resolved' ? notice : levels[severity];
  const data = `[virtflow@32473 id="${quoted(id)}" kind="${kind}" status="${status}" severity="${severity}"]`;
  const words = `${title}: ${text}`.replace(/\s+/g, ' ');
  return `<${facility * 8 + level}>1 ${new Date(at).toISOString()} ${hostname() || '-'} virtflow ${process.pid} alert ${data} \ufeff${words}`;
}

/** RFC 5424, section 6.3.3. */
function quoted(text: string): string {
  return text.replaceAll(/["\\\]]/g, '\\$&');
}

function sendDatagram({ host, port = 514 }: Settings, line: Buffer): Promise<void> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  return new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.send(line.subarray(0, longestDatagram), port, host, (error) => (error ? reject(error) : resolve()));
  }).finally(() => socket.close());
}

/** It is sent when the other side has taken it into its hands: our end of the connection was closed without a fault. */
function sendStream({ host, port, transport, ca }: Settings, frame: Buffer, { signal }: Means): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const isTls = transport === 'tls';
    const options = { host, port: port ?? (isTls ? 6514 : 601) };
    const socket = isTls
      ? connectTls({ ...options, servername: host, ...(ca === undefined ? {} : { ca }) })
      : connectTcp(options);
    const abort = () => socket.destroy(new Error('it took too long'));
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', reject);
    socket.once(isTls ? 'secureConnect' : 'connect', () => socket.end(frame));
    socket.once('close', (hadError) => {
      signal.removeEventListener('abort', abort);
      if (!hadError) resolve();
    });
    socket.resume();
  });
}
