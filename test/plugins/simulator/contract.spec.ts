import { randomUUID } from 'node:crypto';
import { define, undefine } from '../../../plugins/simulator/define.ts';
import { parseDefinition } from '../../../plugins/simulator/definition.ts';
import { createWorld, forgetWorld, simulatorDriver } from '../../../plugins/simulator/index.ts';
import { forceOff } from '../../../plugins/simulator/power.ts';
import { type ContractSetup, driverContract } from '../../drivers/contract.ts';

const definition = (name: string) =>
  JSON.stringify({
    name,
    vcpus: 2,
    memoryMiB: 2048,
    disks: [{ target: 'vda', sizeGiB: 8 }],
    nics: [{ network: 'lan' }],
  });

async function prepare(): Promise<ContractSetup> {
  const world = createWorld('contract', { vms: 6, speed: 100 });
  const dark = createWorld('contract-dark', { vms: 1 });
  dark.faults.refuse();
  const settings = { name: 'contract', driver: 'simulator', uri: 'simulator:///contract?latencyMs=0.5' };
  return {
    driver: simulatorDriver,
    settings,
    badUris: [
      '',
      'nonsense',
      'qemu:///system',
      'simulator://host/',
      'simulator:///a/b',
      'simulator:///?vms=20001',
      'simulator:///?vms=-1',
      'simulator:///?vms=1.5',
      'simulator:///?vms=',
      'simulator:///?hosts=0',
      'simulator:///?speed=fast',
      'simulator:///?errorRate=2',
      'simulator:///?latencyMs=1e9',
      'simulator:///?colour=red',
      'simulator:///?vms=1&vms=2',
    ],
    freshVm: async () => define(world, parseDefinition(definition(`fresh-${randomUUID()}`))).id,
    discardVm: async (id) => {
      const vm = world.vms.get(id);
      if (vm?.host) forceOff(world, vm);
      if (vm) undefine(world, vm);
    },
    beginTask: async (id) => {
      const cancel = (says: string) => task.end('cancelled', says);
      const task = world.tasks.begin({ operation: 'export', vm: world.vm(id), cancel });
    },
    definition,
    breakConnection: async () => world.faults.drop('connection reset', settings.name),
    unreachable: {
      settings: { ...settings, name: 'dark', uri: 'simulator:///contract-dark' },
      mend: async () => dark.faults.accept(),
    },
    tearDown: async () => {
      forgetWorld('contract');
      forgetWorld('contract-dark');
    },
  };
}

driverContract('the simulator', prepare);
