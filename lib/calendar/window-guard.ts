import type { Objects } from '../access/subject.ts';
import { subjectOf } from '../access/subject.ts';
import { Waiters } from '../governor/waiters.ts';
import { VirtflowError } from '../model/errors.ts';
import type { Candidate, Guard, Passage } from '../operations/guard.ts';
import type { Fact, Operation } from '../operations/operation.ts';
import type { Clock } from './clock.ts';
import { judge, type Matter, type Verdict } from './judgement.ts';
import { type TimedWindow, titleOf } from './window.ts';

export interface WindowGuardParts {
  readonly windows: () => readonly TimedWindow[];
  readonly objects: Objects;
  /** Whether somebody has approved an operation. */
  readonly isApproved: (operation: Operation) => boolean;
  readonly clock: Clock;
}

/** Keeps what a window forbids waiting until it may be done, or refuses it; at the turn it is looked at again. */
export class WindowGuard implements Guard {
  readonly #parts: WindowGuardParts;
  readonly #waiters: Waiters;

  constructor(parts: WindowGuardParts) {
    this.#parts = parts;
    this.#waiters = new Waiters(parts.clock);
  }

  /** @throws WINDOW_BLACKOUT, WINDOW_OUTSIDE with the window, until when and why; STORE_* */
  async pass(candidate: Candidate): Promise<Passage> {
    const { operation } = candidate;
    const matter = this.#matter(candidate);
    const { forbids, allows } = await this.#judge(matter);
    if (!forbids) return { why: allows.map(({ window, span }) => within(titleOf(window), window.id, span.until)) };
    if (!mayWait(forbids)) throw refusal(forbids, operation);
    const look = async () => {
      const { forbids: still } = await this.#judge(matter);
      if (still && !mayWait(still)) throw refusal(still, operation);
      return still === undefined;
    };
    return { why: [], hold: { why: waitsFor(forbids), over: (signal) => this.#waiters.wait(look, signal) } };
  }

  /** Windows are others now: looks at all that wait. */
  review(): void {
    this.#waiters.review();
  }

  get waiting(): number {
    return this.#waiters.count;
  }

  stop(): void {
    this.#waiters.stop();
  }

  #judge(matter: Matter) {
    return judge(this.#parts.windows(), matter, this.#parts.clock.now());
  }

  #matter({ operation, action, target }: Candidate): Matter {
    const { objects, isApproved } = this.#parts;
    const subject = subjectOf(objects, operation.target, target);
    return { action, operation, subject, isApproved: () => isApproved(operation) };
  }
}

function mayWait({ window, until }: Verdict): boolean {
  return window.onConflict !== 'refuse' && until !== null;
}

function waitsFor({ window, until }: Verdict): Fact {
  const name = titleOf(window);
  const when = timeText(until);
  const says =
    window.kind === 'blackout'
      ? `It waits until ${when}, for the blackout "${name}" lasts until then (${window.reason}).`
      : `It waits until ${when}, when the maintenance window "${name}" opens (${window.reason}).`;
  return { rule: window.kind, says, window: window.id, until: when, reason: window.reason };
}

function within(name: string, id: string, until: number): Fact {
  const says = `The maintenance window "${name}" is open until ${timeText(until)}.`;
  return { rule: 'maintenance', says, window: id, until: timeText(until) };
}

function refusal({ window, until }: Verdict, { action, targetName }: Operation): VirtflowError {
  const code = window.kind === 'blackout' ? 'WINDOW_BLACKOUT' : 'WINDOW_OUTSIDE';
  const name = titleOf(window);
  const why = [{ ...waitsFor({ window, until }), says: `The window "${name}" does not let it wait.` }];
  const { reason } = window;
  return new VirtflowError(code, { action, target: targetName, window: name, until: timeText(until), reason, why });
}

/** To the second, in UTC: it is read on another day as well. */
function timeText(at: number | null): string {
  return at === null ? 'never again' : new Date(Math.ceil(at / 1000) * 1000).toISOString().replace('.000', '');
}
