import { createHash } from 'node:crypto';
import {
  type AlertBase,
  type AlertRecord,
  type AlertTransition,
  type HistoryEntry,
  isOngoing,
  withHistory,
} from './alert.ts';
import type { World } from './world.ts';

const outageKinds: ReadonlySet<string> = new Set(['pool', 'host', 'storage-pool', 'network']);
/** Rules of these kinds tell that something is not there, not that it has too much to do. */
const outageRules: ReadonlySet<unknown> = new Set(['state', 'absence']);

/**
 * What a transition makes of an alert: a new one, the same one changed, or undefined where nothing is to be done. One
 * that came before changes nothing. What begins again soon after its end is the same alert.
 */
export function take(
  before: AlertRecord | undefined,
  told: AlertTransition,
  now: number,
  world: World,
): AlertRecord | undefined {
  if (before && told.sequence <= before.sequence && told.at <= before.at) return undefined;
  const state = stateAfter(before, told);
  if (state === undefined) return undefined;
  const alert = before && isSame(before, now, world) ? before : begin(told, world);
  return moved(alert, before === alert, state, told, now, world);
}

/** `undefined`: it says nothing of an alert. */
function stateAfter(before: AlertRecord | undefined, { status, type }: AlertTransition): AlertBase | undefined {
  if (status === 'firing' || status === 'no-data' || status === 'error') return status;
  if (!before || !isOngoing(before) || type === 'learning') return undefined;
  if (type === 'withdrawn') return 'withdrawn';
  return status === 'gone' ? 'gone' : 'resolved';
}

function isSame(before: AlertRecord, now: number, { settings }: World): boolean {
  return isOngoing(before) || now - (before.endedAt ?? 0) < settings.flapping.withinMs;
}

function begin(told: AlertTransition, world: World): AlertRecord {
  const { rule, ruleName, key, name, object, tags, at, why } = told;
  const place = world.place(told) ?? { node: key, above: [] };
  return {
    id: idOf(rule, key, at),
    rule,
    ruleName,
    key,
    name,
    object,
    tags,
    connection: object?.connection ?? tags.connection ?? '',
    state: 'resolved',
    severity: told.severity ?? 'warning',
    since: at,
    endedAt: at,
    value: null,
    why,
    acknowledged: null,
    silenced: null,
    sequence: 0,
    at,
    endsAt: null,
    starts: [],
    isOutage: false,
    ...place,
    affected: [],
    history: [],
  };
}

function moved(
  alert: AlertRecord,
  isKnown: boolean,
  state: AlertBase,
  told: AlertTransition,
  now: number,
  world: World,
): AlertRecord {
  const { at, sequence, value, why, ruleName, name, endsAt = null } = told;
  const common = { ...alert, state, at, sequence, value, why, ruleName, name, endsAt };
  const entry: HistoryEntry = { at, what: whatOf(alert, state, told), says: why.says, about: { why } };
  if (state === 'resolved' || state === 'gone' || state === 'withdrawn')
    return withHistory({ ...common, endedAt: at, acknowledged: null, silenced: null }, entry);
  const severity = told.severity ?? (isOngoing(alert) ? alert.severity : 'warning');
  const isOutage = isOutageOf(told, state);
  const begun = isOngoing(alert) ? {} : begunAgain(alert, isKnown, at, now, world);
  const place = world.place(told) ?? { node: alert.node, above: alert.above };
  const affected = isOutage && !(isOngoing(alert) && alert.isOutage) ? world.below(place.node) : alert.affected;
  return withHistory({ ...common, ...begun, ...place, severity, isOutage, affected, endedAt: null }, entry);
}

function begunAgain(alert: AlertRecord, isKnown: boolean, at: number, now: number, { settings }: World) {
  const recent = isKnown ? alert.starts.filter((start) => now - start < settings.flapping.withinMs) : [];
  return { since: at, starts: [...recent, at].slice(-100) };
}

function whatOf(alert: AlertRecord, state: AlertBase, { severity }: AlertTransition): HistoryEntry['what'] {
  return state === 'firing' && alert.state === 'firing' && severity !== alert.severity ? 'severity' : state;
}

function isOutageOf({ isOutage, object, why }: AlertTransition, state: AlertBase): boolean {
  if (isOutage !== undefined) return isOutage;
  if (!object || !outageKinds.has(object.kind)) return false;
  return state === 'no-data' || outageRules.has(why.kind);
}

function idOf(rule: string, key: string, at: number): string {
  return createHash('sha256').update(`${rule}\n${key}\n${at}`).digest('hex').slice(0, 20);
}

/** What starts too often flaps: it counts as firing until it has been quiet for a while. */
export function isFlapping({ starts }: AlertRecord, now: number, { settings }: World): boolean {
  const { count, withinMs } = settings.flapping;
  return starts.filter((start) => now - start < withinMs).length >= count;
}

/** Whether people should take it as going on. */
export function countsAsOngoing(alert: AlertRecord, now: number, world: World): boolean {
  if (isOngoing(alert)) return true;
  if (alert.state !== 'resolved' || alert.endedAt === null) return false;
  return isFlapping(alert, now, world) && now - alert.endedAt < world.settings.flapping.quietMs;
}
