export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** MQTT 5: what the asker wants to get back with the answer. */
  readonly correlationData?: Buffer;
}

/**
 * What has still to be sent. Of a retained state only the latest counts, and each is known for good, to be said anew
 * to a broker that may have forgotten it; of messages the oldest are given up when the broker stays away too long.
 */
export class Outbox {
  readonly #capacity: number;
  readonly #states = new Map<string, string>();
  readonly #unsaid = new Set<string>();
  #messages: OutgoingMessage[] = [];
  #dropped = 0;

  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  /** How many messages were given up since this was asked last. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  get waiting(): number {
    return this.#unsaid.size + this.#messages.length;
  }

  state(topic: string, payload: string): void {
    if (this.#states.get(topic) === payload) return;
    this.#states.set(topic, payload);
    this.#unsaid.add(topic);
  }

  says(topic: string): boolean {
    return this.#states.has(topic);
  }

  /** An empty retained message takes the state away. */
  removeState(topic: string): void {
    if (this.#states.has(topic)) this.state(topic, '');
  }

  message(message: OutgoingMessage): void {
    this.#messages.push(message);
    if (this.#messages.length <= this.#capacity) return;
    // In one go, for taking the first of a long array away is dear.
    const excess = Math.ceil(this.#capacity / 10);
    this.#messages = this.#messages.slice(excess);
    this.#dropped += excess;
  }

  /** Everything retained is to be said anew. */
  repeatStates(): void {
    for (const topic of this.#states.keys()) this.#unsaid.add(topic);
  }

  /** States go first: who hears of an event shall find the state that it led to. */
  take(): OutgoingMessage | undefined {
    for (const topic of this.#unsaid) {
      this.#unsaid.delete(topic);
      const payload = this.#states.get(topic) ?? '';
      if (payload === '') this.#states.delete(topic);
      return { topic, payload, qos: 1, retain: true };
    }
    return this.#messages.shift();
  }
}
