import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';

export type ClientSettings = IClientOptions & { readonly url: string };

export interface Heard {
  readonly topic: string;
  readonly text: string;
  readonly packet: IPublishPacket;
  /** The payload as JSON; undefined when it is none. */
  readonly body: Record<string, unknown> | undefined;
}

/** An MQTT client that keeps all that it hears, for a test to wait for. */
export class MqttListener {
  readonly client: MqttClient;
  readonly heard: Heard[] = [];
  readonly #waiting = new Set<() => void>();

  constructor({ url, ...options }: ClientSettings) {
    this.client = mqtt.connect(url, { reconnectPeriod: 50, ...options });
    this.client.on('message', (topic, payload, packet) => {
      const text = payload.toString();
      this.heard.push({ topic, text, packet, body: parse(text) });
      for (const look of [...this.#waiting]) look();
    });
  }

  async connected(): Promise<void> {
    if (this.client.connected) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.client.once('connect', () => resolve());
    await promise;
  }

  async subscribe(...topics: string[]): Promise<this> {
    await this.client.subscribeAsync(topics, { qos: 1 });
    return this;
  }

  /** The first that fits, of what was heard already or will be. */
  async find(fits: (heard: Heard) => boolean): Promise<Heard> {
    const { promise, resolve } = Promise.withResolvers<Heard>();
    const look = () => {
      const found = this.heard.find(fits);
      if (found) resolve(found);
    };
    this.#waiting.add(look);
    look();
    return promise.finally(() => this.#waiting.delete(look));
  }

  async on(topic: string, fits: (heard: Heard) => boolean = () => true): Promise<Heard> {
    return this.find((heard) => heard.topic === topic && fits(heard));
  }

  async publish(topic: string, payload: unknown, options: mqtt.IClientPublishOptions = {}): Promise<void> {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    await this.client.publishAsync(topic, text, { qos: 1, ...options });
  }

  async end(): Promise<void> {
    await this.client.endAsync(true);
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
