import assert from 'node:assert/strict';
import { hostFails } from '../../plugins/simulator/accidents.ts';
import { PlatformOnSimulator } from '../platform-on-simulator.ts';

const hourMs = 3_600_000;
const local = (at: number) => new Date(at).toISOString().slice(0, 19);
const when = { type: 'once', from: local(Date.now() - hourMs), until: local(Date.now() + 24 * hourMs), zone: 'UTC' };

describe('a window that keeps alerts quiet', () => {
  let house: PlatformOnSimulator;

  beforeEach(async () => {
    house = await PlatformOnSimulator.start('hosts=2&vms=6');
  });
  afterEach(() => house.stop());

  it('is about its objects alone, while it is open and not overridden', async () => {
    const { calendar, inventory } = house.platform;
    const [one, other] = inventory.list({ kind: 'vm' });
    assert.ok(one && other);
    const targets = { kind: 'vm', selector: `name = '${one.name}'` };
    calendar.put('test', { id: 'patch', kind: 'maintenance', reason: 'updates', when, targets, mutesAlerts: true });
    assert.equal((await calendar.mutes(one))?.window.id, 'patch');
    assert.equal(await calendar.mutes(other), undefined);
    assert.equal(await calendar.mutes(one, Date.now() + 25 * hourMs), undefined);
    calendar.override('test', 'patch', 'an emergency', 5);
    assert.equal(await calendar.mutes(one), undefined);
  });

  it('is asked by the alerts of the house', async () => {
    const { calendar, alerts, inventory } = house.platform;
    calendar.put('test', { id: 'patch', kind: 'maintenance', reason: 'updates', when, mutesAlerts: true });
    const asked = Promise.withResolvers<string>();
    const mutes = calendar.mutes.bind(calendar);
    calendar.mutes = async (object, at) => {
      const found = await mutes(object, at);
      asked.resolve(`${object.kind} ${found?.window.id}`);
      return found;
    };
    const [host] = inventory.list({ kind: 'host' });
    assert.ok(host);
    hostFails(house.world, host.name, 'unknown');
    assert.equal(await asked.promise, 'host patch');
    assert.equal(alerts.ongoing().length, 1);
  });
});
