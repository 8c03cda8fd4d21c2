import assert from 'node:assert/strict';
import { metricTiers } from '../../../lib/drivers/driver.ts';
import type { Vm } from '../../../lib/model/objects.ts';
import { DrivenClock } from '../../../plugins/simulator/clock.ts';
import { memoryUsedOn } from '../../../plugins/simulator/placement.ts';
import { vmOf } from '../../../plugins/simulator/projection.ts';
import { sampleWorld } from '../../../plugins/simulator/sampling.ts';
import { defaultShape, type WorldShape } from '../../../plugins/simulator/settings.ts';
import { World } from '../../../plugins/simulator/world.ts';

function aWorld(shape: Partial<WorldShape> = {}): World {
  return new World('demo', { ...defaultShape, ...shape }, new DrivenClock());
}

const vmsOf = (world: World): Vm[] => [...world.vms.values()].map((vm) => vmOf('sim', vm));

describe('a fleet', () => {
  it('is the same for the same seed, and another for another', () => {
    assert.deepEqual(vmsOf(aWorld()), vmsOf(aWorld()));
    const ids = new Set(vmsOf(aWorld()).map((vm) => vm.id));
    assert.ok(vmsOf(aWorld({ seed: 8 })).every((vm) => !ids.has(vm.id)));
  });

  it('keeps its first VMs when it is made bigger', () => {
    const names = (vms: number) => vmsOf(aWorld({ vms })).map((vm) => `${vm.id} ${vm.name}`);
    assert.deepEqual(names(40).slice(0, 12), names(12));
  });

  it('is believable: roles, tags, some off, one paused, one template, disks with sources', () => {
    const vms = vmsOf(aWorld());
    const count = (power: Vm['power']) => vms.filter((vm) => vm.power === power).length;
    assert.equal(vms.length, 12);
    assert.deepEqual([count('running'), count('paused'), count('halted')], [9, 1, 2]);
    assert.equal(vms.filter((vm) => vm.template).length, 1);
    assert.ok(vms.some((vm) => vm.tags.includes('web')) && vms.some((vm) => vm.tags.includes('db')));
    assert.ok(vms.every((vm) => vm.disks.some((disk) => disk.device === 'disk' && disk.source !== null)));
    assert.ok(vms.every((vm) => (vm.host === null) === (vm.power === 'halted')));
  });

  it('of 5,000 VMs has names, ids, addresses and sources of their own, and fits its hosts', () => {
    const world = aWorld({ vms: 5000, hosts: 60 });
    const vms = vmsOf(world);
    const unique = (values: readonly unknown[]) => assert.equal(new Set(values).size, values.length);
    unique(vms.map((vm) => vm.id));
    unique(vms.map((vm) => vm.name));
    unique(vms.flatMap((vm) => vm.disks.flatMap((disk) => disk.source ?? [])));
    for (const host of world.hosts.values()) {
      assert.ok(memoryUsedOn(host) <= host.memoryBytes && host.vms.size > 0, host.name);
    }
    assert.ok([...world.storagePools.values()].every((pool) => pool.volumes.size > 0));
  });

  it('of 5,000 VMs is sampled whole', () => {
    const world = aWorld({ vms: 5000, hosts: 60 });
    const readings = sampleWorld(world, 'sim', new Set(metricTiers));
    const told = new Set(readings.filter((one) => one.measurement === 'vm').map((one) => one.object.id));
    assert.equal(told.size, 4999);
    assert.equal(readings.filter((one) => one.measurement === 'host').length, 60);
    const on = [...world.vms.values()].filter((vm) => vm.host !== null);
    assert.equal(readings.filter((one) => one.measurement === 'vm_nic').length, on.length);
  });

  it('may be as big or as small as the settings allow', () => {
    assert.equal(aWorld({ vms: 0, hosts: 1 }).vms.size, 0);
    const big = aWorld({ vms: 20_000, hosts: 1 });
    const [host] = big.hosts.values();
    assert.ok(host && memoryUsedOn(host) <= host.memoryBytes);
  });
});
