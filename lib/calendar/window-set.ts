import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditLog } from '../access/audit/audit-log.ts';
import { toVirtflowError, VirtflowError } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import { writePrivateFile } from '../store/private-file.ts';
import { SettingsFile } from '../store/settings-file.ts';
import type { States } from '../store/store.ts';
import { icalTimes } from './ical.ts';
import { type CalendarFile, noWindows, parseCalendar, type TimedWindow, timed, type Window } from './window.ts';

export interface WindowSetParts {
  readonly dataDirectory: string;
  readonly states: States;
  readonly audit: AuditLog;
  readonly log: Log;
}

const room = 'calendar';
const fileRoom = 'calendar-file';

/**
 * The windows that are in force: those of `calendar.json`, the last good ones while it is broken. Calendars of others
 * (`.ics`) beside it are read again when they change; of one that cannot be used the last good one counts.
 */
export class WindowSet {
  readonly #parts: WindowSetParts;
  readonly #file: SettingsFile<CalendarFile>;
  #source: readonly Window[] | undefined;
  #stamps = '';
  #made: readonly TimedWindow[] = [];
  #problem: VirtflowError | undefined;

  /** @throws STORE_* */
  constructor(parts: WindowSetParts) {
    const { dataDirectory, states, log } = parts;
    const path = join(dataDirectory, 'calendar.json');
    this.#parts = parts;
    this.#file = new SettingsFile({ path, parse: parseCalendar, absent: noWindows, unusable: noWindows, states, log });
    this.#record('calendar.json');
  }

  /** Those in force, with their times. @throws STORE_* */
  get current(): readonly TimedWindow[] {
    const { windows } = this.#file.current;
    const key = filesOf(windows)
      .map((name) => stampOf(this.#path(name)))
      .join();
    if (windows === this.#source && key === this.#stamps) return this.#made;
    this.#source = windows;
    this.#stamps = key;
    this.#made = this.#make(windows);
    this.#record('calendar.json');
    return this.#made;
  }

  /** What is wrong with the file, or one beside it, while older ones are in force. */
  get problem(): VirtflowError | undefined {
    return this.#file.problem ?? this.#problem;
  }

  /** Adds a window, or replaces the one of its id. @throws WINDOWS_INVALID, STORE_* and then nothing has changed */
  put(by: string, value: Window): void {
    const { windows } = this.#file.current;
    const others = windows.filter(({ id }) => id !== value.id);
    const at = windows.findIndex(({ id }) => id === value.id);
    const next = parseCalendar({ version: 1, windows: at < 0 ? [...others, value] : windows.with(at, value) });
    this.timed(value);
    this.#write(by, next);
  }

  /** A window with its times, as if it were one of them. @throws WINDOWS_INVALID */
  timed(window: Window): TimedWindow {
    return timed(window, (name) => readCalendar(this.#path(name)));
  }

  /** @throws WINDOW_UNKNOWN, STORE_* */
  delete(by: string, id: string): void {
    const { windows } = this.#file.current;
    const rest = windows.filter((window) => window.id !== id);
    if (rest.length === windows.length) throw new VirtflowError('WINDOW_UNKNOWN', { window: id });
    this.#write(by, { version: 1, windows: rest });
  }

  #write(by: string, next: CalendarFile): void {
    writePrivateFile(this.#file.path, `${JSON.stringify(next, null, 2)}\n`);
    this.#record(by);
  }

  #make(windows: readonly Window[]): readonly TimedWindow[] {
    this.#problem = undefined;
    return windows.flatMap((window) => {
      try {
        return [timed(window, (name) => this.#readAndKeep(name))];
      } catch (thrown) {
        return this.#asBefore(window, toVirtflowError(thrown));
      }
    });
  }

  /** One that cannot be used goes by the last text of its calendar that could be. */
  #asBefore(window: Window, problem: VirtflowError): TimedWindow[] {
    this.#problem = problem;
    const { states, log } = this.#parts;
    log.error(`${problem.message} ${problem.advice} [${problem.code}]`);
    const [name = ''] = filesOf([window]);
    const kept = states.get(fileRoom, name);
    if (typeof kept !== 'string') return [];
    try {
      return [timed(window, () => kept)];
    } catch {
      // What could be used once, under another time zone or an older version, is not in the way of all other windows.
      return [];
    }
  }

  #readAndKeep(name: string): string {
    const { states } = this.#parts;
    const text = readCalendar(this.#path(name));
    icalTimes(text, 'UTC');
    if (states.get(fileRoom, name) !== text) states.put(fileRoom, name, text);
    return text;
  }

  #path(name: string): string {
    return join(this.#parts.dataDirectory, name);
  }

  #record(by: string): void {
    const { states, audit } = this.#parts;
    const after = this.#file.current.windows;
    const before = states.get(room, 'windows') ?? [];
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    audit.change(() => states.put(room, 'windows', after), 'calendar.windows-changed', by, { before, after });
  }
}

/** The calendars of others that windows name. */
function filesOf(windows: readonly Window[]): string[] {
  return windows.flatMap(({ when }) => (when.type === 'ical' && when.file !== undefined ? [when.file] : []));
}

/** What changes whenever the file is written anew. */
function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : 'none';
}

/** Bytes; it is looked at before it is read, for it may be anything. */
const longestCalendar = 1_000_000;

function readCalendar(path: string): string {
  if (statSync(path).size > longestCalendar) throw new VirtflowError('ICAL_INVALID', { reason: `${path} is too long` });
  return readFileSync(path, 'utf8');
}
