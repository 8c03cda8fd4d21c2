import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Transition, transitionTypes } from './judge.ts';
import { type Severity, SeverityName } from './levels.ts';
import { type Status, StatusName } from './memory.ts';
import type { Held, Tracked } from './runs.ts';
import { refOf, StoredSubject, type Subject } from './tracked.ts';

/**
 * A transition of one object under one rule. It is on disk before it is told, and told until all have taken it: whoever
 * acts on it knows one that comes again, after a crash, by its `id`.
 */
export interface Alert extends Subject, Transition {
  readonly id: string;
  readonly rule: string;
  readonly ruleName: string;
}

/** How an object stands under a rule now. */
export interface AlertState extends Subject {
  readonly rule: string;
  readonly ruleName: string;
  readonly status: Status;
  readonly severity: Severity | null;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly value: number | null;
  readonly seenAt: number | null;
  /** What it is now, in a sentence. */
  readonly says: string;
}

export function alertOf({ judged }: Held, subject: Subject, transition: Transition): Alert {
  const { id: rule, name: ruleName } = judged.rule;
  const id = `${rule}/${subject.key}/${transition.sequence}@${transition.at}`;
  return { id, rule, ruleName, ...subject, ...transition };
}

export function alertState({ judged }: Held, { subject, state }: Tracked): AlertState {
  const { status, severity, since, value, seenAt, reason } = state;
  const says = `${reason ?? judged.meter.is(value, state.memory ?? null)}.`;
  return { rule: judged.rule.id, ruleName: judged.rule.name, ...subject, status, severity, since, value, seenAt, says };
}

const Maybe = Type.Union([Type.Number(), Type.Null()]);
const MaybeSeverity = Type.Union([SeverityName, Type.Null()]);

const StoredAlert = Type.Object({
  ...StoredSubject.properties,
  id: Type.String(),
  key: Type.String(),
  rule: Type.String(),
  ruleName: Type.String(),
  sequence: Type.Integer(),
  type: Type.Enum([...transitionTypes]),
  at: Type.Number(),
  status: StatusName,
  severity: MaybeSeverity,
  previousSeverity: MaybeSeverity,
  value: Maybe,
  why: Type.Intersect([
    Type.Record(Type.String(), Type.Unknown()),
    Type.Object({
      rule: Type.String(),
      says: Type.String(),
      value: Maybe,
      threshold: Maybe,
      clear: Maybe,
      conditionSince: Maybe,
      lastSampleAt: Maybe,
      samples: Type.Array(Type.Object({ at: Type.Number(), value: Type.Number() })),
    }),
  ]),
});

/** Reads an alert that was on disk; undefined when it is none. */
export function storedAlert(value: unknown): Alert | undefined {
  if (!Value.Check(StoredAlert, value)) return undefined;
  const { object, ...rest }: Static<typeof StoredAlert> = value;
  return { ...rest, object: refOf(object) };
}
