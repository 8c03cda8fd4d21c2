import assert from 'node:assert/strict';
import { PlatformOnSimulator } from '../platform-on-simulator.ts';

describe('the governor of a platform on the simulator', () => {
  let house: PlatformOnSimulator;
  beforeEach(async () => {
    house = await PlatformOnSimulator.start('hosts=2&vms=16');
  });
  afterEach(() => house.stop());

  const halted = () => house.platform.inventory.list({ kind: 'vm' }).filter(({ power }) => power === 'halted');
  const running = () => house.platform.inventory.list({ kind: 'vm' }).filter(({ power }) => power === 'running');

  it('stops a flow that deletes one VM after the other, with the rules of a fresh installation', async () => {
    for (const { name } of running()) await house.run('vm.force-off', name);
    const names = halted().map(({ name }) => name);
    const outcomes = [];
    for (const name of names) outcomes.push(await house.run('vm.delete', name).catch(({ code }) => code));
    assert.equal(outcomes.filter((outcome) => outcome === 'GOVERNOR_BUDGET').length, names.length - 5);
    assert.equal(halted().length, names.length - 5);
  });

  it('leaves three of four VMs of a host running', async () => {
    const rule = { id: 'up', type: 'share', actions: ['power-off'], percent: 25, per: 'host' };
    const all = house.platform.inventory.list({ kind: 'vm' });
    for (const { name } of halted()) await house.run('vm.start', name);
    house.platform.governor.setRules('tester', { version: 1, rules: [rule] });
    const outcomes = await Promise.all(
      all.map(({ name }) => house.run('vm.force-off', name).catch(({ code }) => code)),
    );
    for (const host of house.platform.inventory.list({ kind: 'host' })) {
      const own = house.platform.inventory.list({ kind: 'vm' }).filter((vm) => vm.host === host.id);
      const away = own.filter(({ power }) => power !== 'running').length;
      assert.ok(away <= own.length / 4, `${away} of ${own.length} on ${host.name} are off`);
    }
    assert.ok(outcomes.some((outcome) => outcome.state === 'succeeded'));
    assert.ok(outcomes.includes('GOVERNOR_SHARE'));
  });

  it('makes everything read-only by a rule', async () => {
    const [vm] = running();
    house.platform.governor.setRules('tester', { version: 1, rules: [{ id: 'closed', type: 'readOnly' }] });
    await assert.rejects(house.run('vm.pause', vm?.name ?? ''), { code: 'GOVERNOR_READ_ONLY' });
  });
});
