import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { VirtflowError } from '../../model/errors.ts';
import type { Log } from '../../model/log.ts';
import { Outbox, type OutgoingMessage } from './outbox.ts';

export interface LinkOptions {
  readonly url: string;
  /** Credentials, certificates, protocol version. */
  readonly client: IClientOptions;
  /** Says `online` while we are, and `offline` when we are not, even when we died. */
  readonly statusTopic: string;
  /** Filters of what others ask of us. */
  readonly commands: readonly string[];
  /** Where an earlier run may have left retained states at the broker. */
  readonly states: readonly string[];
  readonly onMessage: (topic: string, payload: Buffer, packet: IPublishPacket) => void;
  readonly log: Log;
}

const inFlightLimit = 100;
const firstRetryMs = 500;
const lastRetryMs = 30_000;
const partingMs = 1_000;

/** Our connection to a broker: it comes back by itself, with back-off, and then says again all that is retained. */
export class BrokerLink {
  readonly outbox = new Outbox();
  readonly #options: LinkOptions;
  #client: MqttClient | undefined;
  #inFlight = 0;
  #complained = false;
  #onIdle: (() => void) | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** What the broker sees when we vanish, and what tells people where it is. */
  get address(): string {
    return this.#options.url;
  }

  get isConnected(): boolean {
    return this.#client?.connected ?? false;
  }

  start(): void {
    if (this.#client) return;
    const { url, client: given, statusTopic, onMessage } = this.#options;
    const client = mqtt.connect(url, {
      protocolVersion: 5,
      // A session that outlives us would bring commands hours later, when nobody means them any more.
      clean: true,
      clientId: `virtflow-${randomUUID()}`,
      keepalive: 30,
      connectTimeout: 10_000,
      reconnectPeriod: firstRetryMs,
      reconnectOnConnackError: true,
      resubscribe: false,
      ...given,
      will: { topic: statusTopic, payload: Buffer.from('offline'), qos: 1, retain: true },
    });
    this.#client = client;
    client.on('connect', () => this.#connected(client));
    client.on('reconnect', () => backOff(client));
    client.on('error', (error) => this.#complain(error.message));
    client.on('offline', () => this.#complain('the connection broke'));
    client.on('message', onMessage);
  }

  /** Resolves once connected; rejects with the signal's reason when that comes first. */
  async connected(signal?: AbortSignal): Promise<void> {
    if (this.isConnected) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#client?.once('connect', () => resolve());
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    await promise;
  }

  /** Sends what waits, for a moment, says good-bye, and leaves. */
  async stop(): Promise<void> {
    const client = this.#client;
    if (!client) return;
    this.#client = undefined;
    if (client.connected) await withinParting(this.#part(client));
    client.end(true);
  }

  /** A retained state; told again whenever the broker may have forgotten it. */
  state(topic: string, payload: string): void {
    this.outbox.state(topic, payload);
    this.#pump();
  }

  says(topic: string): boolean {
    return this.outbox.says(topic);
  }

  removeState(topic: string): void {
    this.outbox.removeState(topic);
    this.#pump();
  }

  message(message: OutgoingMessage): void {
    this.outbox.message(message);
    this.#pump();
  }

  #connected(client: MqttClient): void {
    // Otherwise each small packet waits 40 ms for the acknowledgement of the one before.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    client.options.reconnectPeriod = firstRetryMs;
    if (this.#complained) this.#options.log.info(`The MQTT broker at ${this.address} answers again.`);
    this.#complained = false;
    this.#subscribe(client);
    this.outbox.state(this.#options.statusTopic, 'online');
    this.outbox.repeatStates();
    this.#tellDropped();
    this.#pump();
  }

  #subscribe(client: MqttClient): void {
    const { commands, states } = this.#options;
    // The broker gives what it retains at once; from then on we would only hear ourselves.
    if (states.length > 0) client.subscribe([...states], { qos: 0 }, () => client.unsubscribe([...states]));
    client.subscribe([...commands], { qos: 1 }, (error) => {
      if (!error || !client.connected) return;
      const details = { address: this.address, what: `the subscription to ${commands.join(', ')}` };
      this.#options.log.error(explain(new VirtflowError('BROKER_REFUSED', { ...details, reason: error.message })));
    });
  }

  /** Hands over only as much as may be under way at once: the rest waits where it is bounded. */
  #pump(client = this.#client): void {
    while (client?.connected && this.#inFlight < inFlightLimit) {
      const message = this.outbox.take();
      if (!message) break;
      this.#send(client, message);
    }
    if (this.#inFlight === 0 && this.outbox.waiting === 0) this.#onIdle?.();
  }

  #send(client: MqttClient, message: OutgoingMessage): void {
    const { topic, payload, qos, retain, correlationData } = message;
    this.#inFlight += 1;
    client.publish(
      topic,
      payload,
      { qos, retain, ...(correlationData && { properties: { correlationData } }) },
      (error) => {
        this.#inFlight -= 1;
        if (error && client.connected) {
          const details = { address: this.address, what: `a message on ${topic}`, reason: error.message };
          this.#options.log.warn(explain(new VirtflowError('BROKER_REFUSED', details)));
        }
        this.#pump(client);
      },
    );
  }

  async #part(client: MqttClient): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      this.#pump(client);
    });
    await client.publishAsync(this.#options.statusTopic, 'offline', { qos: 1, retain: true });
    await client.endAsync();
  }

  #tellDropped(): void {
    const dropped = this.outbox.takeDropped();
    if (dropped > 0) this.#options.log.warn(`${dropped} MQTT messages were given up while the broker was away.`);
  }

  #complain(reason: string): void {
    if (this.#complained || !this.#client) return;
    this.#complained = true;
    this.#options.log.warn(explain(new VirtflowError('BROKER_UNREACHABLE', { address: this.address, reason })));
  }
}

function backOff(client: MqttClient): void {
  const next = Math.min((client.options.reconnectPeriod ?? firstRetryMs) * 2, lastRetryMs);
  // Not all at the same moment, when a broker comes back that many wait for.
  client.options.reconnectPeriod = Math.round(next * (0.8 + Math.random() * 0.2));
}

async function withinParting(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, partingMs);
  });
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}

function explain(error: VirtflowError): string {
  return `${error.message} ${error.advice} [${error.code}]`;
}
