import assert from 'node:assert/strict';
import { hostFails, hostRecovers } from '../../plugins/simulator/accidents.ts';
import { PlatformOnSimulator } from '../platform-on-simulator.ts';

describe('alerts of a whole house', () => {
  it('takes in that a host died, with its VMs, and that it is back', async () => {
    const house = await PlatformOnSimulator.start('hosts=2&vms=6');
    try {
      const { alerts, inventory } = house.platform;
      const [host] = inventory.list({ kind: 'host' });
      assert.ok(host);
      const vms = inventory.list({ kind: 'vm' }).filter((vm) => vm.host === host.id && !vm.template);
      const heard = (state: string) =>
        new Promise<void>((resolve) => {
          alerts.changes.subscribe(({ alert }) => {
            if (alert.rule === 'virtflow:host-down' && alert.state === state) resolve();
          });
        });
      const down = heard('firing');
      hostFails(house.world, host.name, 'unknown');
      await down;
      const [alert] = alerts.ongoing();
      assert.deepEqual(
        alert?.affected.map(({ name }) => name),
        vms.map(({ name }) => name).toSorted((a, b) => a.localeCompare(b)),
      );
      const up = heard('resolved');
      hostRecovers(house.world, host.name);
      await up;
      assert.equal(alerts.ongoing().length, 0);
    } finally {
      await house.stop();
    }
  });
});
