import Type from 'typebox';
import { standingPermissions } from '../../../access/permission.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';
import { orNull, time } from '../schemas/common.ts';

const tag = 'calendar';
const pathParameters = { id: 'The id of the schedule’s node, or a name that only one has.' };

const state = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    flow: orNull(Type.String({ description: 'The tab it stands on; null: it is the house’s own.' })),
    schedule: Type.Record(Type.String(), Type.Unknown(), { description: 'When it is due.' }),
    enabled: Type.Boolean(),
    next: orNull(time('When it starts next.')),
    running: Type.Integer({ description: 'How many of its runs go on.' }),
  },
  { title: 'Schedule' },
);
const begun = Type.Object({
  schedule: Type.String(),
  run: orNull(Type.String({ description: 'Null: it begins once the last one has been cancelled.' })),
});

/** Schedules of all flows, by hand. */
export function scheduleRoutes({ access, schedules }: RestRooms): readonly Route[] {
  const switching = (enabled: boolean) =>
    route({
      method: 'POST',
      path: `/schedules/{id}/${enabled ? 'enable' : 'disable'}`,
      id: enabled ? 'enableSchedule' : 'disableSchedule',
      tag,
      summary: enabled ? 'Have a schedule start again when it is due' : 'Have a schedule start no more',
      description: 'Takes schedules.operate. It lasts over restarts and deploys; what runs is left alone.',
      pathParameters,
      answers: { 200: { description: 'The schedule.', schema: state } },
      handle: async ({ path, caller }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.operateSchedules);
        return { status: 200, body: schedules.enable(caller.who.name, path.id ?? '', enabled) };
      },
    });
  return [
    route({
      method: 'GET',
      path: '/schedules',
      id: 'listSchedules',
      tag,
      summary: 'Schedules that are deployed, and how they stand',
      answers: { 200: { description: 'Them.', schema: Type.Object({ items: Type.Array(state) }) } },
      handle: async ({ caller }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.readFlows);
        return { status: 200, body: { items: schedules.list() } };
      },
    }),
    switching(true),
    switching(false),
    route({
      method: 'POST',
      path: '/schedules/{id}/run',
      id: 'runSchedule',
      tag,
      summary: 'Have a schedule run now, enabled or not',
      description: 'Takes schedules.operate. Windows hold it, and its last run, as they do when it is due.',
      pathParameters,
      answers: { 200: { description: 'It runs.', schema: begun } },
      handle: async ({ path, caller }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.operateSchedules);
        return { status: 200, body: schedules.run(caller.who.name, path.id ?? '') };
      },
    }),
  ];
}
