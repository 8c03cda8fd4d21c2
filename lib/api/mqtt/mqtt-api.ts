import type { IClientOptions } from 'mqtt';
import { toVirtflowError, VirtflowError } from '../../model/errors.ts';
import { learnSecret } from '../../model/secret-text.ts';
import type { Reveal } from '../../secrets/reference.ts';
import { accountFile, readAccount, saveAccount } from './account.ts';
import { type ApprovalRooms, MqttApprovals } from './approvals.ts';
import { EmbeddedBroker, startFirstBroker } from './broker.ts';
import { type CommandRooms, Commands } from './commands.ts';
import { type FactRooms, Facts } from './facts.ts';
import { Leftovers } from './leftovers.ts';
import { BrokerLink } from './link.ts';
import { type ExternalBroker, type MqttSettings, passwordOf, readOption } from './settings.ts';
import { Topics } from './topics.ts';

export type MqttRooms = CommandRooms &
  FactRooms &
  ApprovalRooms & { readonly dataDirectory: string; readonly reveal: Reveal };

const retryMs = 10_000;

/** virtflow on MQTT: states, events and replies go out, commands come in. Topics and payloads: docs/mqtt.md. */
export class MqttApi {
  readonly topics: Topics;
  readonly #rooms: MqttRooms;
  readonly #settings: MqttSettings;
  readonly #opened = Promise.withResolvers<BrokerLink>();
  /** What to stop, the latest first. */
  readonly #parts: { stop(): void | Promise<void> }[] = [];
  #opening: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(settings: MqttSettings, rooms: MqttRooms) {
    this.#settings = settings;
    this.#rooms = rooms;
    this.topics = new Topics(settings.baseTopic);
  }

  /** Begins. What keeps it from working is logged and tried again: the rest of the house works without it. */
  start(): void {
    if (this.#settings.broker === 'off' || this.#opening !== undefined) return;
    this.#attempt(this.#settings.broker);
  }

  /** Resolves once the broker answers. */
  async connected(signal?: AbortSignal): Promise<void> {
    await (await this.#opened.promise).connected(signal);
  }

  /** Says good-bye on the status topic and closes all sockets; stopping twice is fine. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.#opening;
    for (let part = this.#parts.pop(); part; part = this.#parts.pop()) await part.stop();
  }

  #attempt(broker: 'embedded' | ExternalBroker): void {
    this.#opening = this.#open(broker).catch((thrown: unknown) => {
      const error = toVirtflowError(thrown);
      this.#rooms.log.error(`MQTT: ${error.message} ${error.advice} [${error.code}]`);
      if (!this.#stopped) this.#retry = setTimeout(() => this.#attempt(broker), retryMs);
    });
  }

  async #open(choice: 'embedded' | ExternalBroker): Promise<void> {
    if (choice !== 'embedded') return this.#begin(choice.url, externalOptions(choice, this.#rooms.reveal));
    const broker = await this.#embedded();
    learnSecret(broker.account.password);
    this.#parts.push(broker);
    this.#begin(broker.url, { ...broker.own, protocolVersion: 4 });
  }

  async #embedded(): Promise<EmbeddedBroker> {
    const { dataDirectory } = this.#rooms;
    const account = readAccount(dataDirectory);
    if (!account) {
      const broker = await startFirstBroker(this.topics);
      saveAccount(dataDirectory, broker.account);
      return broker;
    }
    const broker = new EmbeddedBroker(account, this.topics);
    await broker.start().catch((error: unknown) => {
      // Its clients know the port, so another one is for people to choose.
      throw busyPort(error, accountFile(dataDirectory));
    });
    return broker;
  }

  #begin(url: string, client: IClientOptions): void {
    if (this.#stopped) return;
    const { topics } = this;
    const link: BrokerLink = new BrokerLink({
      url,
      client,
      statusTopic: topics.status,
      commands: [topics.anyCommand, topics.anyAnswer],
      // The broker inside forgets with us.
      states: this.#settings.broker === 'embedded' ? [] : [...topics.anyState, topics.anyApproval],
      onMessage: (topic, payload, packet) => {
        if (topics.actionOf(topic) !== undefined) commands.handle(topic, payload, packet);
        else if (topics.answeredIn(topic) !== undefined) approvals.handle(topic, payload, packet);
        else if (topics.isApproval(topic)) approvals.found(topic, payload);
        else if (packet.retain && payload.length > 0) leftovers.found(topic);
      },
      log: this.#rooms.log,
    });
    const commands = new Commands(this.#rooms, topics, (message) => link.message(message));
    const approvals = new MqttApprovals(this.#rooms, topics, link);
    const facts = new Facts(this.#rooms, topics, link);
    const leftovers = new Leftovers(this.#rooms.connections, topics, link);
    facts.start();
    approvals.start();
    leftovers.start();
    link.start();
    this.#parts.push(link, commands, approvals, facts, leftovers);
    this.#opened.resolve(link);
  }
}

function externalOptions(broker: ExternalBroker, reveal: Reveal): IClientOptions {
  const password = passwordOf(broker, reveal);
  return {
    ...(broker.protocolVersion && { protocolVersion: broker.protocolVersion }),
    ...(broker.username !== undefined && { username: broker.username }),
    ...(password !== undefined && { password }),
    ...(broker.ca !== undefined && { ca: readOption('mqtt.ca', broker.ca) }),
    ...(broker.cert !== undefined && { cert: readOption('mqtt.cert', broker.cert) }),
    ...(broker.key !== undefined && { key: readOption('mqtt.key', broker.key) }),
  };
}

function busyPort(error: unknown, file: string): unknown {
  if (!(error instanceof VirtflowError) || error.code !== 'PORT_BUSY') return error;
  return new VirtflowError('BROKER_PORT_BUSY', { ...error.details, file }, { cause: error });
}
