import { covers } from '../access/pattern.ts';
import { askerOf } from '../access/principals.ts';
import { type Subject, within } from '../access/scope.ts';
import type { AnyAction } from '../actions/action.ts';
import { isAbout } from '../governor/action-class.ts';
import type { Operation } from '../operations/operation.ts';
import type { Span } from './span.ts';
import type { TimedWindow, Window } from './window.ts';

/** What a window is held against. */
export interface Matter {
  readonly action: Pick<AnyAction, 'id' | 'danger'>;
  readonly operation: Pick<Operation, 'origin' | 'undoes'>;
  /** Null for a group: its members are looked at themselves. */
  readonly subject: Subject | null;
  readonly isApproved: () => boolean;
}

/** Why something may not be done at a moment. */
export interface Verdict {
  readonly window: Window;
  /** Until it may; null when that is not known. Milliseconds since the epoch. */
  readonly until: number | null;
}

export interface Judged {
  readonly forbids?: Verdict;
  /** The maintenance windows that it is let through by. */
  readonly allows: readonly { readonly window: Window; readonly span: Span }[];
}

/**
 * What windows say at a moment. Of blackouts the one that lasts longest counts; of maintenance windows one that is open
 * is enough.
 */
export async function judge(windows: readonly TimedWindow[], matter: Matter, at: number): Promise<Judged> {
  const concerned: TimedWindow[] = [];
  for (const one of windows) if (await concerns(one.window, matter)) concerned.push(one);
  const blackout = longest(concerned, at);
  if (blackout) return { forbids: blackout, allows: [] };
  return maintenance(
    concerned.filter(({ window }) => window.kind === 'maintenance'),
    at,
  );
}

function longest(windows: readonly TimedWindow[], at: number): Verdict | undefined {
  let found: { window: Window; until: number } | undefined;
  for (const { window, times } of windows) {
    if (window.kind !== 'blackout') continue;
    const until = times.at(at)?.until;
    // One that refuses goes before one that lets wait.
    if (until !== undefined && (!found || rank(window, until) > rank(found.window, found.until))) {
      found = { window, until };
    }
  }
  return found;
}

function rank({ onConflict }: Window, until: number): number {
  return onConflict === 'refuse' ? until + Number.MAX_SAFE_INTEGER / 2 : until;
}

function maintenance(windows: readonly TimedWindow[], at: number): Judged {
  const allows = windows.flatMap(({ window, times }) => {
    const span = times.at(at);
    return span ? [{ window, span }] : [];
  });
  if (windows.length === 0 || allows.length > 0) return { allows };
  const next = windows
    .map(({ window, times }) => ({ window, until: times.next(at)?.from ?? null }))
    .toSorted((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity));
  // Where one of them lets it wait, it waits for that.
  const forbids = next.find(({ window, until }) => window.onConflict !== 'refuse' && until !== null) ?? next[0];
  return forbids ? { forbids, allows: [] } : { allows };
}

async function concerns(window: Window, matter: Matter): Promise<boolean> {
  const { actions = ['*'], except = {} } = window;
  const { action, operation, subject } = matter;
  if (subject === null || !isAbout(actions, action)) return false;
  if (except.undo !== false && operation.undoes !== undefined) return false;
  if (isExcepted(window, operation.origin)) return false;
  if (!(await isWithin(window, subject))) return false;
  return except.approved !== true || !matter.isApproved();
}

function isExcepted({ except = {} }: Window, origin: Operation['origin']): boolean {
  const { principals = [], flows = [] } = except;
  const { flow } = origin;
  if (principals.some((one) => covers(one, askerOf(origin)))) return true;
  return flow !== undefined && flows.some((one) => covers(one, flow));
}

/** Whether it is about an object. Where that cannot be told, it is. */
export async function isWithin({ targets }: Window, subject: Subject): Promise<boolean> {
  if (targets === undefined) return true;
  // Where something new is made there is nothing yet that a selector could choose.
  if (subject.kind === 'connection' && targets.selector !== undefined) return false;
  return (await within(targets, subject)) !== 'no';
}
