import type { ObjectRef } from '../../model/reference.ts';

/** First levels that are ours; a connection of that name would get into their way. */
const reserved: ReadonlySet<string> = new Set([
  'status',
  'command',
  'reply',
  'operation',
  'alert',
  'alerts',
  'approval',
  'governor',
  'calendar',
  'rule',
]);

/** What MQTT forbids or reads as its own in a topic, and the sign that we escape it with. */
const forbidden = /[%+#/\p{Cc}\ufffe\uffff]/gu;

/** One level of a topic from any text: what cannot stand there is written as in a URL (`a/b` becomes `a%2Fb`). */
export function level(text: string): string {
  return text.toWellFormed().replace(forbidden, (sign) => encodeURIComponent(sign));
}

/** Every topic of the MQTT API, under one base. docs/mqtt.md lists them. */
export class Topics {
  readonly base: string;

  constructor(base: string) {
    this.base = base;
  }

  get status(): string {
    return `${this.base}/status`;
  }

  get anyCommand(): string {
    return `${this.base}/command/+`;
  }

  /** The action that a command topic names. */
  actionOf(topic: string): string | undefined {
    const prefix = `${this.base}/command/`;
    return topic.startsWith(prefix) ? topic.slice(prefix.length) : undefined;
  }

  /** What is asked, retained until it is answered. */
  approval(id: string): string {
    return `${this.base}/approval/${level(id)}`;
  }

  get anyApproval(): string {
    return `${this.base}/approval/+`;
  }

  get anyAnswer(): string {
    return `${this.anyApproval}/answer`;
  }

  isApproval(topic: string): boolean {
    return topic.startsWith(`${this.base}/approval/`) && topic.split('/').length === this.base.split('/').length + 2;
  }

  /** The approval that a topic for answers names. */
  answeredIn(topic: string): string | undefined {
    const [, id] = /^\/approval\/([^/]+)\/answer$/.exec(topic.slice(this.base.length)) ?? [];
    return topic.startsWith(this.base) ? id : undefined;
  }

  reply(correlationId: string): string {
    return `${this.base}/reply/${level(correlationId)}`;
  }

  operation(state: string): string {
    return `${this.base}/operation/${state}`;
  }

  alert(rule: string, type: string): string {
    return `${this.base}/alert/${level(rule)}/${type}`;
  }

  /** One that goes on. */
  alertState(id: string): string {
    return `${this.base}/alerts/${level(id)}`;
  }

  get alertCounts(): string {
    return `${this.base}/alerts`;
  }

  get governorState(): string {
    return `${this.base}/governor/state`;
  }

  windowState(id: string): string {
    return `${this.base}/calendar/window/${level(id)}`;
  }

  scheduleState(id: string): string {
    return `${this.base}/calendar/schedule/${level(id)}`;
  }

  ruleState(id: string): string {
    return `${this.base}/rule/${level(id)}`;
  }

  connectionState(connection: string): string {
    return `${this.#connection(connection)}/state`;
  }

  objectState(ref: ObjectRef): string {
    return `${this.#connection(ref.connection)}/${ref.kind}/${level(ref.id)}/state`;
  }

  /** Filters for the states of connections and of objects. */
  get anyState(): string[] {
    return [`${this.base}/+/state`, `${this.base}/+/+/+/state`];
  }

  isStateOf(topic: string, connection: string): boolean {
    return topic.startsWith(`${this.#connection(connection)}/`) && topic.endsWith('/state');
  }

  event(connection: string, type: string): string {
    return `${this.#connection(connection)}/event/${type}`;
  }

  /** Whether others may be answered there: a client's own topic, or a reply topic of ours; never one that we speak on. */
  mayReplyOn(topic: string): boolean {
    if (topic === '' || topic.startsWith('$') || /[+#\p{Cc}]/u.test(topic)) return false;
    return !this.#isOurs(topic) || topic.startsWith(`${this.base}/reply/`);
  }

  /** Whether somebody else may publish there: commands, answers, and what is none of our topics. */
  othersMayPublish(topic: string): boolean {
    const isForUs = this.actionOf(topic) !== undefined || this.answeredIn(topic) !== undefined;
    return !topic.startsWith('$') && (!this.#isOurs(topic) || isForUs);
  }

  #isOurs(topic: string): boolean {
    return topic === this.base || topic.startsWith(`${this.base}/`);
  }

  #connection(name: string): string {
    const escaped = level(name);
    return `${this.base}/${reserved.has(name) ? `%${name.charCodeAt(0).toString(16)}${name.slice(1)}` : escaped}`;
  }
}
