import { type AlertRecord, type AlertTransition, isOngoing, withHistory } from './alert.ts';
import { type AlertsState, type Changes, Draft } from './draft.ts';
import type { AlertSnapshot } from './event.ts';
import { flush } from './flush.ts';
import { type Group, groupKey, labelsOf, silently } from './group.ts';
import { take } from './lifecycle.ts';
import { mismatch } from './matching.ts';
import type { Route } from './settings.ts';
import { silenceOf } from './suppression.ts';
import type { World } from './world.ts';

export type AlertsEvent =
  /** In their order, each of another object or rule: a step tells an alert once, as it stands after it. */
  | { readonly type: 'transitions'; readonly transitions: readonly AlertTransition[] }
  | { readonly type: 'acknowledge'; readonly alert: string; readonly by: string; readonly comment: string }
  | { readonly type: 'unacknowledge'; readonly alert: string; readonly by: string }
  /** A rule was taken away. */
  | { readonly type: 'withdraw'; readonly rule: string }
  | { readonly type: 'tick' };

/**
 * What an event makes of the alerts, and who is told of it: a pure function of state, event, time and what is known of
 * the world. Nothing counts before it is on disk.
 */
export function step(state: AlertsState, event: AlertsEvent, now: number, world: World): Changes {
  const draft = new Draft(state, world);
  switch (event.type) {
    case 'transitions':
      for (const transition of event.transitions) takeIn(transition, draft, now, world);
      break;
    case 'acknowledge':
      acknowledge(event, draft, now);
      break;
    case 'unacknowledge':
      unacknowledge(event, draft, now);
      break;
    case 'withdraw':
      withdraw(event.rule, draft, now);
      break;
    case 'tick':
      for (const alert of [...draft.alerts()]) if (isOverdue(alert, now)) draft.put(ended(alert, now));
      for (const alert of [...draft.alerts()]) noteSilence(alert, draft, now, world);
      for (const group of [...draft.groups()]) if (group.nextAt <= now) look(group, draft, now, world);
  }
  return draft.changes();
}

function takeIn(transition: AlertTransition, draft: Draft, now: number, world: World): void {
  const before = draft.latest(transition);
  const alert = take(before, transition, now, world);
  if (!alert) return;
  draft.put(alert);
  noteSilence(alert, draft, now, world);
  if (!isOngoing(alert)) return;
  const { routes, reasons } = routesOf(alert, world);
  // What is new stands in no group yet; to look would take longer the more there are.
  const isNew = before?.id !== alert.id;
  for (const route of routes) if (isNew || !isMember(alert, route, draft)) join(alert, route, draft, now);
  if (routes.every(({ contacts }) => contacts.length === 0))
    noteUnrouted(draft.alert(alert.id) ?? alert, reasons, draft, now);
}

/** In the order of the file: the first that fits, and those after it as long as they say so. */
export function routesOf(
  alert: AlertSnapshot,
  world: Pick<World, 'settings' | 'selected'>,
): { routes: readonly Route[]; reasons: readonly string[] } {
  const routes: Route[] = [];
  const reasons: string[] = [];
  for (const route of world.settings.routes) {
    const reason = mismatch(route.match, alert, world);
    if (reason !== undefined) {
      reasons.push(`${route.name}: ${reason}`);
      continue;
    }
    routes.push(route);
    if (!route.continue) break;
  }
  return { routes, reasons };
}

/** Whether a silence begins or ends to keep quiet about an alert. */
function noteSilence(alert: AlertRecord, draft: Draft, now: number, world: World): void {
  if (!isOngoing(alert)) return;
  const found = silenceOf(alert, now, world);
  if (found?.id === alert.silenced?.id) return;
  if (!found) {
    draft.note(withHistory({ ...alert, silenced: null }, { at: now, what: 'unsilenced', says: 'the silence is over' }));
    return;
  }
  const { id, by, until, comment } = found;
  const says = comment === '' ? `silenced by ${by}` : `silenced by ${by}: ${comment}`;
  const entry = { at: now, what: 'silenced', says, about: { silence: id, until } } as const;
  draft.note(withHistory({ ...alert, silenced: { id, by, until } }, entry));
}

function isMember({ id }: AlertRecord, { name }: Route, draft: Draft): boolean {
  return [...draft.groups()].some((group) => group.route === name && group.members.includes(id));
}

function join(alert: AlertRecord, route: Route, draft: Draft, now: number): void {
  const by = labelsOf(route, alert);
  const key = groupKey(route, by);
  const group = draft.group(key) ?? newGroup(key, route, by, now);
  draft.putGroup({ ...group, members: [...group.members, alert.id] });
}

function newGroup(key: string, route: Route, by: Group['by'], now: number): Group {
  const nothing = { members: [], flushedAt: null, told: {}, sentAt: {}, held: {} };
  return { key, route: route.name, by, nextAt: now + route.groupWaitMs, ...nothing };
}

function noteUnrouted(alert: AlertRecord, reasons: readonly string[], draft: Draft, now: number): void {
  const says = 'no route with a contact fits it';
  if (alert.history.some((entry) => entry.what === 'not-told' && entry.says === says && entry.at >= alert.since))
    return;
  draft.note(withHistory(alert, { at: now, what: 'not-told', says, about: { routes: reasons } }));
}

function look(group: Group, draft: Draft, now: number, world: World): void {
  const route = world.settings.routes.find(({ name }) => name === group.route);
  if (route) flush(group, route, draft, world, now);
  else move(group, draft, now, world);
}

/** Its route is no more: its alerts go where they belong now, and who was told stays told. */
function move(group: Group, draft: Draft, now: number, world: World): void {
  draft.dropGroup(group.key);
  for (const id of group.members) {
    const alert = draft.alert(id);
    if (!alert || !isOngoing(alert)) continue;
    for (const route of routesOf(alert, world).routes) {
      if (!isMember(alert, route, draft)) join(alert, route, draft, now);
      inherit(group, route, groupKey(route, labelsOf(route, alert)), id, draft, now);
    }
  }
}

/** Whoever was told stays told; whoever would be told by the new route counts as told, if anybody was. */
function inherit(from: Group, route: Route, key: string, alert: string, draft: Draft, now: number): void {
  const group = draft.group(key);
  if (!group) return;
  const known = Object.entries(from.told).flatMap(([contact, of]) =>
    of[alert] ? [[contact, of[alert]] as const] : [],
  );
  const told = { ...group.told };
  for (const [contact, own] of known) told[contact] = { ...told[contact], [alert]: own };
  const [first] = known;
  for (const contact of first ? route.contacts : []) {
    if (first && !told[contact]?.[alert]) told[contact] = { ...told[contact], [alert]: silently(first[1]) };
  }
  draft.putGroup({ ...group, told, flushedAt: group.flushedAt ?? from.flushedAt ?? now });
}

function acknowledge(
  { alert: id, by, comment }: { alert: string; by: string; comment: string },
  draft: Draft,
  now: number,
): void {
  const alert = draft.alert(id);
  if (!alert || !isOngoing(alert)) return;
  const says = comment === '' ? `acknowledged by ${by}` : `acknowledged by ${by}: ${comment}`;
  draft.put(withHistory({ ...alert, acknowledged: { by, at: now, comment } }, { at: now, what: 'acknowledged', says }));
}

function unacknowledge({ alert: id, by }: { alert: string; by: string }, draft: Draft, now: number): void {
  const alert = draft.alert(id);
  if (!alert?.acknowledged) return;
  const entry = { at: now, what: 'unacknowledged', says: `taken back by ${by}` } as const;
  draft.put(withHistory({ ...alert, acknowledged: null }, entry));
}

/** Of a rule that was taken away nothing more is told: that flows were deployed is no news of an alert. */
function withdraw(rule: string, draft: Draft, now: number): void {
  for (const alert of [...draft.alerts()]) {
    if (alert.rule !== rule || !isOngoing(alert)) continue;
    const over = { ...alert, state: 'withdrawn', endedAt: now, acknowledged: null, silenced: null } as const;
    draft.put(withHistory(over, { at: now, what: 'withdrawn', says: 'its rule was taken away' }));
    for (const group of [...draft.groups()])
      if (group.members.includes(alert.id)) draft.putGroup(without(group, alert.id));
  }
}

function without(group: Group, id: string): Group {
  const told = Object.entries(group.told).map(([contact, known]) => {
    return [contact, Object.fromEntries(Object.entries(known).filter(([alert]) => alert !== id))];
  });
  return { ...group, members: group.members.filter((one) => one !== id), told: Object.fromEntries(told) };
}

function isOverdue(alert: AlertRecord, now: number): boolean {
  return isOngoing(alert) && alert.endsAt !== null && alert.endsAt <= now;
}

function ended(alert: AlertRecord, now: number): AlertRecord {
  const says = 'it did not happen again';
  const why = { ...alert.why, says };
  const nobody = { acknowledged: null, silenced: null };
  const over = { ...alert, ...nobody, state: 'resolved', endedAt: now, why, endsAt: null } as const;
  return withHistory(over, { at: now, what: 'resolved', says });
}
