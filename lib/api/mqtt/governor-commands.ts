import { type Permission, standingPermissions } from '../../access/permission.ts';
import type { Governor } from '../../governor/governor.ts';
import { VirtflowError } from '../../model/errors.ts';
import type { Origin } from '../../operations/operation.ts';
import type { Command } from './command.ts';

export interface GovernorRooms {
  readonly governor: Governor;
  readonly access: { authoriseHouse(origin: Origin, permission: Permission): Promise<void> };
}

type Parameters = Command['parameters'];

interface HouseCommand {
  readonly permission: Permission;
  readonly takes: readonly string[];
  readonly run: (governor: Governor, by: string, parameters: Parameters) => unknown;
}

const commands: Readonly<Record<string, HouseCommand>> = {
  'governor.kill': { permission: standingPermissions.kill, takes: ['reason', 'cancelRunning'], run: kill },
  'governor.release': {
    permission: standingPermissions.govern,
    takes: [],
    run: (governor, by) => governor.release(by),
  },
};

/** Whether a command topic is for the governor and not for an action. */
export function isGovernorCommand(name: string): boolean {
  return Object.hasOwn(commands, name);
}

/** Throws the kill switch or releases it. @throws ACCESS_DENIED, MESSAGE_INVALID, PARAMETER_INVALID, STORE_* */
export async function commandGovernor(
  { governor, access }: GovernorRooms,
  name: string,
  { target, parameters, mode }: Command,
  origin: Origin,
): Promise<void> {
  const command = commands[name];
  if (!command) throw new VirtflowError('ACTION_UNKNOWN', { action: name, known: Object.keys(commands).join(', ') });
  if (target !== undefined || mode === 'plan') throw invalid('this command has neither a target nor a plan');
  const odd = Object.keys(parameters).find((key) => !command.takes.includes(key));
  if (odd !== undefined) throw invalid(`"${odd.slice(0, 50)}" is no parameter of it`);
  await access.authoriseHouse(origin, command.permission);
  command.run(governor, origin.principal, parameters);
}

function kill(governor: Governor, by: string, { reason, cancelRunning = false }: Parameters): void {
  if (typeof reason !== 'string') throw invalid('"reason" has to be a text');
  if (typeof cancelRunning !== 'boolean') throw invalid('"cancelRunning" is neither true nor false');
  governor.kill(by, reason, { cancelRunning });
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('MESSAGE_INVALID', { reason });
}
