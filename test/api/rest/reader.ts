import type { RestHouse } from './house.ts';

export interface Event {
  readonly type: string;
  readonly id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: what came as JSON is looked at by the test that asked for it
  readonly data: any;
}

/** Somebody who reads a stream of events, as quickly as it comes. */
export class EventReader {
  readonly events: Event[] = [];
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
  readonly #gone = new AbortController();
  readonly #waiting = new Set<() => void>();

  private constructor(response: Response, gone: AbortController) {
    this.#gone = gone;
    this.ended = this.#read(response).catch((error: unknown) => {
      if (!gone.signal.aborted) throw error;
    });
  }

  static async open(
    house: RestHouse,
    query = '',
    about: { token?: string; lastEventId?: string } = {},
  ): Promise<EventReader> {
    const gone = new AbortController();
    const headers: Record<string, string> = about.lastEventId ? { 'last-event-id': about.lastEventId } : {};
    const token = about.token === undefined ? {} : { token: about.token };
    const response = await house.response(`/events${query}`, { ...token, headers }, gone.signal);
    if (response.status !== 200) throw new Error(await response.text());
    return new EventReader(response, gone);
  }

  /** The first event that fits, of those that came or will. */
  async next(fits: (event: Event) => boolean): Promise<Event> {
    const { promise, resolve } = Promise.withResolvers<Event>();
    const look = () => {
      const found = this.events.find(fits);
      if (found) resolve(found);
    };
    this.#waiting.add(look);
    look();
    return promise.finally(() => this.#waiting.delete(look));
  }

  close(): void {
    this.#gone.abort();
  }

  async #read(response: Response): Promise<void> {
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const frames = `${text}${chunk}`.split('\n\n');
      text = frames.pop() ?? '';
      this.events.push(...frames.flatMap(read));
      for (const look of [...this.#waiting]) look();
    }
  }
}

function read(frame: string): Event[] {
  const fields = new Map(
    frame.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const [type, data] = [fields.get('event'), fields.get('data')];
  return type === undefined || data === undefined ? [] : [{ type, id: fields.get('id'), data: JSON.parse(data) }];
}
