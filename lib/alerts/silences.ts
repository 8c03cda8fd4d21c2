import { randomUUID } from 'node:crypto';
import type { AuditLog } from '../access/audit/audit-log.ts';
import type { Clock } from '../calendar/clock.ts';
import { VirtflowError } from '../model/errors.ts';
import { Feed } from '../model/feed.ts';
import type { Matcher } from './matching.ts';
import type { Records } from './records.ts';
import { checkMatcher } from './settings.ts';
import { isActive, type Silence } from './silence.ts';

export interface AskedSilence {
  readonly matcher: Matcher;
  /** Milliseconds since the epoch. */
  readonly startsAt?: number;
  readonly until: number;
  readonly comment?: string;
}

const longestMs = 366 * 86_400_000;

/** Which alerts nobody is told of for a time, who said so, and why. */
export class Silences {
  /** One was made, or ended before its time. */
  readonly changes = new Feed<Silence>();
  readonly #records: Records;
  readonly #audit: Pick<AuditLog, 'change'>;
  readonly #clock: Clock;

  constructor(records: Records, audit: Pick<AuditLog, 'change'>, clock: Clock) {
    this.#records = records;
    this.#audit = audit;
    this.#clock = clock;
  }

  /** Newest first, with those that are over. */
  list(): readonly Silence[] {
    return [...this.#records.silences.values()].sort((a, b) => b.createdAt - a.createdAt);
  }

  active(now: number): readonly Silence[] {
    return this.list().filter((one) => isActive(one, now));
  }

  /** @throws SILENCE_UNKNOWN */
  get(id: string): Silence {
    const silence = this.#records.silences.get(id);
    if (silence) return silence;
    throw new VirtflowError('SILENCE_UNKNOWN', { silence: id });
  }

  /** @throws SILENCE_INVALID, ALERT_SETTINGS_INVALID, STORE_* */
  add({ matcher, startsAt, until, comment = '' }: AskedSilence, by: string): Silence {
    const now = this.#clock.now();
    if (Object.keys(matcher).length === 0) throw unusable('it says nothing of which alerts are meant');
    if (!(until > Math.max(now, startsAt ?? now))) throw unusable('it would be over before it begins');
    if (until - now > longestMs) throw unusable('it would last for more than a year');
    checkMatcher(matcher, 'the matcher');
    const times = { startsAt: startsAt ?? now, until, createdAt: now };
    return this.#put({ id: randomUUID(), matcher, comment, by, ...times, endedBy: null }, 'silence.created', by);
  }

  /** Ends a silence now. One that is over stays so. @throws SILENCE_UNKNOWN, STORE_* */
  end(id: string, by: string): Silence {
    const silence = this.get(id);
    const now = this.#clock.now();
    if (silence.until <= now) return silence;
    return this.#put({ ...silence, until: now, endedBy: by }, 'silence.ended', by);
  }

  #put(silence: Silence, what: string, by: string): Silence {
    const { id, matcher, until, comment } = silence;
    const about = { silence: id, matcher, until, comment };
    this.#audit.change(() => this.#records.writeSilence(silence), what, by, about);
    this.#records.takeSilence(silence);
    this.changes.publish(silence);
    return silence;
  }
}

function unusable(reason: string): VirtflowError {
  return new VirtflowError('SILENCE_INVALID', { reason });
}
