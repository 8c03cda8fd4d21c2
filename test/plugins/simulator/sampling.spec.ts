import assert from 'node:assert/strict';
import { type MetricTier, metricTiers } from '../../../lib/drivers/driver.ts';
import type { Measurement, Reading } from '../../../lib/model/reading.ts';
import { hang } from '../../../plugins/simulator/accidents.ts';
import { DrivenClock, type WorldClock } from '../../../plugins/simulator/clock.ts';
import { forceOff, pause, resume, start } from '../../../plugins/simulator/power.ts';
import { sampleWorld } from '../../../plugins/simulator/sampling.ts';
import { defaultShape } from '../../../plugins/simulator/settings.ts';
import type { SimulatedVm } from '../../../plugins/simulator/simulated.ts';
import { cpuRatio, memoryUsedBytes } from '../../../plugins/simulator/usage.ts';
import { World } from '../../../plugins/simulator/world.ts';

const dayMs = 86_400_000;
const aWorld = (clock: WorldClock) => new World('demo', defaultShape, clock);

function readings(world: World, ...tiers: readonly MetricTier[]): Reading[] {
  return sampleWorld(world, 'sim', new Set(tiers.length > 0 ? tiers : metricTiers));
}

function readingOf(world: World, measurement: Measurement, name: string): Reading {
  const found = readings(world).find((reading) => reading.measurement === measurement && reading.name === name);
  assert.ok(found, `${measurement} of ${name}`);
  return found;
}

const cpuSecondsOf = (world: World, vm: SimulatedVm) =>
  readingOf(world, 'vm', vm.config.name).counters.cpu_seconds_total ?? Number.NaN;

describe('figures of a simulated VM', () => {
  it('grow by what its load says: counters are integrals of rates', () => {
    const clock = new DrivenClock();
    const world = aWorld(clock);
    const vm = world.vmNamed('web-01');
    const begun = cpuSecondsOf(world, vm);
    let sum = 0;
    const stepMs = 1000;
    for (let ms = 0; ms < 6 * 3_600_000; ms += stepMs) {
      clock.advance(stepMs / 2);
      sum += (cpuRatio(vm, clock.now()) * vm.config.vcpus.current * stepMs) / 1000;
      clock.advance(stepMs / 2);
    }
    const grown = cpuSecondsOf(world, vm) - begun;
    assert.ok(Math.abs(grown - sum) < sum * 0.001, `${grown} and ${sum}`);
  });

  it('tell the same rate however fast the world runs', () => {
    const rate = (speed: number) => {
      const clock = fastClock(speed);
      const world = aWorld(clock);
      const begun = cpuSecondsOf(world, world.vmNamed('web-01'));
      clock.pass(7 * dayMs);
      return ((cpuSecondsOf(world, world.vmNamed('web-01')) - begun) * 1000) / ((7 * dayMs) / speed);
    };
    assert.ok(Math.abs(rate(60) - rate(1)) < rate(1) * 1e-6);
  });

  it('begin at 0 with each start, and stand still while it is paused', () => {
    const clock = new DrivenClock();
    const world = aWorld(clock);
    const vm = world.vmNamed('web-01');
    assert.ok(cpuSecondsOf(world, vm) > 1000);
    forceOff(world, vm);
    start(world, vm, {});
    assert.equal(cpuSecondsOf(world, vm), 0);
    clock.advance(60_000);
    const before = cpuSecondsOf(world, vm);
    pause(world, vm);
    clock.advance(60_000);
    assert.equal(cpuSecondsOf(world, vm), before);
    resume(world, vm);
    clock.advance(60_000);
    const after = cpuSecondsOf(world, vm);
    assert.ok(after > before && after < before * 20);
  });

  it('show a leak that grows until the guest kills what leaks', () => {
    const clock = new DrivenClock();
    const world = aWorld(clock);
    const vm = world.vmNamed('app-01');
    forceOff(world, vm);
    start(world, vm, {});
    const noons = Array.from({ length: 12 }, () => {
      const used = memoryUsedBytes(vm, clock.now()) / vm.config.memoryBytes.current;
      clock.advance(dayMs);
      return used;
    });
    const drops = noons.filter((used, day) => day > 0 && used < (noons[day - 1] ?? 0));
    assert.ok((noons[2] ?? 0) > (noons[0] ?? 1) + 0.2, noons.join(' '));
    assert.ok(drops.length >= 1 && drops.length <= 6 && Math.max(...noons) > 0.7, noons.join(' '));
    const web = world.vmNamed('web-02');
    const webNow = memoryUsedBytes(web, clock.now());
    clock.advance(7 * dayMs);
    assert.ok(Math.abs(memoryUsedBytes(web, clock.now()) / webNow - 1) < 0.5);
  });

  it('leave out the inside of one that hangs, is off or has no agent', () => {
    const world = aWorld(new DrivenClock());
    const hung = world.vmNamed('web-01');
    hang(hung);
    assert.deepEqual(readingOf(world, 'vm', 'web-01').counters, {});
    assert.equal(readingOf(world, 'vm', 'web-01').gauges.state, 1);
    assert.ok(!readings(world, 'disk', 'network', 'cpu', 'memory').some((one) => one.object.id === hung.id));
    assert.deepEqual(Object.keys(readingOf(world, 'vm', 'dev-02').gauges), ['state', 'vcpus', 'memory_bytes']);
    assert.equal(readingOf(world, 'vm', 'monitor-01').gauges.memory_used_bytes, undefined);
    assert.ok(readingOf(world, 'vm', 'db-01').gauges.memory_used_bytes);
  });
});

describe('file systems of a simulated VM', () => {
  it('lie on its disks, and fill as those do', () => {
    const clock = new DrivenClock();
    const world = aWorld(clock);
    const told = () => readings(world, 'filesystem').filter(({ name }) => name === 'db-01');
    const before = told();
    assert.deepEqual(
      before.map(({ part, disk }) => [part, disk]),
      [
        ['/', 'vda'],
        ['/data', 'vdb'],
      ],
    );
    clock.advance(30 * dayMs);
    for (const [index, { gauges }] of told().entries()) {
      const { used_bytes = 0, capacity_bytes = 0 } = gauges;
      assert.ok(used_bytes > (before[index]?.gauges.used_bytes ?? 0) && used_bytes < capacity_bytes);
    }
  });

  it('are told by an agent that is there and answers', () => {
    const world = aWorld(new DrivenClock());
    hang(world.vmNamed('web-01'));
    const names = new Set(readings(world, 'filesystem').map(({ name }) => name));
    assert.deepEqual(
      ['db-01', 'web-01', 'monitor-01', 'dev-02'].map((name) => names.has(name)),
      [true, false, false, false],
    );
  });
});

describe('figures of a simulated host', () => {
  it('hold what its VMs use, and count on when they are gone', () => {
    const clock = new DrivenClock();
    const world = aWorld(clock);
    const vm = world.vmNamed('ci-01');
    const name = vm.host?.name ?? '';
    const seconds = () => readingOf(world, 'host', name).counters.cpu_seconds_total ?? Number.NaN;
    const ownPerSecond = 0.008 * (vm.host?.cpu.count ?? 0);
    const others = [...(vm.host?.vms ?? [])];
    const vmsBegun = others.map((one) => cpuSecondsOf(world, one));
    const hostBegun = seconds();
    clock.advance(3_600_000);
    const byVms = others.reduce((sum, one, index) => sum + cpuSecondsOf(world, one) - (vmsBegun[index] ?? 0), 0);
    assert.ok(Math.abs(seconds() - hostBegun - byVms - ownPerSecond * 3600) < 0.01);
    const before = seconds();
    forceOff(world, vm);
    assert.ok(Math.abs(seconds() - before) < 1e-6);
    clock.advance(1000);
    assert.ok(seconds() > before);
  });

  it('give each CPU second to one use: busy, waiting or idle', () => {
    const clock = new DrivenClock();
    const world = aWorld(clock);
    const [host] = world.hosts.values();
    const first = readingOf(world, 'host', host?.name ?? '').counters;
    clock.advance(3_600_000);
    const second = readingOf(world, 'host', host?.name ?? '').counters;
    const grown = (name: string) => (second[name] ?? 0) - (first[name] ?? 0);
    const all = grown('cpu_seconds_total') + grown('cpu_iowait_seconds_total') + grown('cpu_idle_seconds_total');
    assert.ok(Math.abs(all - (host?.cpu.count ?? 0) * 3600) < 0.01);
    const busy = grown('cpu_user_seconds_total') + grown('cpu_system_seconds_total');
    assert.ok(Math.abs(busy - grown('cpu_seconds_total')) < 0.01);
  });
});

/** A world's time that runs faster than that outside, by hand. */
function fastClock(speed: number): WorldClock & { pass(simulatedMs: number): void } {
  const start = Date.UTC(2025, 0, 13);
  let passed = 0;
  return {
    speed,
    now: () => start + passed,
    stamp: () => start + passed / speed,
    after: () => () => {},
    wake: () => {},
    rest: () => {},
    pass: (simulatedMs) => {
      passed += simulatedMs;
    },
  };
}
