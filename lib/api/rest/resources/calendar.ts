import Type from 'typebox';
import { standingPermissions } from '../../../access/permission.ts';
import { icalOf } from '../../../calendar/ical.ts';
import { titleOf, WindowSchema } from '../../../calendar/window.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';
import { orNull, time } from '../schemas/common.ts';

const tag = 'calendar';
const dayMs = 86_400_000;
const pathParameters = { id: 'The id of the window.' };

const span = Type.Object({ from: time('It opens.'), until: time('It closes.') });
const override = Type.Object({ by: Type.String(), reason: Type.String(), from: time('From.'), until: time('Until.') });
const windowState = Type.Object(
  { window: WindowSchema, open: orNull(span), next: orNull(span), override: orNull(override) },
  { title: 'WindowState' },
);
const rangeQuery = Type.Object({
  from: Type.Optional(Type.Integer({ description: 'Milliseconds since the epoch; a week ago unless told.' })),
  until: Type.Optional(Type.Integer({ description: 'Milliseconds since the epoch; in a week unless told.' })),
  most: Type.Integer({ minimum: 1, maximum: 200, default: 200, description: 'Next runs of each schedule at most.' }),
});
const anything = Type.Array(Type.Record(Type.String(), Type.Unknown()));
const agendaSchema = Type.Object({
  past: anything,
  next: anything,
  windows: anything,
  conflicts: anything,
});

/** Schedules and windows: what was due, what will be, what may not be done when. */
export function calendarRoutes({ access, calendar, agenda }: RestRooms): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/calendar',
      id: 'getCalendar',
      tag,
      summary: 'Past and next runs of schedules, windows, and what clashes in the next 14 days',
      query: rangeQuery,
      answers: { 200: { description: 'It.', schema: agendaSchema } },
      handle: async ({ query, caller }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.readFlows);
        const now = Date.now();
        const { from = now - 7 * dayMs, until = now + 7 * dayMs } = query;
        const body = {
          past: agenda.past(from, Math.min(until, now)),
          next: await agenda.next(Math.max(from, now), until, query.most),
          windows: (await agenda.windows(from, until)).map(({ window, ...rest }) => ({
            ...rest,
            id: window.id,
            kind: window.kind,
            name: titleOf(window),
            reason: window.reason,
          })),
          conflicts: await agenda.conflicts(now),
        };
        return { status: 200, body };
      },
    }),
    route({
      method: 'GET',
      path: '/calendar.ics',
      id: 'getCalendarFile',
      tag,
      summary: 'Windows and next runs as an iCalendar (RFC 5545), of a week ago until in half a year',
      description: 'For calendar programs the token may be the password of HTTP Basic, with any user name.',
      takesPassword: true,
      answers: { 200: { description: 'It.', contentType: 'text/calendar', schema: Type.String() } },
      handle: async ({ caller }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.readFlows);
        const now = Date.now();
        const open = await agenda.windows(now - 7 * dayMs, now + 180 * dayMs);
        const windows = open.map(({ window, from, until }) => ({
          uid: `${window.id}-${from}@virtflow`,
          summary: `${window.kind}: ${titleOf(window)}`,
          description: window.reason,
          from,
          until,
        }));
        const next = await agenda.next(now, now + 30 * dayMs);
        const runs = next.map(({ schedule, name, at, held }) => ({
          uid: `${schedule}-${at}@virtflow`,
          summary: name,
          description: held ?? '',
          from: at,
          until: at + 60_000,
        }));
        const headers = { 'content-type': 'text/calendar; charset=utf-8' };
        return { status: 200, headers, text: icalOf([...windows, ...runs], now) };
      },
    }),
    route({
      method: 'GET',
      path: '/calendar/windows',
      id: 'listWindows',
      tag,
      summary: 'Maintenance and blackout windows, and how they stand',
      answers: { 200: { description: 'Them.', schema: Type.Object({ items: Type.Array(windowState) }) } },
      handle: async ({ caller }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.readFlows);
        return { status: 200, body: { items: calendar.list(), problem: calendar.problem } };
      },
    }),
    route({
      method: 'PUT',
      path: '/calendar/windows/{id}',
      id: 'putWindow',
      tag,
      summary: 'Add a window, or replace the one of this id',
      description: 'Takes calendar.write. What waits is looked at again at once.',
      pathParameters,
      body: Type.Object({
        window: Type.Record(Type.String(), Type.Unknown(), {
          description: 'As calendar.json has it; docs/calendar.md.',
        }),
      }),
      answers: { 200: { description: 'The window.', schema: WindowSchema } },
      handle: async ({ path, caller, body }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.writeCalendar);
        return { status: 200, body: calendar.put(caller.who.name, { ...body.window, id: path.id }) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/calendar/windows/{id}',
      id: 'deleteWindow',
      tag,
      summary: 'Delete a window',
      description: 'Takes calendar.write. What waits for it goes on.',
      pathParameters,
      answers: { 204: { description: 'It is gone.' } },
      handle: async ({ path, caller }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.writeCalendar);
        calendar.delete(caller.who.name, path.id ?? '');
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: '/calendar/windows/{id}/override',
      id: 'overrideWindow',
      tag,
      summary: 'In an emergency: have a window count for nothing for a while',
      description: 'Takes windows.override; it is audited with the reason.',
      pathParameters,
      body: Type.Object({
        reason: Type.String({ minLength: 1, maxLength: 500 }),
        minutes: Type.Integer({ minimum: 1, maximum: 1_440 }),
      }),
      answers: { 200: { description: 'The override.', schema: override } },
      handle: async ({ path, caller, body }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.overrideWindows);
        return { status: 200, body: calendar.override(caller.who.name, path.id ?? '', body.reason, body.minutes) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/calendar/windows/{id}/override',
      id: 'endOverride',
      tag,
      summary: 'Have the window count again',
      pathParameters,
      answers: { 204: { description: 'It counts.' } },
      handle: async ({ path, caller }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.overrideWindows);
        calendar.endOverride(caller.who.name, path.id ?? '');
        return { status: 204 };
      },
    }),
  ];
}
