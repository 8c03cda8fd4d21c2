import { type BigIntStats, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import { Feed } from '../model/feed.ts';
import { parseJson } from '../model/json.ts';
import type { Log } from '../model/log.ts';
import type { States } from './store.ts';

export interface SettingsFileParts<T> {
  readonly path: string;
  /** Checks what the file holds. @throws why it cannot be used */
  readonly parse: (value: unknown) => T;
  /** What counts where there is no such file. */
  readonly absent: T;
  /** What counts where the file cannot be used and has never been. */
  readonly unusable: T;
  /** Remembers what could be used last, over restarts. */
  readonly states: States;
  readonly log: Log;
}

export interface SettingsChange<T> {
  readonly before: T;
  readonly now: T;
}

const room = 'settings-file';
const lookEveryMs = 5_000;

/**
 * Settings in a file that people edit while virtflow runs. Whoever asks has them as the file is at that moment; while
 * it cannot be used, the last that could be counts, also after a restart.
 */
export class SettingsFile<T> {
  readonly path: string;
  /** Told when other settings count than before. */
  readonly changes = new Feed<SettingsChange<T>>();
  readonly #parts: SettingsFileParts<T>;
  #seen: string | undefined;
  #current: T;
  #problem: VirtflowError | undefined;
  #looking: NodeJS.Timeout | undefined;

  constructor(parts: SettingsFileParts<T>) {
    this.#parts = parts;
    this.path = parts.path;
    this.#current = this.#remembered();
    this.#look();
  }

  /** Looks at the file now and then as well, so that a broken one is told before it is needed. */
  start(): void {
    this.#looking ??= setInterval(() => this.#look(), lookEveryMs).unref();
  }

  stop(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  get current(): T {
    this.#look();
    return this.#current;
  }

  /** Why the file as it is cannot be used; undefined when it is in force. */
  get problem(): VirtflowError | undefined {
    this.#look();
    return this.#problem;
  }

  #look(): void {
    const stamp = stampOf(this.path);
    if (stamp === this.#seen) return;
    this.#seen = stamp;
    try {
      this.#take(stamp === undefined ? undefined : readJson(this.path));
    } catch (thrown) {
      const error = toVirtflowError(thrown);
      this.#problem = error;
      this.#parts.log.error(`${error.message} ${error.advice} [${error.code}]`);
    }
  }

  #take(value: unknown): void {
    const now = value === undefined ? this.#parts.absent : this.#parse(value);
    this.#problem = undefined;
    const before = this.#current;
    this.#current = now;
    this.#remember(value);
    if (JSON.stringify(before) !== JSON.stringify(now)) this.changes.publish({ before, now });
  }

  #parse(value: unknown): T {
    try {
      return this.#parts.parse(value);
    } catch (thrown) {
      const reason = toVirtflowError(thrown).message.replace(/\.$/, '');
      throw new VirtflowError('SETTINGS_FILE_INVALID', { path: this.path, reason }, { cause: thrown });
    }
  }

  #remembered(): T {
    const { states, absent, unusable } = this.#parts;
    const value = states.get(room, basename(this.path));
    if (value === undefined) return stampOf(this.path) === undefined ? absent : unusable;
    try {
      return value === null ? absent : this.#parse(value);
    } catch {
      return unusable;
    }
  }

  #remember(value: unknown): void {
    const key = basename(this.path);
    const known = this.#parts.states.get(room, key);
    if (JSON.stringify(known ?? null) === JSON.stringify(value ?? null)) return;
    this.#parts.states.put(room, key, value ?? null);
  }
}

/** What changes whenever the file is written anew; undefined while there is none. */
function stampOf(path: string): string | undefined {
  const stats: BigIntStats | undefined = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
}

function readJson(path: string): unknown {
  try {
    return parseJson(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VirtflowError('SETTINGS_FILE_INVALID', { path, reason }, { cause: error });
  }
}
