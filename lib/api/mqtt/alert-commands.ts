import { snapshotOf } from '../../alerts/event.ts';
import { VirtflowError } from '../../model/errors.ts';
import { AlertRequests, silenceRequest } from '../alert-requests.ts';
import type { HouseCommand, Parameters } from './house-commands.ts';

/** What may be done to alerts; rights are asked as everywhere (`AlertRequests`). */
export const alertCommands: Readonly<Record<string, HouseCommand>> = {
  'alert.acknowledge': {
    takes: ['alert', 'comment'],
    run: async (rooms, _, { alert, comment = '' }, origin) => {
      if (typeof comment !== 'string') throw invalid('"comment" has to be a text');
      return snapshotOf(await new AlertRequests(rooms).acknowledge(textIn({ alert }, 'alert'), origin, comment));
    },
  },
  'alert.unacknowledge': {
    takes: ['alert'],
    run: async (rooms, _, parameters, origin) =>
      snapshotOf(await new AlertRequests(rooms).unacknowledge(textIn(parameters, 'alert'), origin)),
  },
  'alert.silence': {
    takes: ['matcher', 'until', 'duration', 'comment'],
    run: (rooms, _, parameters, origin) => new AlertRequests(rooms).silence(silenceRequest(parameters), origin),
  },
  'alert.end-silence': {
    takes: ['silence'],
    run: (rooms, _, parameters, origin) => new AlertRequests(rooms).endSilence(textIn(parameters, 'silence'), origin),
  },
};

function textIn(parameters: Parameters, name: string): string {
  const value = parameters[name];
  if (typeof value !== 'string') throw invalid(`"${name}" has to be the id of one`);
  return value;
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('MESSAGE_INVALID', { reason });
}
