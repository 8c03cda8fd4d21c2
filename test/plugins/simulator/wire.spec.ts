import assert from 'node:assert/strict';
import { createWorld, DrivenClock, forgetWorld } from '../../../plugins/simulator/index.ts';
import type { World } from '../../../plugins/simulator/world.ts';
import { aJob, coded } from '../../drivers/subject.ts';
import { type Observed, observe, storyOf } from './observed.ts';

describe('the way to a simulated world', () => {
  let world: World;
  const opened: Observed[] = [];

  beforeEach(() => {
    world = createWorld('wire', {}, new DrivenClock());
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ connection }) => connection.stop()));
    forgetWorld('wire');
  });

  async function open(parameters?: string): Promise<Observed> {
    const sim = await observe(world, parameters);
    opened.push(sim);
    return sim;
  }

  const refOf = (name: string) => ({ connection: 'sim', kind: 'vm', id: world.vmNamed(name).id }) as const;

  it('fails as many calls as it is told to, and does nothing then', async () => {
    const { connection, recorder } = await open();
    const from = recorder.end;
    world.faults.inject({ kind: 'error', call: 'vm.start', times: 1, reason: 'no hugepages left' });
    const job = aJob();
    await assert.rejects(connection.vms.start(refOf('dev-02'), {}, job), /no hugepages left/);
    assert.match(job.calls[0]?.error ?? '', /no hugepages left/);
    assert.deepEqual(storyOf(recorder, world.vmNamed('dev-02'), from), []);
    await connection.vms.start(refOf('dev-02'), {}, aJob());
  });

  it('fails the share of calls that the URI tells, the same ones for the same seed', async () => {
    const failures = async () => {
      world = createWorld('wire', {}, new DrivenClock());
      const { connection } = await open('latencyMs=0&errorRate=0.3');
      const failed: boolean[] = [];
      for (let call = 0; call < 200; call += 1) {
        failed.push(await connection.vms.get(refOf('web-01')).then(() => false, coded('HYPERVISOR_FAILED')));
      }
      return failed;
    };
    const first = await failures();
    assert.deepEqual(await failures(), first);
    const count = first.filter(Boolean).length;
    assert.ok(count > 30 && count < 90, String(count));
  });

  it('can lose the answer to a call that was done', async () => {
    const { connection, recorder } = await open();
    const from = recorder.end;
    world.faults.inject({ kind: 'reply-lost', call: 'vm.start', times: 1 });
    const job = aJob();
    await assert.rejects(connection.vms.start(refOf('dev-02'), {}, job), coded('CONNECTION_LOST'));
    assert.equal(job.calls.length, 1);
    await connection.connected();
    assert.equal((await connection.vms.get(refOf('dev-02')))?.power, 'running');
    assert.equal(storyOf(recorder, world.vmNamed('dev-02'), from)[1], 'vm.started booted');
  });

  it('takes the time that the URI and the faults tell', async () => {
    const { connection } = await open('latencyMs=3');
    world.faults.inject({ kind: 'slow', call: 'vm.start', ms: 7 });
    const job = aJob();
    await connection.vms.start(refOf('dev-02'), {}, job);
    assert.ok((job.calls[0]?.tookMs ?? 0) >= 9);
  });

  it('breaks under a call that waits: it is not done; one whose job goes on there is', async () => {
    const { connection } = await open();
    const take = world.faults.inject({ kind: 'slow', call: 'vm.start', ms: 60_000 });
    const started = assert.rejects(connection.vms.start(refOf('dev-02'), {}, aJob()), coded('CONNECTION_LOST'));
    const suspended = assert.rejects(connection.vms.suspend(refOf('web-01'), aJob()), coded('CONNECTION_LOST'));
    world.faults.drop();
    await Promise.all([started, suspended]);
    take();
    await connection.connected();
    assert.equal(world.vmNamed('dev-02').power, 'halted');
    assert.ok(world.clock instanceof DrivenClock);
    world.clock.advance(10_000);
    assert.equal((await connection.vms.get(refOf('web-01')))?.power, 'suspended');
  });

  it('can be given up while a call waits', async () => {
    const { connection } = await open();
    world.faults.inject({ kind: 'slow', call: '*', ms: 60_000 });
    const cancel = new AbortController();
    const started = connection.vms.start(refOf('dev-02'), {}, aJob({ signal: cancel.signal }));
    const sampled = connection.sample(new Set(['state']), cancel.signal);
    cancel.abort(new Error('given up'));
    await assert.rejects(started, /given up/);
    await assert.rejects(sampled, /given up/);
    assert.equal(world.vmNamed('dev-02').power, 'halted');
  });

  it('leaves no timer behind when it is stopped', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
    world = createWorld('wire', { speed: 1 });
    const { connection } = await open();
    const before = timers();
    await connection.vms.start(refOf('dev-02'), {}, aJob());
    world.faults.inject({ kind: 'slow', call: '*', ms: 60_000 });
    const waiting = assert.rejects(connection.vms.get(refOf('web-01')), coded('CONNECTION_DOWN'));
    assert.ok(timers() > before);
    await connection.stop();
    await waiting;
    assert.equal(timers(), before);
  });
});
