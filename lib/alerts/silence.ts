import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { MatcherSchema } from './matching.ts';

const SilenceSchema = Type.Object({
  id: Type.String(),
  matcher: MatcherSchema,
  comment: Type.String(),
  by: Type.String(),
  /** Milliseconds since the epoch. */
  startsAt: Type.Number(),
  until: Type.Number(),
  createdAt: Type.Number(),
  /** Who ended it before its time. */
  endedBy: Type.Union([Type.String(), Type.Null()]),
});

/** Alerts of which nobody is told for a time. */
export type Silence = Static<typeof SilenceSchema>;

export function isSilence(value: unknown): value is Silence {
  return Value.Check(SilenceSchema, value);
}

export function isActive({ startsAt, until }: Silence, now: number): boolean {
  return startsAt <= now && now < until;
}
