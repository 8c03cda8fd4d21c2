import { type AlertRecord, isOngoing } from './alert.ts';

export const alertEventTypes = ['created', 'changed', 'acknowledged', 'silenced', 'ended'] as const;
export type AlertEventType = (typeof alertEventTypes)[number];

/** An alert without what it went through, which would be told anew with each event. */
export type AlertSnapshot = Omit<AlertRecord, 'history'>;

/** Something that happened to an alert. It is on disk together with what it tells of. */
export interface AlertEvent {
  /** Counts all events there ever were, from 1 on. */
  readonly number: number;
  readonly type: AlertEventType;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly alert: AlertSnapshot;
}

/**
 * What a step has done to an alert, for those who follow it. That somebody was told of it is none. What begins again
 * soon after its end is the same alert, created again.
 */
export function eventTypesOf(before: AlertRecord | undefined, after: AlertRecord): readonly AlertEventType[] {
  const wasOn = before !== undefined && isOngoing(before);
  if (!isOngoing(after)) return wasOn ? ['ended'] : [];
  const fresh: AlertEventType[] = wasOn ? [] : ['created'];
  if (after.acknowledged && !(wasOn && before.acknowledged)) fresh.push('acknowledged');
  if (after.silenced && !(wasOn && before.silenced)) fresh.push('silenced');
  if (fresh.length > 0 || !wasOn) return fresh;
  const isSame =
    before.state === after.state &&
    before.severity === after.severity &&
    isNothing(before.acknowledged) === isNothing(after.acknowledged) &&
    isNothing(before.silenced) === isNothing(after.silenced);
  return isSame ? [] : ['changed'];
}

export function snapshotOf({ history: _, ...alert }: AlertRecord): AlertSnapshot {
  return alert;
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}
