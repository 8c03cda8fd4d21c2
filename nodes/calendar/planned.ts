import type { AnyAction } from '../../lib/actions/action.ts';
import { allActions } from '../../lib/actions/registry.ts';
import type { PlannedSchedule } from '../../lib/calendar/conflicts.ts';
import { compile, type Schedule, type Timetable } from '../../lib/calendar/schedule.ts';
import { toVirtflowError } from '../../lib/model/errors.ts';
import { formatRef } from '../../lib/model/reference.ts';
import type { Platform } from '../../lib/platform.ts';
import { nodeTypeOf } from '../forms/action-description.ts';
import { targetField } from '../forms/shared-fields.ts';
import { readConfig } from '../runtime/config.ts';
import { findTargets, fixedTarget } from '../runtime/targets.ts';
import { scheduleFields } from './schedule-fields.ts';
import { scheduleOf } from './schedule-setting.ts';

/** A schedule's node as the editor has it, and the nodes that its messages come to. */
export interface DrawnSchedule {
  readonly id: string;
  readonly name: string;
  readonly flow: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly works: readonly Readonly<Record<string, unknown>>[];
}

export interface DrawnProblem {
  readonly schedule: string;
  readonly message: string;
}

/** Schedules as they would be, were the flows deployed; of those that cannot be, why. */
export async function plannedOf(platform: Platform, drawn: readonly DrawnSchedule[]) {
  const schedules: PlannedSchedule[] = [];
  const problems: DrawnProblem[] = [];
  for (const one of drawn) {
    try {
      schedules.push(await planned(platform, one));
    } catch (thrown) {
      problems.push({ schedule: one.id, message: toVirtflowError(thrown).message });
    }
  }
  return { schedules, problems };
}

/** @throws SCHEDULE_INVALID */
async function planned(platform: Platform, { id, name, flow, config, works }: DrawnSchedule): Promise<PlannedSchedule> {
  const setting = readConfig(scheduleFields, config);
  const timetable = timetableOf(platform, id, scheduleOf(setting));
  const objects = await Promise.all(works.map((work) => objectsOf(platform, work)));
  const about = { id, name: name || id, flow, timetable, objects: objects.flat() };
  if (setting.windows === 'ignore') return about;
  return { ...about, held: (at, windows) => platform.calendar.holdsSchedule([id, flow], at, windows) };
}

/** Of one that is deployed like that, what was reckoned is known already. */
function timetableOf({ scheduler }: Platform, id: string, schedule: Schedule): Timetable {
  const deployed = scheduler.plan(id);
  const isSame = deployed && JSON.stringify(deployed.plan.schedule) === JSON.stringify(schedule);
  return isSame ? deployed.timetable : compile(schedule);
}

/** What an action node is drawn to work on; nothing where only its messages tell, or where it cannot be found now. */
async function objectsOf(platform: Platform, config: Readonly<Record<string, unknown>>): Promise<string[]> {
  const action = actionOf(config);
  const target = action && fixedTarget(readConfig([targetField], config).target);
  if (!action || target === undefined || action.target === 'connection') return [];
  try {
    const { all } = await findTargets(platform, action, target);
    return all.flatMap((one) => ('id' in one.target && one.target.id !== undefined ? [formatRef(one.target)] : []));
  } catch {
    return [];
  }
}

function actionOf({ type, action }: Readonly<Record<string, unknown>>): AnyAction | undefined {
  return allActions.find(({ id }) => (type === 'virtflow-action' ? id === action : nodeTypeOf(id) === type));
}
