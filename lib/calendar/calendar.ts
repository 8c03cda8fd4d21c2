import type { AuditLog } from '../access/audit/audit-log.ts';
import { covers } from '../access/pattern.ts';
import { type Objects, subjectOf } from '../access/subject.ts';
import { type ErrorRecord, toVirtflowError, VirtflowError } from '../model/errors.ts';
import { Feed } from '../model/feed.ts';
import type { Log } from '../model/log.ts';
import type { AnyObject } from '../model/objects.ts';
import type { HistoryFilter, Operation } from '../operations/operation.ts';
import type { ActionSource } from '../operations/runner.ts';
import type { SlotReason, States } from '../store/store.ts';
import { type Clock, systemClock } from './clock.ts';
import { Edges, type WindowEvent } from './edges.ts';
import { isWithin, judge } from './judgement.ts';
import { type Override, Overrides } from './overrides.ts';
import type { HoldingWindow } from './plan.ts';
import { afterWindow } from './slot-reason.ts';
import type { Span } from './span.ts';
import { parseCalendar, type TimedWindow, titleOf, type Window } from './window.ts';
import { WindowGuard } from './window-guard.ts';
import { WindowNews } from './window-news.ts';
import { WindowSet } from './window-set.ts';

export interface CalendarParts {
  readonly dataDirectory: string;
  readonly states: States;
  readonly audit: AuditLog;
  readonly actions: ActionSource;
  readonly inventory: Objects;
  /** Whether somebody has approved an operation. */
  readonly isApproved: (operation: Operation) => boolean;
  readonly log: Log;
  readonly clock?: Clock;
}

/** What the calendar sees of the operations, and ends when a window says so. */
export interface CalendarOperations {
  history(filter: HistoryFilter): readonly Operation[];
  cancel(id: string, by: string): Operation;
}

/** Who has schedules run when a window has ended. */
export interface EndRunner {
  /** Is on disk when it returns; asked twice before it runs it is one run. */
  owe(schedule: string, why: SlotReason): void;
}

/** How a window stands. */
export interface WindowState {
  readonly window: Window;
  readonly open: Span | null;
  readonly next: Span | null;
  readonly override: Override | null;
}

/** What keeps a schedule from starting. */
export interface ScheduleGate {
  readonly window: string;
  readonly by: HoldingWindow;
  readonly says: string;
  /** When it may; null when that is not known. */
  readonly until: number | null;
  /** Whether what it holds is to start then, whatever the schedule says. */
  readonly runsAfter: boolean;
}

const lookEveryMs = 5_000;

/** Maintenance and blackout windows: one model, which operations, schedules and alerts go by. */
export class Calendar {
  /** Windows that began and ended, each told once. */
  readonly events = new Feed<WindowEvent>();
  /** The same for flows, which start after it. */
  readonly news: WindowNews;
  /** Windows were added, changed, deleted or overridden. */
  readonly changes = new Feed<void>();
  readonly guard: WindowGuard;
  readonly #parts: CalendarParts;
  readonly #clock: Clock;
  readonly #set: WindowSet;
  readonly #overrides: Overrides;
  readonly #edges: Edges;
  #seen: readonly TimedWindow[] = [];
  #operations: CalendarOperations | undefined;
  #runner: EndRunner | undefined;
  #cancel: (() => void) | undefined;

  /** @throws STORE_* */
  constructor(parts: CalendarParts) {
    const { states, audit, inventory: objects, isApproved, clock = systemClock } = parts;
    this.#parts = parts;
    this.#clock = clock;
    this.#set = new WindowSet(parts);
    this.#overrides = new Overrides(states, audit);
    this.#edges = new Edges(states);
    this.news = new WindowNews(states, this.events);
    this.guard = new WindowGuard({ windows: () => this.inForce(), objects, isApproved, clock });
  }

  /** Begins to tell of windows; what began or ended meanwhile first. */
  start(operations: CalendarOperations, runner?: EndRunner): void {
    this.#operations = operations;
    this.#runner = runner;
    this.#look();
  }

  /** Stopping twice is fine. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.guard.stop();
  }

  /** All windows with their times, also those that are switched off. @throws STORE_* */
  all(): readonly TimedWindow[] {
    return this.#set.current;
  }

  /** Those that are not switched off, also where somebody has put them out of force for a while. @throws STORE_* */
  enabled(): readonly TimedWindow[] {
    return this.#set.current.filter(({ window }) => window.enabled !== false);
  }

  /** Those that count at a moment. @throws STORE_* */
  inForce(at = this.#clock.now()): readonly TimedWindow[] {
    return this.enabled().filter(({ window }) => !this.#overrides.of(window.id, at));
  }

  /** What is wrong with the file, while older windows are in force. */
  get problem(): ErrorRecord | null {
    return this.#set.problem?.toJSON() ?? null;
  }

  /** How they stand. @throws STORE_* */
  list(): readonly WindowState[] {
    const at = this.#clock.now();
    return this.#set.current.map(({ window, times }) => ({
      window,
      open: window.enabled === false ? null : (times.at(at) ?? null),
      next: window.enabled === false ? null : (times.next(at) ?? null),
      override: this.#overrides.of(window.id, at) ?? null,
    }));
  }

  /** Those that are not switched off, with one more, or another of its id. @throws WINDOWS_INVALID, STORE_* */
  asIf(value: unknown): readonly TimedWindow[] {
    const window = windowOf(value);
    const others = this.enabled().filter((one) => one.window.id !== window.id);
    return window.enabled === false ? others : [...others, this.#set.timed(window)];
  }

  /** Adds a window, or replaces the one of its id. @throws WINDOWS_INVALID, STORE_* and then nothing has changed */
  put(by: string, value: unknown): Window {
    const window = windowOf(value);
    this.#set.put(by, window);
    this.#look();
    return window;
  }

  /** @throws WINDOW_UNKNOWN, STORE_* */
  delete(by: string, id: string): void {
    this.#set.delete(by, id);
    // Another of the same id is another window.
    this.#overrides.end(id, by);
    this.#look();
  }

  /** Has a window count for nothing for a while. @throws WINDOW_UNKNOWN, PARAMETER_INVALID, STORE_* */
  override(by: string, id: string, reason: string, minutes: number): Override {
    this.#known(id);
    const override = this.#overrides.begin(id, by, reason, minutes, this.#clock.now());
    this.#parts.log.warn(`Calendar: ${by} overrides the window "${id}" for ${minutes} minutes: ${override.reason}`);
    this.#changed();
    return override;
  }

  /** The window counts again. @throws WINDOW_UNKNOWN, STORE_* */
  endOverride(by: string, id: string): void {
    this.#known(id);
    this.#overrides.end(id, by);
    this.#changed();
  }

  /** The window that keeps alerts of an object from being told at a moment. */
  async mutes(object: AnyObject, at = this.#clock.now()): Promise<(Span & { readonly window: Window }) | undefined> {
    const { connection, kind } = object;
    for (const { window, times } of this.inForce(at)) {
      const span = window.mutesAlerts === true ? times.at(at) : undefined;
      if (span && (await isWithin(window, { connection, kind, object }))) return { ...span, window };
    }
    return undefined;
  }

  /** Whether a window of that id is open; overridden it is not. @throws WINDOW_UNKNOWN, STORE_* */
  openSpan(id: string, at = this.#clock.now()): Span | undefined {
    const known = this.#known(id);
    const counts = known.window.enabled !== false && !this.#overrides.of(id, at);
    return counts ? known.times.at(at) : undefined;
  }

  /**
   * Why a schedule may not start now; undefined when it may. Only windows that name schedules hold them.
   * @param names ids that it goes by: of its node, of its tab
   * @param windows all that are not switched off, unless others are given; out of force at that moment they hold nothing
   */
  holdsSchedule(names: readonly string[], at: number, windows = this.enabled()): ScheduleGate | undefined {
    const own = windows.filter(
      ({ window: { id, schedules = [] } }) =>
        schedules.some((pattern) => names.some((name) => covers(pattern, name))) && !this.#overrides.of(id, at),
    );
    return blackoutOf(own, at) ?? outsideOf(own, at);
  }

  #known(id: string): TimedWindow {
    const found = this.#set.current.find(({ window }) => window.id === id);
    if (found) return found;
    throw new VirtflowError('WINDOW_UNKNOWN', { window: id });
  }

  #look(): void {
    this.#cancel?.();
    let waitMs = lookEveryMs;
    try {
      if (this.#seen !== this.#set.current) this.#changed();
      this.#seen = this.#set.current;
      const enabled = this.enabled();
      const ending = (window: Window) => this.#runAtEnd(window);
      for (const event of this.#edges.look(enabled, this.#clock.now(), ending)) this.#tell(event);
      waitMs = this.#waitMs();
    } catch (error) {
      this.#parts.log.error(`Calendar: ${toVirtflowError(error).message}`);
    }
    if (this.#operations) this.#cancel = this.#clock.after(waitMs, () => this.#look());
  }

  /** Until the next edge, so that it is told in its moment; the clock and the file may change before. */
  #waitMs(): number {
    const now = this.#clock.now();
    const edges = this.#seen.flatMap(({ times }) => [times.at(now)?.until, times.next(now)?.from]);
    const next = Math.min(...edges.filter((edge) => edge !== undefined));
    return Math.max(0, Math.min(lookEveryMs, next - now));
  }

  #runAtEnd(window: Window): void {
    const why = afterWindow(titleOf(window));
    for (const schedule of window.atEnd?.run ?? []) this.#runner?.owe(schedule, why);
  }

  #tell(event: WindowEvent): void {
    const { type, window } = event;
    this.events.publish(event);
    this.guard.review();
    const forbids = type === (window.kind === 'blackout' ? 'started' : 'ended');
    if (!forbids || (window.running ?? 'leave') === 'leave') return;
    this.#endRunning(window).catch((error: unknown) => {
      this.#parts.log.error(`Calendar: what runs could not be looked at: ${toVirtflowError(error).message}`);
    });
  }

  async #endRunning(window: Window): Promise<void> {
    const { log } = this.#parts;
    for (const operation of await this.#stillRunning(window)) {
      const what = `${operation.action} of ${operation.targetName}`;
      const title = titleOf(window);
      log.warn(`Calendar: ${what} still runs, which the window "${title}" forbids from now on`);
      if (window.running === 'cancel') this.#operations?.cancel(operation.id, `the window "${title}"`);
    }
  }

  /**
   * What runs and this window forbids from now on. One that was deleted or put out of force forbids nothing; nor does the
   * end of a maintenance window while another is open.
   */
  async #stillRunning(window: Window): Promise<readonly Operation[]> {
    const found: Operation[] = [];
    const { inventory, actions } = this.#parts;
    const always: TimedWindow = { window: { ...window, kind: 'blackout' }, times: alwaysOpen };
    const at = this.#clock.now();
    const windows = this.inForce(at);
    if (!windows.some((one) => one.window.id === window.id)) return [];
    for (const operation of this.#operations?.history({ states: ['running'], limit: 1_000 }) ?? []) {
      if (operation.origin.through === 'external' || operation.mode === 'plan') continue;
      const action = actionOf(actions, operation.action);
      const subject = subjectOf(inventory, operation.target);
      const isApproved = () => this.#parts.isApproved(operation);
      if (!action) continue;
      const matter = { action, operation, subject, isApproved };
      const isItsOwn = (await judge([always], matter, at)).forbids !== undefined;
      if (isItsOwn && (await judge(windows, matter, at)).forbids) found.push(operation);
    }
    return found;
  }

  #changed(): void {
    this.changes.publish();
    this.guard.review();
  }
}

const alwaysOpen = { at: () => ({ from: 0, until: Infinity }), next: () => undefined };

function actionOf(actions: ActionSource, id: string) {
  try {
    return actions.get(id);
  } catch {
    return undefined;
  }
}

/** @throws WINDOWS_INVALID */
function windowOf(value: unknown): Window {
  const [window] = parseCalendar({ version: 1, windows: [value] }).windows;
  if (!window) throw new VirtflowError('WINDOWS_INVALID', { reason: 'there is no window' });
  return window;
}

function blackoutOf(windows: readonly TimedWindow[], at: number): ScheduleGate | undefined {
  const open = windows.flatMap(({ window, times }) => {
    const span = window.kind === 'blackout' ? times.at(at) : undefined;
    return span ? [{ window, until: span.until }] : [];
  });
  const [last] = open.toSorted((a, b) => b.until - a.until);
  if (!last) return undefined;
  const { window, until } = last;
  return gateOf(window, `The blackout "${titleOf(window)}" lasts (${window.reason}).`, until);
}

function outsideOf(windows: readonly TimedWindow[], at: number): ScheduleGate | undefined {
  const all = windows.filter(({ window }) => window.kind === 'maintenance');
  if (all.length === 0 || all.some(({ times }) => times.at(at))) return undefined;
  const [next] = all
    .map(({ window, times }) => ({ window, until: times.next(at)?.from ?? null }))
    .toSorted((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity));
  if (!next) return undefined;
  const { window, until } = next;
  return gateOf(window, `The maintenance window "${titleOf(window)}" is not open.`, until);
}

function gateOf(window: Window, says: string, until: number | null): ScheduleGate {
  const { id, kind, reason, atEnd } = window;
  return { window: id, by: { kind, name: titleOf(window), reason }, says, until, runsAfter: atEnd?.runMissed === true };
}
