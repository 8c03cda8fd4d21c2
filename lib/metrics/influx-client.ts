import { Agent as HttpAgent, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { InfluxDB, type IPoint } from 'influx';
import { VirtflowError } from '../model/errors.ts';
import type { Sample } from '../model/reading.ts';
import { withoutSecrets } from '../model/secret-text.ts';
import { asWritten, type Reveal } from '../secrets/reference.ts';
import type { SampleWriter, WriteOutcome } from './writer.ts';

export interface InfluxSettings {
  /** Name of the sink, for messages. */
  readonly name: string;
  /** http://host:8086 or https://…; InfluxDB 2 and 3 are written to through their 1.x API. */
  readonly url: string;
  readonly database: string;
  readonly username?: string;
  /** Or a reference to it. */
  readonly password?: string;
  readonly retentionPolicy?: string;
}

const requestTimeoutMs = 30_000;
/** Questions of a dashboard go side by side, and keep nothing that is written waiting. */
const mostRequests = 8;

/** One server's /write, with every answer sorted into what can be done about it. No reason holds the password. */
export class InfluxClient implements SampleWriter {
  readonly address: string;
  readonly #settings: InfluxSettings;
  readonly #url: URL;
  readonly #agent: HttpAgent | HttpsAgent;

  /** @throws CONNECTION_SETTINGS_INVALID, SECRET_* */
  constructor(settings: InfluxSettings, reveal: Reveal = asWritten) {
    this.#url = checkedUrl(settings);
    const { password } = settings;
    this.#settings = password === undefined ? settings : { ...settings, password: reveal(password) };
    this.address = this.#url.host;
    const keepAlive = { keepAlive: true, maxSockets: mostRequests };
    this.#agent = this.#url.protocol === 'https:' ? new HttpsAgent(keepAlive) : new HttpAgent(keepAlive);
  }

  /** Writes samples; none at all asks whether writing would be allowed. Makes the database when it is missing. */
  async write(samples: readonly Sample[], signal: AbortSignal): Promise<WriteOutcome> {
    const outcome = await this.#attempt(samples, signal);
    if (outcome.type !== 'missing') return outcome;
    const made = await this.createDatabase(this.#settings.database, signal);
    if (made.type !== 'written') return made;
    const second = await this.#attempt(samples, signal);
    return second.type === 'missing' ? { type: 'denied', reason: second.reason } : second;
  }

  /**
   * Asks in InfluxQL; the answer as the server sent it, times in milliseconds. A database that does not exist is empty.
   * @throws METRIC_QUERY_INVALID, METRIC_STORE_UNREACHABLE
   */
  async query(statement: string, signal: AbortSignal, database = this.#settings.database): Promise<unknown> {
    let result: unknown;
    const answer = await this.#ask(signal, async (client) => {
      result = await client.queryRaw(statement, { database, precision: 'ms', method: 'POST' });
    });
    if (answer.type === 'written') return result;
    if (answer.type === 'missing') return {};
    if (answer.type === 'bad') throw new VirtflowError('METRIC_QUERY_INVALID', { reason: answer.reason });
    throw this.#unreachable(answer.reason);
  }

  /** There it is afterwards, or was before. */
  async createDatabase(database: string, signal: AbortSignal): Promise<WriteOutcome> {
    const answer = await this.#ask(signal, (client) => client.createDatabase(database));
    if (answer.type === 'written' || answer.type === 'away') return answer;
    return { type: 'denied', reason: `database "${database}" does not exist and cannot be made: ${answer.reason}` };
  }

  close(): void {
    this.#agent.destroy();
  }

  #unreachable(reason: string): VirtflowError {
    return new VirtflowError('METRIC_STORE_UNREACHABLE', { store: 'InfluxDB', address: this.address, reason });
  }

  async #attempt(samples: readonly Sample[], signal: AbortSignal): Promise<Answer> {
    const { database, retentionPolicy } = this.#settings;
    const options = { database, precision: 'ms' as const, ...(retentionPolicy && { retentionPolicy }) };
    const answer = await this.#ask(signal, (client) => client.writePoints(samples.map(pointOf), options));
    // InfluxDB 2 and 3 refuse an empty write after they have looked at everything else.
    return samples.length === 0 && answer.type === 'bad' ? { type: 'written' } : answer;
  }

  async #ask(stop: AbortSignal, request: (client: InfluxDB) => Promise<void>): Promise<Answer> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(requestTimeoutMs)]);
    try {
      await unlessAborted(request(this.#client(signal)), signal);
      return { type: 'written' };
    } catch (error) {
      return this.#sorted(error);
    }
  }

  /** A client for one request: the library would otherwise lock a server that failed out for a time of its own. */
  #client(signal: AbortSignal): InfluxDB {
    const { username, password } = this.#settings;
    return new InfluxDB({
      host: this.#url.hostname,
      port: Number(this.#url.port || (this.#url.protocol === 'https:' ? 443 : 80)),
      path: this.#url.pathname.replace(/\/$/, ''),
      protocol: this.#url.protocol === 'https:' ? 'https' : 'http',
      options: { agent: this.#agent, signal },
      pool: { maxRetries: 0, requestTimeout: requestTimeoutMs, backoff: neverLockedOut },
      ...(username !== undefined && { username, password: password ?? '' }),
    });
  }

  #sorted(error: unknown): Answer {
    const status = statusOf(error);
    const reason = withoutSecrets(reasonOf(error));
    if (status === 404 && /database not found/i.test(reason)) return { type: 'missing', reason };
    if (status === 400 || status === 413 || status === 422) return { type: 'bad', reason, dropped: droppedOf(reason) };
    if (status !== undefined && status < 500 && status !== 429) return { type: 'denied', reason };
    return { type: 'away', reason };
  }
}

type Answer = WriteOutcome | { readonly type: 'missing'; readonly reason: string };

const neverLockedOut = { getDelay: () => 0, next: () => neverLockedOut, reset: () => neverLockedOut };

function checkedUrl(settings: InfluxSettings): URL {
  const url = URL.canParse(settings.url) ? new URL(settings.url) : undefined;
  const refuse = (reason: string, hint: string) =>
    new VirtflowError('CONNECTION_SETTINGS_INVALID', { connection: settings.name, reason, hint });
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw refuse('its URL is not one of http or https', 'Write it as http://host:8086.');
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse('its URL holds a user or a password', 'Use the fields for them; a URL is seen by all who read flows.');
  }
  if (settings.database.trim() === '') throw refuse('it names no database', 'Give the database to write to.');
  return url;
}

function pointOf(sample: Sample): IPoint {
  const tags: Record<string, string> = {};
  for (const [tag, value] of Object.entries(sample.tags)) if (value !== '') tags[tag] = writable(value);
  return { measurement: sample.measurement, tags, fields: sample.fields, timestamp: sample.at };
}

/** The line protocol has no way to write a line break, or a backslash before what it escapes, and the library none either. */
function writable(tag: string): string {
  return tag.replace(/[\r\n]+/g, ' ').replace(/\\(?=[,= '\\]|$)/g, '/');
}

function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  // An answer that breaks off in its body would leave the library's promise open for ever.
  const aborted = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error('it did not answer in time'));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
  });
  return Promise.race([work, aborted]);
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('res' in error)) return undefined;
  return error.res instanceof IncomingMessage ? error.res.statusCode : undefined;
}

/** The server's own words, without the library's around them. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  const body = text.replace(/^A \d+ .*? error occurred: /s, '').trim();
  const quoted = /^\{.*?"(?:error|message)"\s*:\s*("(?:[^"\\]|\\.)*")/s.exec(body)?.[1];
  return (quoted === undefined ? body : unquoted(quoted)) || text;
}

/** Whole: what is half unescaped would not be known for the secret that it repeats. */
function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

function droppedOf(reason: string): number | undefined {
  const count = /\bdropped=(\d+)/.exec(reason)?.[1];
  return count === undefined ? undefined : Number(count);
}
