/** Something that waits for its turn on a connection. */
export interface Turn {
  readonly id: string;
  /** What no other turn may hold meanwhile. */
  readonly object: string | null;
  /** Never rejects. */
  take(): Promise<void>;
}

/** What keeps a newcomer from its turn. */
export type Obstacle =
  | { readonly rule: 'object-busy'; readonly operation: string }
  | { readonly rule: 'connection-limit'; readonly running: number };

/** The order on one connection: first come, first served, a limited number at once, one at a time on each object. */
class Lane {
  readonly waiting = new Map<string, Turn>();
  readonly #running = new Map<string, Turn>();
  readonly #busy = new Set<string>();
  #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  advance(): void {
    for (const turn of this.waiting.values()) {
      if (this.#running.size >= this.#limit) return;
      if (turn.object !== null && this.#busy.has(turn.object)) continue;
      this.waiting.delete(turn.id);
      this.begin(turn);
    }
  }

  begin(turn: Turn): void {
    this.#running.set(turn.id, turn);
    if (turn.object !== null) this.#busy.add(turn.object);
    turn
      .take()
      .catch((error: unknown) => process.emitWarning(String(error), { code: 'VIRTFLOW_TURN' }))
      .finally(() => this.#finish(turn));
  }

  close(): void {
    this.#limit = 0;
  }

  obstacle(object: string | null): Obstacle | undefined {
    const ahead = object === null ? undefined : [...this.#on(object)].at(-1);
    if (ahead) return { rule: 'object-busy', operation: ahead.id };
    const running = this.#running.size;
    return running >= this.#limit ? { rule: 'connection-limit', running } : undefined;
  }

  neighbours(turn: Turn): { ahead?: string | undefined; behind?: string | undefined } {
    if (turn.object === null) return {};
    const line = [...this.#on(turn.object)];
    const place = line.indexOf(turn);
    return { ahead: line[place - 1]?.id, behind: line[place + 1]?.id };
  }

  *#on(object: string): Iterable<Turn> {
    if (this.#busy.has(object)) for (const turn of this.#running.values()) if (turn.object === object) yield turn;
    for (const turn of this.waiting.values()) if (turn.object === object) yield turn;
  }

  #finish(turn: Turn): void {
    this.#running.delete(turn.id);
    if (turn.object !== null) this.#busy.delete(turn.object);
    this.advance();
  }
}

/** The lanes of all connections; they do not wait for each other. */
export class Lanes {
  readonly #limit: number;
  readonly #lanes = new Map<string, Lane>();

  /** @param limit how many run at once on one connection */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(connection: string, turn: Turn): void {
    const lane = this.#lane(connection);
    lane.waiting.set(turn.id, turn);
    lane.advance();
  }

  /** Takes its turn at once, whatever runs: the hypervisor may be at it already. */
  begin(connection: string, turn: Turn): void {
    this.#lane(connection).begin(turn);
  }

  isWaiting(connection: string, id: string): boolean {
    return this.#lane(connection).waiting.has(id);
  }

  /** Takes a turn out of the queue; answers those before and behind it on the same object. */
  remove(connection: string, id: string): { ahead?: string | undefined; behind?: string | undefined } {
    const lane = this.#lane(connection);
    const turn = lane.waiting.get(id);
    const neighbours = turn ? lane.neighbours(turn) : {};
    lane.waiting.delete(id);
    return neighbours;
  }

  /** What a turn would have to wait for if it came now. */
  obstacle(connection: string, object: string | null): Obstacle | undefined {
    return this.#lane(connection).obstacle(object);
  }

  /** Nobody begins any more. */
  close(): void {
    for (const lane of this.#lanes.values()) lane.close();
  }

  #lane(connection: string): Lane {
    const known = this.#lanes.get(connection);
    if (known) return known;
    const made = new Lane(this.#limit);
    this.#lanes.set(connection, made);
    return made;
  }
}
