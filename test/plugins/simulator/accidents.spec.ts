import assert from 'node:assert/strict';
import { metricTiers } from '../../../lib/drivers/driver.ts';
import { crash, hostFails, hostRecovers } from '../../../plugins/simulator/accidents.ts';
import { createWorld, DrivenClock, forgetWorld } from '../../../plugins/simulator/index.ts';
import type { SimulatedHost } from '../../../plugins/simulator/simulated.ts';
import type { World } from '../../../plugins/simulator/world.ts';
import { aJob, coded } from '../../drivers/subject.ts';
import { type Observed, observe, passTime, storyOf } from './observed.ts';

describe('a simulated accident', () => {
  let clock: DrivenClock;
  let world: World;
  let sim: Observed;
  let host: SimulatedHost;
  let from = 0;

  beforeEach(async () => {
    clock = new DrivenClock();
    world = createWorld('accident', {}, clock);
    sim = await observe(world);
    host = world.vmNamed('dev-01').host ?? assert.fail('it is on');
    from = sim.recorder.end;
  });

  afterEach(async () => {
    await sim.connection.stop();
    forgetWorld('accident');
  });

  const refOf = (name: string) => ({ connection: 'sim', kind: 'vm', id: world.vmNamed(name).id }) as const;
  const sample = () => sim.connection.sample(new Set(metricTiers), AbortSignal.timeout(5000));

  it('takes a host and leaves its VMs unknown; they run on when it comes back', async () => {
    const powers = () => [...host.vms].map((vm) => vm.power);
    const before = powers();
    assert.ok(before.includes('running') && before.includes('paused'));
    hostFails(world, host.name, 'unknown');
    hostFails(world, host.name, 'unknown');
    assert.ok(powers().every((power) => power === 'unknown'));
    assert.ok(!(await sample()).some((one) => one.measurement === 'host' && one.name === host.name));
    const states = (await sample()).filter((one) => one.measurement === 'vm' && one.host === host.name);
    assert.ok(states.length > 0 && states.every((one) => one.gauges.state === 5));
    await assert.rejects(sim.connection.vms.forceOff(refOf('dev-01'), aJob()), coded('HYPERVISOR_FAILED'));
    clock.advance(60_000);
    hostRecovers(world, host.name);
    assert.deepEqual(powers(), before);
    assert.deepEqual(storyOf(sim.recorder, world.vmNamed('dev-01'), from), [
      'unknown/connected',
      'vm.changed host-failed',
      'paused/connected',
      'vm.changed host-recovered',
    ]);
    const told = sim.recorder.told.slice(from).flatMap((one) => (one.kind === 'event' ? [one.event.type] : []));
    assert.deepEqual(
      [told[0], told.filter((type) => type.startsWith('host.')).at(-1)],
      ['host.disconnected', 'host.connected'],
    );
  });

  it('takes a host and its VMs with it; they can be started elsewhere', async () => {
    const vm = world.vmNamed('backup-01');
    const { name } = vm.host ?? assert.fail('it is on');
    hostFails(world, name, 'crashed');
    assert.deepEqual(storyOf(sim.recorder, vm, from), ['crashed/disconnected', 'vm.crashed host-failed']);
    await assert.rejects(
      sim.connection.vms.start(refOf('backup-01'), { host: name }, aJob()),
      coded('HYPERVISOR_FAILED'),
    );
    await sim.connection.vms.start(refOf('backup-01'), {}, aJob());
    assert.ok(vm.host && vm.host.name !== name);
    hostRecovers(world, name);
    assert.equal(vm.power, 'running');
  });

  it('crashes one VM, which can be started again or switched off', async () => {
    const vm = world.vmNamed('web-01');
    crash(world, vm);
    assert.deepEqual(storyOf(sim.recorder, vm, from), ['crashed/disconnected', 'vm.crashed panicked']);
    await sim.connection.vms.start(refOf('web-01'), {}, aJob());
    passTime(clock);
    assert.equal(vm.agent, 'connected');
    crash(world, vm);
    await sim.connection.vms.forceOff(refOf('web-01'), aJob());
    assert.equal(vm.power, 'halted');
  });
});
