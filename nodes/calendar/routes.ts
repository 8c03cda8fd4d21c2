import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { nextRuns } from '../../lib/calendar/schedule.ts';
import type { Span } from '../../lib/calendar/span.ts';
import type { TimedWindow } from '../../lib/calendar/window.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { currentPlatform } from '../../lib/platform.ts';
import { adminRoute } from '../runtime/admin-route.ts';
import { readConfig } from '../runtime/config.ts';
import type { NodeRed } from '../runtime/red.ts';
import { plannedOf } from './planned.ts';
import { scheduleFields } from './schedule-fields.ts';
import { scheduleOf } from './schedule-setting.ts';

const runsShown = 10;
const spansShown = 5;
const mostDrawn = 2_000;

const config = Type.Record(Type.String(), Type.Unknown());
const drawing = Type.Object({
  from: Type.Integer(),
  until: Type.Integer(),
  most: Type.Integer({ minimum: 1, maximum: 200 }),
  schedules: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      flow: Type.String(),
      config,
      works: Type.Array(config),
      /** Whether it is otherwise than it is deployed: only of those the runs are answered. */
      isChanged: Type.Boolean(),
    }),
    { maxItems: mostDrawn },
  ),
  gone: Type.Array(Type.String(), { maxItems: mostDrawn }),
  window: Type.Optional(config),
});

export function addScheduleRoutes(RED: NodeRed): void {
  adminRoute(RED, 'post', 'schedule/next-runs', 'virtflow.read', ({ values }) => {
    const schedule = scheduleOf(readConfig(scheduleFields, values));
    return { zone: schedule.zone, runs: nextRuns(schedule, runsShown) };
  });
  adminRoute(RED, 'post', 'calendar/judge', 'virtflow.read', ({ values }) => judge(values));
}

/** What would be due, and what would clash, were flows deployed as they are drawn, and a window as it is written. */
async function judge(values: unknown) {
  if (!Value.Check(drawing, values)) {
    const [error] = Value.Errors(drawing, values);
    throw new VirtflowError('REQUEST_INVALID', { reason: `${error?.instancePath} ${error?.message}` });
  }
  const { from, until, most, gone, window } = values;
  const platform = currentPlatform();
  const { schedules, problems } = await plannedOf(platform, values.schedules);
  const now = Date.now();
  const windows: { windows?: readonly TimedWindow[] } =
    window === undefined ? {} : { windows: platform.calendar.asIf(window) };
  const shown = new Set(values.schedules.filter(({ isChanged }) => isChanged).map(({ id }) => id));
  const range = { from: Math.max(from, now), until, most, shown };
  const { runs, conflicts } = await platform.agenda.judge({ schedules, gone, ...windows }, range, now);
  const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions();
  return { problems, runs, conflicts, zone, spans: spansOf(windows.windows, window?.id, now) };
}

/** When a window would be open next. */
function spansOf(windows: readonly TimedWindow[] | undefined, id: unknown, now: number): readonly Span[] {
  const times = windows?.find(({ window }) => window.id === id)?.times;
  const spans: Span[] = [];
  for (
    let span = times?.at(now) ?? times?.next(now);
    span && spans.length < spansShown;
    span = times?.next(span.until)
  ) {
    spans.push(span);
  }
  return spans;
}
