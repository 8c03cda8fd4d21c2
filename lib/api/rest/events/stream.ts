import type { ServerResponse } from 'node:http';
import type { Sight } from '../../../access/sight.ts';
import { toVirtflowError, VirtflowError } from '../../../model/errors.ts';
import type { Problem } from '../problem.ts';
import { Backlog, type Waiting } from './backlog.ts';
import type { StreamFact } from './fact.ts';

export interface StreamOptions {
  /** With the rights of this moment. @throws TOKEN_INVALID once whoever reads may no more */
  sight(): Sight;
  problem(error: VirtflowError): Problem;
  readonly limits?: Partial<StreamLimits>;
}

export interface StreamLimits {
  readonly heartbeatMs: number;
  /** So many facts may wait for a slow reader. */
  readonly waiting: number;
  /** A reader that took nothing for so long is gone. */
  readonly silentMs: number;
}

const defaults: StreamLimits = { heartbeatMs: 15_000, waiting: 1_000, silentMs: 60_000 };
const lookAgainMs = 200;
const retryMs = 3_000;
const partMs = 2_000;

/**
 * Server-sent events (WHATWG HTML, section 9.2) to one reader. It writes no faster than they are read; meanwhile facts
 * wait, are coalesced, and when too many wait all the same, the reader is told so and let go.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #options: StreamOptions;
  readonly #limits: StreamLimits;
  readonly #backlog = new Backlog();
  readonly #closed = new AbortController();
  #heartbeat: NodeJS.Timeout | undefined;
  #isWriting = false;
  #isSlow = false;
  #sight: { readonly value: Sight; readonly until: number } | undefined;

  constructor(response: ServerResponse, options: StreamOptions) {
    this.#response = response;
    this.#options = options;
    this.#limits = { ...defaults, ...options.limits };
  }

  /** Aborted once nobody reads any more. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  get waiting(): number {
    return this.#backlog.size;
  }

  /** Tells facts of the past first; what is offered meanwhile comes after them. */
  start(past: readonly Waiting[], warning?: VirtflowError): void {
    this.#response.on('close', () => this.#close());
    this.#response.on('error', () => this.#close());
    this.#response.write(`retry: ${retryMs}\n\n`);
    if (warning) this.#response.write(frame('warning', this.#options.problem(warning)));
    this.#heartbeat = setInterval(() => this.#beat(), this.#limits.heartbeatMs);
    this.#write(past);
  }

  offer(fact: StreamFact): void {
    if (this.closed.aborted) return;
    this.#backlog.add(fact, Date.now(), this.#isSlow);
    if (this.#backlog.size > this.#limits.waiting) {
      this.end(new VirtflowError('EVENTS_TOO_SLOW', { waiting: this.#limits.waiting }));
    } else if (!this.#isWriting) this.#write([]);
  }

  /** Says why, and closes; whoever does not read even that is cut off. */
  end(reason: VirtflowError): void {
    if (this.closed.aborted) return;
    const response = this.#response;
    response.end(frame('error', this.#options.problem(reason)));
    setTimeout(() => response.destroy(), partMs).unref();
    this.#close();
  }

  #write(past: readonly Waiting[]): void {
    this.#isWriting = true;
    this.#tellAll(past).catch((thrown: unknown) => this.end(toVirtflowError(thrown)));
  }

  async #tellAll(past: readonly Waiting[]): Promise<void> {
    for (const waiting of past) await this.#tell(waiting);
    for (let next = this.#backlog.next(); next; next = this.#backlog.next()) await this.#tell(next);
    this.#isWriting = false;
  }

  async #tell({ fact, at, coalesced }: Waiting): Promise<void> {
    const told = await fact.tell(this.#sightNow());
    if (told === undefined || this.closed.aborted) return;
    const about = coalesced > 0 ? { coalesced, ...Object(told) } : told;
    if (this.#response.write(frame(fact.type, about, at))) return;
    this.#isSlow = true;
    await this.#drained();
    this.#isSlow = false;
  }

  /** Rights that are taken away count within a moment. */
  #sightNow(): Sight {
    const now = performance.now();
    if (this.#sight === undefined || now > this.#sight.until) {
      this.#sight = { value: this.#options.sight(), until: now + lookAgainMs };
    }
    return this.#sight.value;
  }

  #drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const silent = setTimeout(() => this.#response.destroy(), this.#limits.silentMs).unref();
    const response = this.#response.once('drain', resolve);
    const gone = () => resolve();
    this.closed.addEventListener('abort', gone, { once: true });
    return promise.finally(() => {
      clearTimeout(silent);
      response.off('drain', resolve);
      this.closed.removeEventListener('abort', gone);
    });
  }

  /** Keeps proxies from closing it, and sees whether whoever reads still may. */
  #beat(): void {
    try {
      this.#options.sight();
      if (!this.#isSlow) this.#response.write(': alive\n\n');
    } catch (thrown) {
      this.end(toVirtflowError(thrown));
    }
  }

  #close(): void {
    clearInterval(this.#heartbeat);
    this.#closed.abort();
  }
}

/** JSON holds no line feed, so that a fact is one line. */
function frame(type: string, data: unknown, at?: number): string {
  const id = at === undefined ? '' : `id: ${at}\n`;
  return `event: ${type}\n${id}data: ${JSON.stringify(data)}\n\n`;
}
