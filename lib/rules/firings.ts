import type { ObjectRef } from '../model/reference.ts';
import type { Alert } from './alert.ts';
import { type Severity, severities } from './levels.ts';

/** A time that a rule fired for an object; `until` is null when it did so at the end of the past that was looked at. */
export interface Firing {
  readonly key: string;
  readonly name: string;
  readonly object: ObjectRef | null;
  readonly since: number;
  readonly until: number | null;
  /** The highest that it came to. */
  readonly severity: Severity;
  readonly ended: 'resolved' | 'gone' | null;
  readonly says: string;
}

/** When a rule fired, by what it told; what ended before `from` is left out. */
export function firingsOf(alerts: readonly Alert[], from: number): Firing[] {
  const open = new Map<string, Firing>();
  const done: Firing[] = [];
  for (const { key, name, object, type, at, severity, why } of alerts) {
    const firing = open.get(key);
    if (type === 'firing' && severity) {
      open.set(key, { key, name, object, since: at, until: null, severity, ended: null, says: why.says });
    } else if (firing && type === 'severity-changed' && severity) {
      open.set(key, { ...firing, severity: higher(firing.severity, severity) });
    } else if (firing && (type === 'resolved' || type === 'gone')) {
      open.delete(key);
      done.push({ ...firing, until: at, ended: type });
    }
  }
  return [...done, ...open.values()]
    .filter(({ until }) => until === null || until >= from)
    .sort((a, b) => a.since - b.since || (a.key < b.key ? -1 : 1));
}

function higher(one: Severity, other: Severity): Severity {
  return severities.indexOf(one) > severities.indexOf(other) ? one : other;
}

export interface FiringsApart {
  /** Where the draft fires and today's rule does not. */
  readonly added: readonly Firing[];
  /** The other way round. */
  readonly gone: readonly Firing[];
  /** Where both fire, at other times or with another severity. */
  readonly moved: readonly { readonly today: Firing; readonly draft: Firing }[];
  readonly same: number;
}

/** How what a draft makes of the past differs from what today's rule makes of it: firings that overlap are the same. */
export function firingsApart(today: readonly Firing[], draft: readonly Firing[]): FiringsApart {
  const left = Map.groupBy(today, ({ key }) => key);
  const added: Firing[] = [];
  const moved: { today: Firing; draft: Firing }[] = [];
  let same = 0;
  for (const one of draft) {
    const own = left.get(one.key) ?? [];
    const match = own.find((other) => overlap(one, other));
    if (!match) added.push(one);
    else if (isSame(one, match)) same += 1;
    else moved.push({ today: match, draft: one });
    if (match) own.splice(own.indexOf(match), 1);
  }
  const gone = [...left.values()].flat().sort((a, b) => a.since - b.since);
  return { added, gone, moved, same };
}

function overlap(a: Firing, b: Firing): boolean {
  return a.since <= (b.until ?? Number.POSITIVE_INFINITY) && b.since <= (a.until ?? Number.POSITIVE_INFINITY);
}

function isSame(a: Firing, b: Firing): boolean {
  return a.since === b.since && a.until === b.until && a.severity === b.severity;
}
