import { VirtflowError } from '../model/errors.ts';
import type { PowerState, Vm } from '../model/objects.ts';
import type { PlannedChange, Run } from './action.ts';

/** How long the inventory may take to show what the hypervisor has already confirmed. */
const settleSeconds = 30;

/** Refuses an action that the VM's power state forbids. @throws STATE_FORBIDS */
export function expectPower(vm: Vm, action: string, ...expected: readonly PowerState[]): void {
  if (expected.includes(vm.power)) return;
  throw new VirtflowError('STATE_FORBIDS', {
    kind: 'vm',
    name: vm.name,
    actual: vm.power,
    action,
    expected: expected.join(' or '),
  });
}

/** Off for good or gone: a transient VM vanishes when it stops. */
export function isOff(vm: Vm | undefined): boolean {
  return vm === undefined || vm.power === 'halted';
}

export function powerChange({ power }: Vm, after: PowerState): PlannedChange {
  return { what: 'power', before: power, after };
}

/** What changes when a VM goes off: a transient one is gone with its run. */
export function goesOff(vm: Vm): PlannedChange[] {
  const power = powerChange(vm, 'halted');
  return vm.persistent ? [power] : [power, { what: 'definition', before: 'transient', after: null }];
}

/** What changes when a VM comes up; saved memory is used up by it. */
export function comesUp(vm: Vm, paused: boolean): PlannedChange[] {
  const power = powerChange(vm, paused ? 'paused' : 'running');
  return vm.power === 'suspended' ? [power, { what: 'saved memory', before: 'on disk', after: null }] : [power];
}

/** Waits until the inventory shows what the hypervisor has confirmed. @throws STATE_NOT_REACHED */
export async function becomes(run: Run<'vm', unknown>, power: PowerState): Promise<{ power: PowerState }> {
  const reached = (vm: Vm | undefined) => vm?.power === power || (power === 'halted' && isOff(vm));
  if (await run.until(reached, settleSeconds * 1000)) return { power };
  throw new VirtflowError('STATE_NOT_REACHED', { name: run.target.name, expected: power, seconds: settleSeconds });
}
