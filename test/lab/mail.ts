import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  readonly to: readonly string[];
  /** As it came over the wire, encoded parts decoded. */
  readonly text: string;
}

/** An SMTP server on loopback that keeps what it is given. */
export interface MailServer {
  readonly port: number;
  /** The first that fits of what came already. */
  find(fits: (mail: Mail) => boolean): Mail | undefined;
  /** The first that fits, of what came already or will. */
  next(fits: (mail: Mail) => boolean): Promise<Mail>;
  stop(): void;
}

export async function startMailServer(): Promise<MailServer> {
  const mails: Mail[] = [];
  const looks = new Set<() => void>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, done) => {
      stream
        .setEncoding('utf8')
        .toArray()
        .then((parts) => {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          mails.push({ to, text: quotedPrintableRead(parts.join('')) });
          for (const look of [...looks]) look();
        })
        .finally(() => done());
    },
  });
  server.server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    find: (fits) => mails.find(fits),
    next: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = mails.find(fits);
          if (!found) return;
          looks.delete(look);
          resolve(found);
        };
        looks.add(look);
        look();
      }),
    stop: () => server.close(),
  };
}

function quotedPrintableRead(text: string): string {
  const bytes = text
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
