import assert from 'node:assert/strict';
import { createWorld, forgetWorld } from '../../plugins/simulator/index.ts';
import { PlatformOnSimulator } from '../platform-on-simulator.ts';

describe('connections', () => {
  let house: PlatformOnSimulator;
  beforeEach(async () => {
    house = await PlatformOnSimulator.start();
  });
  afterEach(() => house.stop());

  const settings = (name: string, uri = house.uri) => ({ name, driver: 'simulator', uri });
  const code = (expected: string) => (error: { code?: string }) => error.code === expected;

  it('live on when a deploy brings their owner back with the same settings', async () => {
    const { connections } = house.platform;
    const before = connections.get('lab');
    connections.release('lab', 'test');
    const after = connections.acquire(settings('lab'), 'test');
    await connections.sweep();
    assert.equal(after, before);
    assert.equal(after.state.phase, 'connected');
  });

  it('are made anew when their settings have changed', async () => {
    const { connections } = house.platform;
    const before = connections.get('lab');
    connections.release('lab', 'test');
    const after = connections.acquire(settings('lab', 'simulator:///elsewhere?vms=1'), 'test');
    await after.connected();
    assert.notEqual(after, before);
    assert.equal(before.state.phase, 'stopped');
    assert.equal(house.platform.inventory.list({ kind: 'vm', connection: 'lab' }).length, 1);
  });

  it('end when nobody owns them any more, and their objects with them', async () => {
    const { connections, inventory } = house.platform;
    const told: string[] = [];
    connections.states.subscribe(({ state }) => told.push(state.phase));
    connections.release('lab', 'test');
    await connections.sweep();
    assert.deepEqual(connections.list(), []);
    assert.deepEqual(inventory.list(), []);
    assert.deepEqual(told, ['stopped']);
  });

  it('have been tried once each has come up, or has failed to', async () => {
    const { connections } = house.platform;
    await connections.tried();
    createWorld('gone').faults.refuse();
    const [slow, broken] = [
      connections.acquire(settings('slow'), 'test'),
      connections.acquire(settings('gone', 'simulator:///gone'), 'test'),
    ];
    assert.equal(slow.state.phase, 'connecting');
    await connections.tried();
    assert.deepEqual([slow.state.phase, broken.state.phase], ['connected', 'waiting']);
    forgetWorld('gone');
  });

  it('refuse a name that another owner holds', () => {
    assert.throws(() => house.platform.connections.acquire(settings('lab'), 'other'), code('CONNECTION_NAME_TAKEN'));
  });

  it('refuse a name that no topic could hold, an unknown driver, and a URI that means nothing', () => {
    const { connections } = house.platform;
    assert.throws(() => connections.acquire(settings('a/b'), 'me'), code('CONNECTION_SETTINGS_INVALID'));
    assert.throws(() => connections.acquire({ ...settings('x'), driver: 'vmware' }, 'me'), /vmware/);
    assert.throws(() => connections.acquire(settings('x', 'simulator:///?vms=many'), 'me'), /vms/);
    assert.equal(connections.list().length, 1);
  });

  it('name those that exist when one is unknown', () => {
    assert.throws(
      () => house.platform.connections.get('lob'),
      (error: { advice?: string; message: string }) => `${error.message} ${error.advice}`.includes('lab'),
    );
  });

  it('tell an event after the inventory shows it', async () => {
    const seen = new Promise<string>((resolve) => {
      house.platform.connections.events.subscribe((event) => {
        if (event.type === 'vm.started') resolve(house.vm(event.name).power);
      });
    });
    await house.run('vm.start', 'dev-02');
    assert.equal(await seen, 'running');
  });
});
