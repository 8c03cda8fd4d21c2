import type { EventType, HypervisorEvent } from '../../lib/model/event.ts';
import type { Sample } from '../../lib/model/reading.ts';
import type { Recorded } from '../../lib/rules/past.ts';
import { seeded } from '../seeded.ts';

export const start = Date.parse('2026-01-01T00:00:00Z');

export function eventOf(type: EventType, id: string, at: number): HypervisorEvent {
  return { type, at, object: { connection: 'lab', kind: 'vm', id }, name: id, reason: null, details: {} };
}

/** Ten VMs that wander, fall silent, crash and start again. */
export function past(seed: number, rounds: number): Recorded[] {
  const random = seeded(seed);
  const load = new Map<string, number>();
  const recorded: Recorded[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (let vm = 0; vm < 10; vm += 1) {
      const id = `u-${vm}`;
      const at = start + round * 10_000 + vm * 7;
      const value = Math.min(1, Math.max(0, (load.get(id) ?? 0.5) + (random() - 0.5) * 0.3));
      load.set(id, value);
      const chance = random();
      if (chance < 0.02) recorded.push({ event: eventOf(chance < 0.01 ? 'vm.crashed' : 'vm.started', id, at) });
      const isSilent = (round + vm * 13) % 97 < 8;
      if (!isSilent) recorded.push({ sample: sampleOf(id, at, value) });
    }
  }
  return recorded;
}

export function sampleOf(id: string, at: number, cpuRatio: number): Sample {
  return { measurement: 'vm', tags: { connection: 'lab', id, name: id }, at, fields: { cpu_ratio: cpuRatio } };
}
