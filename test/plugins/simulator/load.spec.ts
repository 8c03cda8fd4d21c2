import assert from 'node:assert/strict';
import { integralsAt, type LoadPattern, type Parts, partsAt } from '../../../plugins/simulator/load.ts';
import { type Role, roles } from '../../../plugins/simulator/roles.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const seed = 4711;
/** Midnight, UTC. */
const monday = Date.UTC(2025, 0, 13);
const keys = ['constant', 'day', 'noise', 'spike'] as const;

/** Mean of each part over a span, by the integrals. */
function means(pattern: LoadPattern, from: number, ms: number): Parts {
  const [begin, end] = [integralsAt(pattern, seed, from), integralsAt(pattern, seed, from + ms)];
  const mean = (key: keyof Parts) => ((end[key] - begin[key]) * 1000) / ms;
  return { constant: mean('constant'), day: mean('day'), noise: mean('noise'), spike: mean('spike') };
}

describe('load', () => {
  it('is the same for the same VM and time, and differs between VMs', () => {
    const { pattern } = roles.web;
    assert.deepEqual(partsAt(pattern, seed, monday), partsAt(pattern, seed, monday));
    assert.notEqual(partsAt(pattern, seed, monday + 12_345).noise, partsAt(pattern, seed + 1, monday + 12_345).noise);
  });

  it('is lower at night than by day, on each day of four weeks', () => {
    const { pattern } = roles.web;
    for (let day = 0; day < 28; day += 1) {
      const midnight = monday + day * dayMs;
      const night = means(pattern, midnight, 4 * hourMs);
      const noon = means(pattern, midnight + 11 * hourMs, 4 * hourMs);
      assert.ok(night.day < noon.day / 3, `day ${day}: ${night.day} at night, ${noon.day} at noon`);
    }
  });

  it('is lower at weekends', () => {
    for (let week = 0; week < 4; week += 1) {
      const begin = monday + week * 7 * dayMs;
      const friday = means(roles.db.pattern, begin + 4 * dayMs, dayMs);
      const sunday = means(roles.db.pattern, begin + 6 * dayMs, dayMs);
      assert.ok(Math.abs(sunday.day / friday.day - roles.db.pattern.weekend) < 0.01);
    }
  });

  it('of a backup server has its peak at night, once in each', () => {
    for (let day = 0; day < 14; day += 1) {
      const night = means(roles.backup.pattern, monday + day * dayMs, 6 * hourMs);
      const rest = means(roles.backup.pattern, monday + day * dayMs + 6 * hourMs, 18 * hourMs);
      assert.ok(Math.abs(night.spike - 0.5) < 1e-6 && Math.abs(rest.spike) < 1e-6);
    }
  });

  it('has a spike in each slot, not always at the same time in it', () => {
    const { pattern } = roles.ci;
    const { slotSeconds, lengthSeconds } = pattern.spike;
    const begins = new Set<number>();
    for (let slot = 0; slot < 48; slot += 1) {
      const from = monday + slot * slotSeconds * 1000;
      assert.ok(Math.abs(means(pattern, from, slotSeconds * 1000).spike - lengthSeconds / slotSeconds) < 1e-6);
      let begin = 0;
      while (partsAt(pattern, seed, from + begin * 1000).spike === 0) begin += 1;
      begins.add(begin);
    }
    assert.ok(begins.size > 20);
  });

  it('is what its integral grows by', () => {
    for (const { pattern } of Object.values<Role>(roles)) {
      const from = monday + 4 * dayMs + 20 * hourMs;
      const stepMs = 500;
      const sum = { constant: 0, day: 0, noise: 0, spike: 0 };
      for (let ms = stepMs / 2; ms < 8 * hourMs; ms += stepMs) {
        const parts = partsAt(pattern, seed, from + ms);
        for (const key of keys) sum[key] += (parts[key] * stepMs) / 1000;
      }
      const mean = means(pattern, from, 8 * hourMs);
      for (const key of keys) {
        const integral = (mean[key] * 8 * hourMs) / 1000;
        assert.ok(Math.abs(integral - sum[key]) < 1 + Math.abs(sum[key]) * 1e-4, `${key}: ${integral}, ${sum[key]}`);
      }
    }
  });

  it('stays within what a VM has', () => {
    for (const role of Object.values<Role>(roles)) {
      const { constant, day, noise, spike } = role.cpu;
      assert.ok(constant >= noise && constant + day + noise + spike <= 1, role.name);
      for (const mix of [role.read, role.write, role.receive, role.transmit]) assert.ok(mix.constant >= mix.noise);
      for (let ms = 0; ms < 2 * dayMs; ms += 61_000) {
        const parts = partsAt(role.pattern, seed, monday + ms);
        assert.ok(parts.day >= 0 && parts.day <= 1 && Math.abs(parts.noise) <= 1);
      }
    }
  });
});
