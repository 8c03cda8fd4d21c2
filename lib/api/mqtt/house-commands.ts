import { type Permission, standingPermissions } from '../../access/permission.ts';
import type { ScheduleDesk } from '../../calendar/schedule-desk.ts';
import type { Governor } from '../../governor/governor.ts';
import { VirtflowError } from '../../model/errors.ts';
import type { Origin } from '../../operations/operation.ts';
import type { RuleRoom } from '../../rules/rule-room.ts';
import type { AlertRequestRooms } from '../alert-requests.ts';
import { alertCommands } from './alert-commands.ts';
import type { Command } from './command.ts';

export interface HouseRooms {
  readonly governor: Governor;
  readonly schedules: ScheduleDesk;
  readonly ruleRoom: RuleRoom;
  readonly alerts: AlertRequestRooms['alerts'];
  readonly access: AlertRequestRooms['access'];
}

export type Parameters = Command['parameters'];

export interface HouseCommand {
  /** Without one, what is asked decides on it. */
  readonly permission?: Permission;
  readonly takes: readonly string[];
  readonly run: (rooms: HouseRooms, by: string, parameters: Parameters, origin: Origin) => unknown;
}

const commands: Readonly<Record<string, HouseCommand>> = {
  'governor.kill': { permission: standingPermissions.kill, takes: ['reason', 'cancelRunning'], run: kill },
  'governor.release': {
    permission: standingPermissions.govern,
    takes: [],
    run: ({ governor }, by) => {
      governor.release(by);
    },
  },
  'schedule.run': ofSchedule((schedules, by, schedule) => schedules.run(by, schedule)),
  'schedule.enable': ofSchedule((schedules, by, schedule) => schedules.enable(by, schedule, true)),
  'schedule.disable': ofSchedule((schedules, by, schedule) => schedules.enable(by, schedule, false)),
  'rule.put': { permission: standingPermissions.writeRules, takes: ['rule'], run: putRule },
  'rule.delete': ofRule((rules, by, rule) => rules.delete(by, rule)),
  'rule.enable': ofRule((rules, by, rule) => rules.enable(by, rule, true)),
  'rule.disable': ofRule((rules, by, rule) => rules.enable(by, rule, false)),
  ...alertCommands,
};

/** Whether a command topic is for the house itself and not for an action. */
export function isHouseCommand(name: string): boolean {
  return Object.hasOwn(commands, name);
}

/**
 * Throws the kill switch or releases it; has a schedule run, enables or disables it; changes rules of rules.json;
 * acknowledges and silences alerts. Answers what it came to, where there is something to answer.
 * @throws ACCESS_DENIED, MESSAGE_INVALID, PARAMETER_INVALID, SCHEDULE_*, RULE_*, ALERT_*, SILENCE_*, SETTINGS_FILE_INVALID, STORE_*
 */
export async function commandHouse(
  rooms: HouseRooms,
  name: string,
  { target, parameters, mode }: Command,
  origin: Origin,
): Promise<unknown> {
  const command = commands[name];
  if (!command) throw new VirtflowError('ACTION_UNKNOWN', { action: name, known: Object.keys(commands).join(', ') });
  if (target !== undefined || mode === 'plan') throw invalid('this command has neither a target nor a plan');
  const odd = Object.keys(parameters).find((key) => !command.takes.includes(key));
  if (odd !== undefined) throw invalid(`"${odd.slice(0, 50)}" is no parameter of it`);
  if (command.permission) await rooms.access.authoriseHouse(origin, command.permission);
  return command.run(rooms, origin.principal, parameters, origin);
}

function kill({ governor }: HouseRooms, by: string, { reason, cancelRunning = false }: Parameters): void {
  if (typeof reason !== 'string') throw invalid('"reason" has to be a text');
  if (typeof cancelRunning !== 'boolean') throw invalid('"cancelRunning" is neither true nor false');
  governor.kill(by, reason, { cancelRunning });
}

function ofSchedule(run: (schedules: ScheduleDesk, by: string, schedule: string) => unknown): HouseCommand {
  return {
    permission: standingPermissions.operateSchedules,
    takes: ['schedule'],
    run: ({ schedules }, by, { schedule }) => {
      if (typeof schedule !== 'string') throw invalid('"schedule" has to be the id or the name of one');
      run(schedules, by, schedule);
    },
  };
}

function putRule({ ruleRoom }: HouseRooms, by: string, { rule }: Parameters): void {
  if (typeof rule !== 'object' || rule === null) throw invalid('"rule" has to be a rule as rules.json has it');
  ruleRoom.put(by, rule);
}

function ofRule(run: (rules: RuleRoom, by: string, rule: string) => unknown): HouseCommand {
  return {
    permission: standingPermissions.writeRules,
    takes: ['rule'],
    run: ({ ruleRoom }, by, { rule }) => {
      if (typeof rule !== 'string') throw invalid('"rule" has to be the id of one');
      run(ruleRoom, by, rule);
    },
  };
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('MESSAGE_INVALID', { reason });
}
