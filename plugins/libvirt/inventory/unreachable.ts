import type { AnyObject } from '../../../lib/model/objects.ts';
import type { Session } from '../session.ts';

/** What a session knew, as it is known once its daemon does not answer: what a guest does now, nobody can tell. */
export function unreachable({ host, domains, networks, pools }: Session): AnyObject[] {
  const vms = domains.objects().map((object) => (object.kind === 'vm' ? { ...object, ...untold } : object));
  return [{ ...host, live: false }, ...vms, ...networks.objects(), ...pools.objects()];
}

const untold = { power: 'unknown', agent: 'unknown' } as const;
