import type { AnyObject, Vm } from '../model/objects.ts';
import { formatRef, type ObjectRef, refOf, sameObject } from '../model/reference.ts';
import { type Operation, objectOf } from '../operations/operation.ts';
import type { FreshTarget } from '../operations/world.ts';

export interface NamedRef {
  readonly ref: ObjectRef;
  readonly name: string;
}

/** Whom an operation would concern, as far as the inventory tells. */
export interface BlastRadius {
  /** All objects that it touches, its target first. */
  readonly objects: readonly NamedRef[];
  /** VMs that would feel it; the first of them, and how many there are. */
  readonly vms: readonly NamedRef[];
  readonly vmCount: number;
  /** Those VMs, of all on the connection. */
  readonly share: { readonly count: number; readonly total: number; readonly percent: number };
  /** Running VMs that have a disk in common with the target. */
  readonly sharesDisksWith: readonly NamedRef[];
  /** Other operations that have not ended and touch the same object. */
  readonly otherOperations: readonly { readonly id: string; readonly action: string; readonly state: string }[];
}

const listed = 50;

export function blastRadius(
  operation: Operation,
  target: FreshTarget,
  all: readonly AnyObject[],
  unfinished: readonly Operation[],
): BlastRadius {
  const known = new Map(all.map((object) => [formatRef(object), object]));
  const vms = all.filter((object): object is Vm => object.kind === 'vm' && !object.template);
  const concerned = vms.filter((vm) => feels(vm, target, known));
  return {
    objects: touchedBy(operation).map((ref) => ({
      ref,
      name: known.get(formatRef(ref))?.name ?? nameIn(operation, ref),
    })),
    vms: concerned.slice(0, listed).map((vm) => ({ ref: refOf(vm), name: vm.name })),
    vmCount: concerned.length,
    share: { count: concerned.length, total: vms.length, percent: percentOf(concerned.length, vms.length) },
    sharesDisksWith: target?.kind === 'vm' ? diskMates(target, vms) : [],
    otherOperations: unfinished
      .filter(({ id }) => id !== operation.id)
      .slice(0, listed)
      .map(({ id, action, state }) => ({ id, action, state })),
  };
}

/** For people, a line for each fact. */
export function blastLines(blast: BlastRadius): readonly string[] {
  const { objects, vms, vmCount, share, sharesDisksWith, otherOperations } = blast;
  const names = vms.slice(0, 10).map(({ name }) => name);
  const more = vmCount > names.length ? ` and ${vmCount - names.length} more` : '';
  return [
    `Touches ${objects.map(({ ref, name }) => `${ref.kind} ${name}`).join(', ') || 'nothing that exists yet'}.`,
    vmCount === 0
      ? 'No VM feels it.'
      : `${vmCount} of ${share.total} VMs on the connection (${share.percent} %) would feel it: ${names.join(', ')}${more}.`,
    ...(sharesDisksWith.length > 0
      ? [`Its disks are used by ${sharesDisksWith.map(({ name }) => name).join(', ')} as well.`]
      : []),
    ...(otherOperations.length > 0
      ? [
          `Not ended yet on the same object: ${otherOperations.map(({ action, state }) => `${action} (${state})`).join(', ')}.`,
        ]
      : []),
  ];
}

function touchedBy({ target, touches = [] }: Operation): readonly ObjectRef[] {
  const own = objectOf(target);
  const others = own ? touches.filter((ref) => !sameObject(ref, own)) : touches;
  return own ? [own, ...others] : others;
}

function nameIn({ target, targetName }: Operation, ref: ObjectRef): string {
  const own = objectOf(target);
  return own && sameObject(own, ref) ? targetName : ref.id;
}

function feels(vm: Vm, target: FreshTarget, known: ReadonlyMap<string, AnyObject>): boolean {
  if (target === null || vm.connection !== target.connection) return false;
  switch (target.kind) {
    case 'vm':
      return vm.id === target.id;
    case 'host':
      return vm.host === target.id && vm.power !== 'halted';
    case 'pool':
      return true;
    case 'snapshot':
      return vm.id === target.vm;
    case 'network':
      return vm.nics.some(({ network }) => network === target.name || network === target.bridge);
    case 'volume':
      return usesVolume(vm, target);
    case 'storage-pool':
      return [...known.values()].some((one) => one.kind === 'volume' && one.pool === target.id && usesVolume(vm, one));
  }
}

function usesVolume(vm: Vm, { path, id }: { readonly path: string | null; readonly id: string }): boolean {
  return vm.disks.some(({ source }) => source !== null && (source === path || source === id));
}

/** Media that nobody writes to are shared without harm. */
function diskMates(target: Vm, vms: readonly Vm[]): readonly NamedRef[] {
  const own = new Set(target.disks.flatMap(({ source, readOnly }) => (source === null || readOnly ? [] : [source])));
  const mates = vms.filter(
    (vm) => vm.id !== target.id && vm.disks.some(({ source }) => source !== null && own.has(source)),
  );
  return mates.slice(0, listed).map((vm) => ({ ref: refOf(vm), name: vm.name }));
}

function percentOf(count: number, total: number): number {
  return total === 0 ? 0 : Math.round((count / total) * 1000) / 10;
}
