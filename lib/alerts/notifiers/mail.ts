import nodemailer from 'nodemailer';
import Type, { type Static } from 'typebox';
import { authority, closed, secret } from './http.ts';
import { failed, type Notifier, reasonOf } from './notifier.ts';

const address = { pattern: '^[^\\s@]+@[^\\s@]+$|<[^\\s@]+@[^\\s@]+>$', maxLength: 320 };

const settings = Type.Object(
  {
    to: Type.Array(Type.String(address), {
      title: 'To',
      description: 'Addresses, with commas between them.',
      minItems: 1,
      maxItems: 100,
    }),
    from: Type.String({ title: 'From', description: 'The address that it comes from.', ...address }),
    host: Type.String({ title: 'Server', description: 'The SMTP server that takes it.', minLength: 1, maxLength: 255 }),
    tls: Type.Optional(
      Type.Enum(['tls', 'starttls', 'none'], {
        title: 'Encrypted',
        description: 'From the start, demanded after it, or never.',
        default: 'starttls',
      }),
    ),
    port: Type.Optional(
      Type.Integer({
        title: 'Port',
        description: '465, 587 or 25 when left empty, as it is encrypted.',
        minimum: 1,
        maximum: 65_535,
      }),
    ),
    ca: Type.Optional(authority),
    username: Type.Optional(Type.String({ title: 'User', description: 'Where the server asks for one.' })),
    password: Type.Optional(secret('Password', 'Of the user.')),
  },
  closed,
);
type Settings = Static<typeof settings>;

const ports = { tls: 465, starttls: 587, none: 25 } as const;
const waitMs = 20_000;

/** SMTP. The same notification has the same Message-ID, should it ever come twice. */
export const mail: Notifier<typeof settings> = {
  type: 'mail',
  settings,
  async send(given, { id, title, text, html, at }, { reveal, signal }) {
    const { from, to } = given;
    const transport = nodemailer.createTransport(optionsOf(given, reveal));
    const stop = () => transport.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const headers = { 'X-Virtflow-Notification': id, 'Auto-Submitted': 'auto-generated' };
      const messageId = `<${id}@virtflow>`;
      const sent = await transport.sendMail({
        from,
        to,
        subject: title,
        text,
        html,
        messageId,
        headers,
        date: new Date(at),
      });
      if (sent.rejected.length > 0) throw new Error(`refused for ${sent.rejected.map(String).join(', ')}`);
      return sent.response;
    } catch (error) {
      throw failed('mail', reasonOf(error), error);
    } finally {
      signal.removeEventListener('abort', stop);
      transport.close();
    }
  },
};

function optionsOf(
  { host, tls = 'starttls', port = ports[tls], ca, username, password }: Settings,
  reveal: (text: string) => string,
) {
  return {
    host,
    port,
    secure: tls === 'tls',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    connectionTimeout: waitMs,
    greetingTimeout: waitMs,
    socketTimeout: waitMs,
    ...(ca === undefined ? {} : { tls: { ca } }),
    ...(username === undefined ? {} : { auth: { user: username, pass: reveal(password ?? '') } }),
  };
}
