import { createHash } from 'node:crypto';
import { type AlertRecord, isOngoing, withHistory } from './alert.ts';
import type { Draft } from './draft.ts';
import { type Group, silently, type ToldOf } from './group.ts';
import { countsAsOngoing } from './lifecycle.ts';
import { type Notification, type NotificationKind, newNotification, noteOf } from './notification.ts';
import type { Route } from './settings.ts';
import { admit } from './storm.ts';
import { inhibitorOf, suppressionOf } from './suppression.ts';
import type { World } from './world.ts';

type ToldMap = Group['told'][string];

/** What there is to tell in a group now. */
interface Standing {
  /** Goes on, and may be told. */
  readonly firing: readonly AlertRecord[];
  /** Is over. */
  readonly ended: readonly AlertRecord[];
  /** Goes on, and nobody is told of it now; by alert, the reason. */
  readonly held: Readonly<Record<string, string>>;
}

interface Flush {
  readonly group: Group;
  readonly route: Route;
  readonly draft: Draft;
  readonly world: World;
  readonly now: number;
  readonly standing: Standing;
}

/** Looks at a group whose time has come: tells each contact what it does not know yet, and when to look again. */
export function flush(group: Group, route: Route, draft: Draft, world: World, now: number): void {
  const standing = standingOf(group, route, draft, world, now);
  const work: Flush = { group, route, draft, world, now, standing };
  noteHeld(work);
  const told: Record<string, ToldMap> = {};
  const sentAt: Record<string, number> = { ...group.sentAt };
  for (const contact of contactsOf(route, group)) {
    const known = knownTo(contact, work);
    const message = messageFor(contact, known, work);
    const after = message && admit(contact, message, draft, world, now) ? send(message, known, work) : known;
    if (after !== known) sentAt[contact] = now;
    const kept = withoutUntold(after, work);
    if (Object.keys(kept).length > 0 || route.contacts.includes(contact)) told[contact] = kept;
  }
  keep({ ...group, told, sentAt, held: standing.held, flushedAt: now, contacts: route.contacts }, work);
}

function standingOf(group: Group, route: Route, draft: Draft, world: World, now: number): Standing {
  const firing: AlertRecord[] = [];
  const ended: AlertRecord[] = [];
  const held: Record<string, string> = {};
  for (const id of group.members) {
    const alert = draft.alert(id);
    if (!alert) continue;
    const reason = suppressionOf(alert, draft.inhibitors, now, world, route);
    if (reason) held[id] = reason.says;
    else if (countsAsOngoing(alert, now, world)) firing.push(alert);
    else ended.push(alert);
  }
  return { firing, ended, held };
}

/** Those of the route, those of its escalation, and those who are still owed the end of what they were told. */
function contactsOf({ contacts, escalation }: Route, { told }: Group): ReadonlySet<string> {
  return new Set([...contacts, ...escalation.flatMap((step) => step.contacts), ...Object.keys(told)]);
}

/** A contact that a route got later knows what was told before: that settings were saved is no news of an alert. */
function knownTo(contact: string, { group, route }: Flush): ToldMap {
  const own = group.told[contact] ?? {};
  const before = group.contacts ?? Object.keys(group.told);
  if (group.flushedAt === null || !route.contacts.includes(contact) || before.includes(contact)) return own;
  const others = Object.values(group.told).flatMap((told) => Object.entries(told));
  return { ...Object.fromEntries(others.map(([id, told]) => [id, silently(told)])), ...own };
}

function messageFor(contact: string, known: ToldMap, work: Flush): Notification | undefined {
  const { group, route, standing, now } = work;
  const isBase = route.contacts.includes(contact);
  const candidates = standing.firing.filter((alert) => known[alert.id] || isBase || hasEscalated(contact, alert, work));
  const fresh = candidates.filter((alert) => isNews(alert, known[alert.id]));
  const ended = route.sendResolved ? standing.ended.filter(({ id }) => known[id] && !known[id].isSilent) : [];
  if (fresh.length > 0 || ended.length > 0) {
    const isEscalation = !isBase && fresh.some(({ id }) => !known[id]);
    return message(contact, isEscalation ? 'escalation' : 'alert', candidates, ended, work);
  }
  const open = candidates.filter(({ acknowledged }) => !acknowledged);
  const isDue = open.length > 0 && now - (group.sentAt[contact] ?? now) >= route.repeatMs;
  return isDue ? message(contact, 'repeat', open, [], work) : undefined;
}

/** More severe, or another state: a lesser severity is told with the next message. */
function isNews(alert: AlertRecord, known: ToldOf | undefined): boolean {
  if (!known) return true;
  if (known.isSilent) return false;
  const isOn = isOngoing(alert);
  return isOn && (rank(alert) > rank(known) || (alert.state !== known.state && isOn));
}

function rank({ severity }: Pick<AlertRecord, 'severity'>): number {
  return ['info', 'warning', 'critical'].indexOf(severity);
}

function hasEscalated(contact: string, { id, acknowledged }: AlertRecord, { group, route, now }: Flush): boolean {
  if (acknowledged) return false;
  const since = Math.min(...route.contacts.map((one) => group.told[one]?.[id]?.at ?? Number.POSITIVE_INFINITY));
  return route.escalation.some(({ afterMs, contacts }) => contacts.includes(contact) && now - since >= afterMs);
}

function message(
  contact: string,
  kind: NotificationKind,
  firing: readonly AlertRecord[],
  ended: readonly AlertRecord[],
  { group, route, now, draft, world }: Flush,
): Notification {
  const content = [...draft.alerts()].filter((alert) => {
    const source = isOngoing(alert) ? inhibitorOf(alert, draft.inhibitors, world) : undefined;
    return source !== undefined && firing.some(({ id }) => id === source.id);
  });
  return newNotification({
    id: createHash('sha256').update(`${group.key}\n${contact}\n${now}`).digest('hex').slice(0, 24),
    kind,
    contact,
    at: now,
    route: route.name,
    group: group.key,
    firing: firing.map(noteOf),
    ended: ended.map(noteOf),
    content: content.map(noteOf),
  });
}

/** The notification goes out with this step, and the contact knows. */
function send(notification: Notification, known: ToldMap, { draft, now }: Flush): ToldMap {
  draft.notify(notification);
  const after = { ...known };
  const { contact, kind, firing, ended, content, id } = notification;
  for (const { id: alert } of ended) delete after[alert];
  for (const { id: alert, state, severity } of firing) after[alert] = { at: known[alert]?.at ?? now, state, severity };
  const says = `${kind} to ${contact}`;
  for (const note of [...firing, ...ended, ...content]) {
    const alert = draft.alert(note.id);
    if (alert) draft.note(withHistory(alert, { at: now, what: 'told', says, about: { contact, notification: id } }));
  }
  return after;
}

/** What is over and was not to be told is forgotten without a word. */
function withoutUntold(known: ToldMap, { route, standing }: Flush): ToldMap {
  const isOver = ({ id }: AlertRecord) => known[id] && (known[id].isSilent || !route.sendResolved);
  const over = new Set(standing.ended.filter(isOver).map(({ id }) => id));
  return over.size === 0 ? known : Object.fromEntries(Object.entries(known).filter(([id]) => !over.has(id)));
}

function noteHeld({ group, standing, draft, route, now }: Flush): void {
  for (const [id, says] of Object.entries(standing.held)) {
    const alert = draft.alert(id);
    if (!alert || group.held[id] === says || !isOngoing(alert)) continue;
    draft.note(withHistory(alert, { at: now, what: 'not-told', says, about: { route: route.name } }));
  }
}

/** Members that are over and that nobody is owed anything of leave; a group without members is gone. */
function keep(group: Group, { draft, route, world, now }: Flush): void {
  const owed = new Set(Object.values(group.told).flatMap((told) => Object.keys(told)));
  const members = group.members.filter((id) => {
    const alert = draft.alert(id);
    return alert !== undefined && (owed.has(id) || countsAsOngoing(alert, now, world));
  });
  if (members.length === 0) draft.dropGroup(group.key);
  else draft.putGroup({ ...group, members, nextAt: nextLook(group, route, now) });
}

/** The next interval, or an escalation before that. */
function nextLook({ told }: Group, { contacts, escalation, groupIntervalMs }: Route, now: number): number {
  const begun = contacts.flatMap((contact) => Object.values(told[contact] ?? {}).map(({ at }) => at));
  const steps = begun.flatMap((at) => escalation.map(({ afterMs }) => at + afterMs)).filter((at) => at > now);
  return steps.reduce((least, at) => Math.min(least, at), now + groupIntervalMs);
}
