import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from 'aedes';
import { VirtflowError } from '../../model/errors.ts';
import { type BrokerAccount, newAccount } from './account.ts';
import type { Topics } from './topics.ts';

const host = '127.0.0.1';
/** Well over what a VM's definition needs. */
export const payloadLimitBytes = 2_500_000;

/** The broker inside: for this machine alone, with one account, and with our topics kept for ourselves. */
export class EmbeddedBroker {
  /** Our own way in, known to nobody else and new each time. */
  readonly own = { username: 'virtflow itself', password: randomBytes(32).toString('base64url') };
  readonly account: BrokerAccount;
  readonly #topics: Topics;
  readonly #ownClients = new WeakSet<Client>();
  readonly #sockets = new Set<Socket>();
  #aedes: Aedes | undefined;
  #server: Server | undefined;

  constructor(account: BrokerAccount, topics: Topics) {
    this.account = account;
    this.#topics = topics;
  }

  get url(): string {
    return `mqtt://${host}:${this.account.port}`;
  }

  /** @throws PORT_BUSY */
  async start(): Promise<void> {
    const aedes = await Aedes.createBroker({
      // Sessions that outlive their client would gather messages in memory for ever.
      preConnect: (_client, packet, done) => {
        packet.clean = true;
        done(null, true);
      },
      authenticate: (client, username, password, done) => {
        const accepted = this.#authenticate(client, username, password);
        done(accepted ? null : badCredentials(), accepted);
      },
      authorizePublish: (client, packet, done) => done(this.#refusal(client, packet)),
    });
    const server = createServer((socket) => this.#accept(aedes, socket));
    try {
      server.listen(this.account.port, host);
      await once(server, 'listening');
    } catch (error) {
      aedes.close();
      throw new VirtflowError('PORT_BUSY', { port: this.account.port, host }, { cause: error });
    }
    this.#aedes = aedes;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const [aedes, server] = [this.#aedes, this.#server];
    this.#aedes = undefined;
    this.#server = undefined;
    if (!aedes || !server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(aedes: Aedes, socket: Socket): void {
    this.#sockets.add(socket);
    // Otherwise each small packet waits 40 ms for the acknowledgement of the one before.
    socket.setNoDelay(true);
    socket.on('close', () => this.#sockets.delete(socket));
    // A peer that goes away in the middle is no news, and without a listener it would end the process.
    socket.on('error', () => socket.destroy());
    aedes.handle(socket);
  }

  #authenticate(client: Client, username: string | undefined, password: Buffer | undefined): boolean {
    if (username === undefined || password === undefined) return false;
    const given = password.toString();
    if (username === this.own.username && sameSecret(given, this.own.password)) {
      this.#ownClients.add(client);
      return true;
    }
    return username === this.account.username && sameSecret(given, this.account.password);
  }

  /** Why somebody may not publish this; null when it is fine. A client that is refused is disconnected. */
  #refusal(client: Client | null, packet: PublishPacket): Error | null {
    if (client === null || this.#ownClients.has(client)) return null;
    if (!this.#topics.othersMayPublish(packet.topic)) return new Error(`only virtflow publishes to ${packet.topic}`);
    return packet.payload.length > payloadLimitBytes ? new Error('the message is too long') : null;
  }
}

function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

function badCredentials(): AuthenticateError {
  return Object.assign(new Error('bad user name or password'), { returnCode: 4 });
}

const firstPort = 1883;
const portsTried = 100;

/** A broker with a new account, on the usual port or the next that is free; started. @throws PORT_BUSY */
export async function startFirstBroker(topics: Topics): Promise<EmbeddedBroker> {
  for (let port = firstPort; port < firstPort + portsTried; port += 1) {
    const broker = new EmbeddedBroker(newAccount(port), topics);
    try {
      await broker.start();
      return broker;
    } catch (error) {
      if (!(error instanceof VirtflowError) || error.code !== 'PORT_BUSY') throw error;
    }
  }
  throw new VirtflowError('PORT_BUSY', { port: `${firstPort} and each of the ${portsTried} above it`, host });
}
