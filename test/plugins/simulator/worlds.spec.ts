import assert from 'node:assert/strict';
import type { ConnectionSettings } from '../../../lib/drivers/driver.ts';
import { forgetWorld, simulatorDriver, simulatorOf } from '../../../plugins/simulator/index.ts';
import { Recorder } from '../../drivers/recorder.ts';
import { aJob, coded } from '../../drivers/subject.ts';
import type { Observed } from './observed.ts';

describe('a simulated world', () => {
  const opened: Observed[] = [];

  function begin(name: string, uri: string): Observed {
    const recorder = new Recorder();
    const settings: ConnectionSettings = { name, driver: 'simulator', uri };
    const connection = simulatorDriver.connect(settings, recorder);
    connection.start();
    const sim = { connection, recorder };
    opened.push(sim);
    return sim;
  }

  async function open(name: string, uri: string): Promise<Observed> {
    const sim = begin(name, uri);
    await sim.connection.connected();
    return sim;
  }

  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ connection }) => connection.stop()));
    for (const name of ['shared', 'own', 'default']) forgetWorld(name);
  });

  it('is the same for all connections with its path, each telling it under its own name', async () => {
    const a = await open('a', 'simulator:///shared?vms=12&latencyMs=0');
    const b = await open('b', 'simulator:///shared?latencyMs=1');
    const { id } = simulatorOf('shared').vmNamed('dev-02');
    assert.equal(simulatorOf('a'), simulatorOf('b'));
    const from = b.recorder.end;
    await a.connection.vms.start({ connection: 'a', kind: 'vm', id }, {}, aJob());
    const [put, event] = b.recorder.told.slice(from);
    assert.ok(put?.kind === 'inventory' && put.change.type === 'put' && put.change.object.connection === 'b');
    assert.ok(event?.kind === 'event' && event.event.type === 'vm.started' && event.event.object.connection === 'b');
  });

  it('keeps its state when the last connection leaves', async () => {
    const uri = 'simulator:///own?latencyMs=0';
    const first = await open('a', uri);
    const { id } = simulatorOf('own').vmNamed('dev-02');
    const ref = { connection: 'a', kind: 'vm', id } as const;
    await first.connection.vms.start(ref, {}, aJob());
    await first.connection.stop();
    const again = await open('a', uri);
    assert.equal((await again.connection.vms.get(ref))?.power, 'running');
  });

  it('is made anew for another shape when nobody is connected', async () => {
    const first = await open('a', 'simulator:///own?vms=12&latencyMs=0');
    const world = simulatorOf('own');
    await first.connection.stop();
    await open('a', 'simulator:///own?vms=30&latencyMs=0');
    assert.notEqual(simulatorOf('own'), world);
    assert.equal(simulatorOf('own').vms.size, 30);
  });

  it('is not changed under those who are connected; who wants it otherwise waits until they have left', async () => {
    const first = await open('a', 'simulator:///own?vms=12&latencyMs=0');
    const second = begin('b', 'simulator:///own?vms=30&latencyMs=0');
    const isWaiting = (told: Recorder['told'][number]) => told.kind === 'state' && told.state.phase === 'waiting';
    const told = second.recorder.told[await second.recorder.until('it waits', isWaiting, 0, 10_000)];
    assert.ok(told?.kind === 'state' && told.state.phase === 'waiting');
    assert.equal(told.state.error.code, 'CONNECTION_SETTINGS_INVALID');
    assert.match(told.state.error.message, /in use and has another vms/);
    await first.connection.stop();
    await second.connection.connected();
    assert.equal(simulatorOf('b').vms.size, 30);
  });

  it('is not found by a name that nobody has', () => {
    assert.throws(() => simulatorOf('nobody'), coded('OBJECT_UNKNOWN'));
  });

  it('stands still at speed 0 until it is driven', async () => {
    await open('a', 'simulator:///own?speed=0&latencyMs=0');
    const { clock } = simulatorOf('a');
    assert.equal(clock.now(), clock.now());
    assert.ok('advance' in clock);
  });
});
