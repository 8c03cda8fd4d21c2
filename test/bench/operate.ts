import type { Vm } from '../../lib/model/objects.ts';
import { refOf } from '../../lib/model/reference.ts';
import type { SimulatedFleet } from './simulator.ts';

/** One operation from its submission to its end. @throws Error when it did not succeed */
export async function operate({ operations }: SimulatedFleet, vm: Vm, action: string): Promise<void> {
  const origin = { through: 'test', principal: 'bench' } as const;
  const submitted = await operations.submit({ action, target: refOf(vm), parameters: {}, origin });
  const { state, error } = await operations.finished(submitted.id);
  if (state !== 'succeeded') throw new Error(`${action} ended as ${state}: ${error?.message}`);
}

export async function pauseAndResume(fleet: SimulatedFleet, vm: Vm): Promise<void> {
  await operate(fleet, vm, 'vm.pause');
  await operate(fleet, vm, 'vm.resume');
}
