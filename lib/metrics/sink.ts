import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../calendar/clock.ts';
import { type ErrorRecord, toVirtflowError, VirtflowError } from '../model/errors.ts';
import { Feed } from '../model/feed.ts';
import type { Sample } from '../model/reading.ts';
import { Spool, type SpooledEntry } from '../store/spool.ts';
import { RefusedFile } from './refused.ts';
import { type FailedOutcome, sift } from './sift.ts';
import { Run } from './sink-run.ts';
import { readSamples, spoolEntries } from './spooled.ts';
import type { SampleWriter } from './writer.ts';

export interface SinkOptions {
  /** Where what waits is kept, and what was refused; each sink has its own. */
  readonly directory: string;
  /** How much may wait while the server is away; 512 MiB when not given. */
  readonly bufferBytes?: number;
  /** How long samples that come after a silence wait on disk for others to go with; none when not given. */
  readonly gatherMs?: number;
  readonly clock?: Clock;
}

/** Counts are samples, since the sink was made; `waiting` is what is on disk now. */
export interface SinkState {
  /** Whether the server took or would have taken the last write. */
  readonly connected: boolean;
  readonly waiting: number;
  readonly written: number;
  /** Put aside in the file that `error` names. */
  readonly refused: number;
  /** Given up because the buffer was full. */
  readonly dropped: number;
  readonly error: ErrorRecord | null;
}

interface ReadEntry extends SpooledEntry {
  readonly samples: readonly Sample[] | undefined;
}

const samplesInARequest = 5_000;
const firstRetryMs = 500;
const longestRetryMs = 30_000;

/**
 * Writes samples to a store, in order. A sample is on disk when `write` returns and leaves the disk when the store
 * has acknowledged it; sent twice it is the same point, for it carries its own time. While the store is away samples
 * wait, also over a restart of the process. What the server will never take is put aside in a file, and holds nothing
 * up; what is refused for a password or a missing right waits until that is mended.
 */
export class Sink {
  readonly states = new Feed<SinkState>();
  readonly #name: string;
  readonly #open: () => SampleWriter;
  readonly #options: SinkOptions;
  readonly #clock: Clock;
  readonly #refused: RefusedFile;
  #state: SinkState = { connected: false, waiting: 0, written: 0, refused: 0, dropped: 0, error: null };
  #run: Run | undefined;

  /** @param name for messages. @param open makes the way to the store, at each start */
  constructor(name: string, open: () => SampleWriter, options: SinkOptions) {
    this.#name = name;
    this.#open = open;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#refused = new RefusedFile(join(options.directory, 'refused.jsonl'));
  }

  get state(): SinkState {
    return this.#state;
  }

  /** Opens the buffer and begins to send what is in it. @throws STORE_BROKEN, STORE_FULL, DATA_DIRECTORY_UNUSABLE */
  start(): void {
    if (this.#run) return;
    makeDirectory(this.#options.directory);
    const spool = new Spool(join(this.#options.directory, 'spool.sqlite'), this.#options.bufferBytes ?? 512 * 2 ** 20);
    const run = new Run(spool, this.#open(), this.#clock);
    this.#state = { ...this.#state, waiting: spool.items };
    this.#run = run;
    run.done = this.#send(run);
  }

  /** Returns when the samples are on disk. Figures that are no numbers are left out. @throws STORE_FULL, STORE_BROKEN */
  write(samples: readonly Sample[]): void {
    const run = this.#run;
    if (!run || run.stopping) throw new VirtflowError('INTERNAL', { reason: 'a sample was written to a stopped sink' });
    const entries = spoolEntries(samples, samplesInARequest);
    if (entries.length === 0) return;
    const dropped = run.spool.put(entries);
    if (dropped > 0) this.#tellDropped(run, dropped);
    this.#tell({ waiting: run.spool.items });
    run.wakeIdle();
  }

  /** Sends what waits for at most `flushMs`, if the server answers; the rest stays on disk. Stopping twice is fine. */
  async stop(flushMs = 2_000): Promise<void> {
    const run = this.#run;
    if (!run) return;
    await run.stop(flushMs);
    if (this.#run === run) this.#run = undefined;
  }

  async #send(run: Run): Promise<void> {
    let failures = 0;
    while (!run.signal.aborted) {
      const answered = await this.#step(run);
      failures = answered ? 0 : failures + 1;
      const empty = run.spool.items === 0;
      if (run.stopping && (empty || !answered)) return;
      if (!answered) await run.sleep(Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1)));
      else if (empty) await run.idle(this.#options.gatherMs ?? 0);
    }
  }

  /** Sends the oldest that waits, or asks whether it could; false when that has to be tried again later. */
  async #step(run: Run): Promise<boolean> {
    try {
      const entries = run.spool
        .peek(samplesInARequest)
        .map((entry) => ({ ...entry, samples: readSamples(entry.body) }));
      const [first] = entries;
      if (first && !first.samples) return this.#putAside(run, first);
      const broken = entries.findIndex(({ samples }) => !samples);
      return await this.#deliver(run, broken === -1 ? entries : entries.slice(0, broken));
    } catch (thrown) {
      this.#tell({ error: toVirtflowError(thrown).toJSON() }); // the disk: what waits there is tried again
      return false;
    }
  }

  /** What nobody can read any more must not hold up what comes after it. */
  #putAside(run: Run, entry: SpooledEntry): true {
    const reason = 'an entry of the buffer does not hold samples';
    this.#refused.append({ body: entry.body }, reason, this.#clock.now());
    run.spool.remove([entry]);
    this.#tellDelivered(run, 0, entry.items, reason);
    return true;
  }

  async #deliver(run: Run, entries: readonly ReadEntry[]): Promise<boolean> {
    const samples = entries.flatMap((entry) => entry.samples ?? []);
    const write = (part: readonly Sample[]) => run.client.write(part, run.signal);
    const outcome = await write(samples);
    if (run.signal.aborted) return false;
    if (outcome.type === 'away' || outcome.type === 'denied') return this.#tellFailed(run, outcome);
    const refused = outcome.type === 'bad' ? await sift(samples, outcome, write) : [];
    if (run.signal.aborted) return false;
    if ('type' in refused) return this.#tellFailed(run, refused);
    const reason = outcome.type === 'bad' ? outcome.reason : '';
    if (refused.length > 0) this.#refused.append({ samples: refused }, reason, this.#clock.now());
    run.spool.remove(entries);
    this.#tellDelivered(run, samples.length - refused.length, refused.length, reason);
    return true;
  }

  #tellDelivered(run: Run, good: number, bad: number, reason: string): void {
    const written = this.#state.written + good;
    const refused = this.#state.refused + bad;
    const error = bad > 0 ? this.#error(run, 'SINK_REFUSED', { reason, file: this.#refused.path }) : null;
    this.#tell({ connected: true, waiting: run.spool.items, written, refused, error });
  }

  #tellFailed(run: Run, { type, reason }: FailedOutcome): false {
    const waiting = run.spool.items;
    const code = type === 'denied' ? 'SINK_REFUSED' : 'SINK_UNREACHABLE';
    const error = this.#error(run, code, { reason, waiting, file: run.spool.path });
    this.#tell({ connected: false, waiting, error });
    return false;
  }

  #tellDropped(run: Run, count: number): void {
    const dropped = this.#state.dropped + count;
    const size = `${Math.ceil(run.spool.bytes / 2 ** 20)} MiB`;
    this.#tell({ dropped, error: this.#error(run, 'BUFFER_FULL', { size, dropped }) });
  }

  #error(
    run: Run,
    code: 'SINK_REFUSED' | 'SINK_UNREACHABLE' | 'BUFFER_FULL',
    details: Record<string, unknown>,
  ): ErrorRecord {
    return new VirtflowError(code, { sink: this.#name, address: run.client.address, ...details }).toJSON();
  }

  #tell(change: Partial<SinkState>): void {
    this.#state = { ...this.#state, ...change };
    this.states.publish(this.#state);
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new VirtflowError('DATA_DIRECTORY_UNUSABLE', { path, reason }, { cause });
  }
}
