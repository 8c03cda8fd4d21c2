import { type Static, Type } from 'typebox';
import { SeverityName } from './levels.ts';

const Moment = Type.Union([Type.Number(), Type.Null()]);
const Numbers = Type.Array(Type.Number());

export const statuses = ['ok', 'pending', 'firing', 'no-data', 'error', 'learning', 'gone'] as const;
export const StatusName = Type.Enum([...statuses]);
export type Status = (typeof statuses)[number];

const MemberStanding = Type.Object({
  status: Type.Union([StatusName, Type.Literal('unseen'), Type.Literal('unknown')]),
  severity: Type.Union([SeverityName, Type.Null()]),
});
/** How a member of a composite stands: `unseen` when nothing is known of the object yet, `unknown` without such a rule. */
export type MemberStanding = Static<typeof MemberStanding>;

/** A mean in the making. */
const Open = Type.Union([
  Type.Object({ bucket: Type.Integer(), count: Type.Integer(), moment: Type.Number(), value: Type.Number() }),
  Type.Null(),
]);
export type Open = Static<typeof Open>;

/**
 * What a kind of rule remembers of an object between two inputs. One of another kind counts as none: the rule was
 * another before. Series are flat, a moment and its value in turn, for an object may have thousands.
 */
export const Memory = Type.Union([
  Type.Null(),
  /** Since when something goes on, and until when that was read. */
  Type.Object({ kind: Type.Literal('stopwatch'), since: Moment, readAt: Type.Number() }),
  Type.Object({ kind: Type.Literal('moments'), moments: Numbers }),
  Type.Object({ kind: Type.Literal('points'), points: Numbers }),
  Type.Object({ kind: Type.Literal('means'), closed: Numbers, open: Open }),
  /** For each hour of the week the hours since the epoch and the means of their quarters, in turn. */
  Type.Object({ kind: Type.Literal('weeks'), hours: Type.Array(Numbers), open: Open, value: Type.Number() }),
  Type.Object({ kind: Type.Literal('members'), members: Type.Record(Type.String(), MemberStanding) }),
]);
export type Memory = Static<typeof Memory>;
