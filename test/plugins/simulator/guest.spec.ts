import assert from 'node:assert/strict';
import type { ObjectRef } from '../../../lib/model/reference.ts';
import { hang, ignoreShutdown } from '../../../plugins/simulator/accidents.ts';
import { createWorld, DrivenClock, forgetWorld } from '../../../plugins/simulator/index.ts';
import type { SimulatedVm } from '../../../plugins/simulator/simulated.ts';
import type { World } from '../../../plugins/simulator/world.ts';
import { aJob, coded } from '../../drivers/subject.ts';
import { type Observed, observe, passTime, storyOf } from './observed.ts';

describe('a simulated guest', () => {
  let clock: DrivenClock;
  let world: World;
  let sim: Observed;
  let vm: SimulatedVm;
  let ref: ObjectRef;
  let from = 0;
  const story = () => storyOf(sim.recorder, vm, from);

  beforeEach(async () => {
    clock = new DrivenClock();
    world = createWorld('guest', {}, clock);
    sim = await observe(world);
    vm = world.vmNamed('dev-02');
    ref = { connection: 'sim', kind: 'vm', id: vm.id };
    from = sim.recorder.end;
  });

  afterEach(async () => {
    await sim.connection.stop();
    forgetWorld('guest');
  });

  async function bootedVm(): Promise<void> {
    await sim.connection.vms.start(ref, {}, aJob());
    passTime(clock);
    from = sim.recorder.end;
  }

  it('boots in about two seconds, and its agent tells when it is up', async () => {
    await sim.connection.vms.start(ref, {}, aJob());
    assert.deepEqual(story(), ['running/disconnected', 'vm.started booted']);
    clock.advance(1000);
    assert.equal(vm.agent, 'disconnected');
    clock.advance(2000);
    assert.deepEqual(story().slice(2), ['running/connected', 'vm.agent-connected null']);
  });

  it('goes down in about three seconds, and tells each step, the inventory first', async () => {
    await bootedVm();
    await sim.connection.vms.shutdown(ref, { method: 'agent' }, aJob());
    clock.advance(2000);
    assert.deepEqual(story(), []);
    clock.advance(2000);
    assert.deepEqual(story(), [
      'running/disconnected',
      'vm.agent-disconnected null',
      'vm.shutting-down guest',
      'halted/disconnected',
      'vm.stopped shutdown',
    ]);
  });

  it('takes a press of the power button while it boots when it is up', async () => {
    await sim.connection.vms.start(ref, {}, aJob());
    await sim.connection.vms.shutdown(ref, { method: 'acpi' }, aJob());
    clock.advance(3000);
    assert.equal(vm.power, 'running');
    clock.advance(4000);
    assert.equal(vm.power, 'halted');
  });

  it('is not hurried by more presses', async () => {
    await bootedVm();
    await sim.connection.vms.shutdown(ref, { method: 'acpi' }, aJob());
    clock.advance(2000);
    await sim.connection.vms.shutdown(ref, { method: 'acpi' }, aJob());
    clock.advance(2000);
    assert.equal(story().filter((told) => told.startsWith('vm.stopped')).length, 1);
  });

  it('has no agent to ask while it boots, or when none is installed', async () => {
    await sim.connection.vms.start(ref, {}, aJob());
    const byAgent = { method: 'agent' } as const;
    await assert.rejects(sim.connection.vms.shutdown(ref, byAgent, aJob()), coded('AGENT_UNAVAILABLE'));
    const without = { ...ref, id: world.vmNamed('monitor-01').id };
    await assert.rejects(sim.connection.vms.shutdown(without, byAgent, aJob()), coded('AGENT_UNAVAILABLE'));
  });

  it('can ignore that it is asked to go down; the power can be cut', async () => {
    await bootedVm();
    ignoreShutdown(vm);
    await sim.connection.vms.shutdown(ref, { method: 'auto' }, aJob());
    await sim.connection.vms.reboot(ref, { method: 'acpi' }, aJob());
    passTime(clock);
    assert.deepEqual(story(), []);
    await sim.connection.vms.forceOff(ref, aJob());
    assert.deepEqual(story(), ['halted/disconnected', 'vm.stopped destroyed']);
  });

  it('that hangs neither answers nor goes down, and its agent does not either', async () => {
    await bootedVm();
    hang(vm);
    await sim.connection.vms.shutdown(ref, { method: 'acpi' }, aJob());
    passTime(clock);
    assert.equal(vm.power, 'running');
    await assert.rejects(sim.connection.vms.shutdown(ref, { method: 'agent' }, aJob()), coded('AGENT_UNAVAILABLE'));
  });

  it('reboots: goes down, begins anew, and is up again', async () => {
    await bootedVm();
    await sim.connection.vms.reboot(ref, { method: 'auto' }, aJob());
    passTime(clock);
    assert.deepEqual(story(), [
      'running/disconnected',
      'vm.agent-disconnected null',
      'vm.rebooted null',
      'running/connected',
      'vm.agent-connected null',
    ]);
  });

  it('stands still while its VM is paused', async () => {
    await sim.connection.vms.start(ref, { paused: true }, aJob());
    passTime(clock);
    assert.deepEqual(story(), ['paused/disconnected', 'vm.started booted', 'vm.paused paused']);
    await sim.connection.vms.resume(ref, aJob());
    clock.advance(1000);
    await sim.connection.vms.pause(ref, aJob());
    passTime(clock);
    assert.equal(vm.agent, 'disconnected');
    await sim.connection.vms.resume(ref, aJob());
    clock.advance(2000);
    assert.equal(vm.agent, 'connected');
  });

  it('is suspended step by step, with progress', async () => {
    await bootedVm();
    const job = aJob();
    const suspended = sim.connection.vms.suspend(ref, job);
    passTime(clock);
    await suspended;
    assert.equal(job.ratios.length, 10);
    assert.deepEqual(story(), ['paused/connected', 'vm.paused paused', 'suspended/disconnected', 'vm.suspended saved']);
  });

  it('runs on when its suspension is cancelled', async () => {
    await bootedVm();
    const cancel = new AbortController();
    const suspended = sim.connection.vms.suspend(ref, aJob({ signal: cancel.signal }));
    clock.advance(100);
    cancel.abort(new Error('cancelled'));
    await assert.rejects(suspended, /cancelled/);
    passTime(clock);
    assert.equal(vm.power, 'running');
    assert.equal(story().at(-1), 'vm.resumed resumed');
  });

  it('is busy while its memory is saved, but its power can be cut', async () => {
    await bootedVm();
    const suspended = sim.connection.vms.suspend(ref, aJob());
    await assert.rejects(sim.connection.vms.suspend(ref, aJob()), coded('HYPERVISOR_BUSY'));
    const failed = assert.rejects(suspended, coded('HYPERVISOR_FAILED'));
    await sim.connection.vms.forceOff(ref, aJob());
    await failed;
    passTime(clock);
    assert.equal(vm.power, 'halted');
  });

  it('gets a new definition at its next start', async () => {
    await bootedVm();
    const definition = JSON.parse(await sim.connection.vms.definition(ref));
    await sim.connection.vms.define(JSON.stringify({ ...definition, vcpus: 16, maximumVcpus: 16 }), aJob());
    assert.equal((await sim.connection.vms.get(ref))?.vcpus.current, 2);
    await sim.connection.vms.forceOff(ref, aJob());
    assert.equal((await sim.connection.vms.get(ref))?.vcpus.current, 16);
  });

  it('is not started where there is no room, and a template is not at all', async () => {
    const definition = JSON.stringify({ name: 'huge', memoryMiB: 1024 * 1024 });
    const huge = await sim.connection.vms.define(definition, aJob());
    await assert.rejects(sim.connection.vms.start(huge, {}, aJob()), coded('RESOURCES_EXHAUSTED'));
    const [host] = world.hosts.values();
    const onHost = sim.connection.vms.start(huge, { host: host?.name ?? '' }, aJob());
    await assert.rejects(onHost, coded('RESOURCES_EXHAUSTED'));
    await assert.rejects(sim.connection.vms.start(ref, { host: 'nowhere' }, aJob()), coded('OBJECT_UNKNOWN'));
    const template = { ...ref, id: world.vmNamed('template-debian-12').id };
    await assert.rejects(sim.connection.vms.start(template, {}, aJob()), coded('HYPERVISOR_FAILED'));
  });
});
