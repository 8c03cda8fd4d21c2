import type { Sample } from '../../lib/model/reading.ts';

/** Figures of a fleet: what Prometheus scrapes and what rules of ours are given is the same. */
export const fleetFields = ['cpu_ratio', 'memory_ratio', 'disk_ratio', 'network_ratio', 'steal_ratio'] as const;

/** So many rounds differ, and then they come again. */
export const fleetRounds = 4;

/** One VM in a hundred has always too much, one in a thousand has so now and then, the others never. */
export function figureOf(vm: number, field: number, round: number): number {
  if (vm % 100 === field) return 0.97;
  const turn = round % fleetRounds;
  const isPeak = (vm + field * 7) % 1_000 === turn;
  return isPeak ? 0.95 : 0.1 + ((vm * 31 + field * 17 + turn) % 70) / 100;
}

export function fleetSamples(vms: number, round: number, at: number): Sample[] {
  return Array.from({ length: vms }, (_, vm) => ({
    measurement: 'vm',
    tags: { connection: 'lab', host: `host-${vm % 100}`, id: `vm-${vm}`, name: `vm-${vm}` },
    at,
    fields: Object.fromEntries(fleetFields.map((field, index) => [field, figureOf(vm, index, round)])),
  }));
}

export function fleetText(vms: number, round: number): string {
  const lines = fleetFields.flatMap((field, index) =>
    Array.from({ length: vms }, (_, vm) => {
      const tags = `connection="lab",host="host-${vm % 100}",id="vm-${vm}",name="vm-${vm}"`;
      return `vm_${field}{${tags}} ${figureOf(vm, index, round)}`;
    }),
  );
  return `${lines.join('\n')}\n`;
}

/** A rule of the comparison: which field, beyond what, for how long. */
export interface FleetRule {
  readonly name: string;
  readonly field: (typeof fleetFields)[number];
  readonly threshold: number;
  readonly forSeconds: number;
}

export function fleetRules(count: number): readonly FleetRule[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `rule-${index}`,
    field: fleetFields[index % fleetFields.length] ?? 'cpu_ratio',
    threshold: 0.9 + Math.floor(index / fleetFields.length) / 100,
    forSeconds: (index % 3) * 5,
  }));
}
