import type { AnyObject, Host, Network, Vm } from '../model/objects.ts';
import { type ObjectRef, refOf } from '../model/reference.ts';

/** Where the objects beside a target are found. */
export interface Surroundings {
  get(ref: ObjectRef): AnyObject | undefined;
  named(kind: 'network', name: string, connection: string): readonly Network[];
}

/** What an operation on this target concerns beside it, so that the history of each of them shows it. */
export function touchedBeside(target: AnyObject | null, surroundings: Surroundings): readonly ObjectRef[] {
  if (target === null) return [];
  const { connection } = target;
  if (target.kind === 'vm') return besideVm(target, surroundings);
  if (target.kind === 'host') return poolOf(target);
  if (target.kind === 'snapshot') return [{ connection, kind: 'vm', id: target.vm }];
  if (target.kind === 'volume') return [{ connection, kind: 'storage-pool', id: target.pool }];
  return [];
}

function besideVm(vm: Vm, surroundings: Surroundings): ObjectRef[] {
  const { connection } = vm;
  const host = vm.host === null ? undefined : surroundings.get({ connection, kind: 'host', id: vm.host });
  const names = new Set(vm.nics.flatMap(({ network }) => (network === null ? [] : [network])));
  const networks = [...names].flatMap((name) => surroundings.named('network', name, connection)).map(refOf);
  return host?.kind === 'host' ? [refOf(host), ...poolOf(host), ...networks] : networks;
}

function poolOf({ connection, pool }: Host): ObjectRef[] {
  return pool === null ? [] : [{ connection, kind: 'pool', id: pool }];
}
