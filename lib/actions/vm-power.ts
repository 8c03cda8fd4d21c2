import Type from 'typebox';
import type { Vm } from '../model/objects.ts';
import { type AnyAction, action, type Undo } from './action.ts';
import { becomes, comesUp, expectPower, goesOff, powerChange } from './power.ts';

const nothing = Type.Object({});
const unsavedIsLost = 'What the guest has not written to disk is lost.';
const unsavedIsGone = 'What the guest had not written to disk is gone.';

export const start = action({
  id: 'vm.start',
  target: 'vm',
  role: 'operator',
  danger: 'none',
  label: 'start vm',
  summary: 'Starts a VM. One whose memory was saved continues where it stopped.',
  icon: 'font-awesome/fa-play',
  parameters: Type.Object({
    paused: Type.Boolean({
      title: 'Start paused',
      description: 'Create it with its vCPUs stopped; resume lets it run.',
      default: false,
    }),
  }),
  needs: ['vm.start'],
  timeoutSeconds: 300,
  done: ({ target, parameters }) => target.power === (parameters.paused ? 'paused' : 'running'),
  check: ({ target }) => expectPower(target, 'start', 'halted', 'suspended', 'crashed'),
  plan: ({ target, parameters }) => ({ changes: comesUp(target, parameters.paused), calls: ['start'] }),
  undo: ({ target, parameters }) => undoStart(target, parameters.paused),
  run: async (run) => {
    const { paused } = run.parameters;
    await run.connection.vms.start(run.target, { paused }, run.job);
    return becomes(run, paused ? 'paused' : 'running');
  },
});

export const pause = action({
  id: 'vm.pause',
  target: 'vm',
  role: 'operator',
  danger: 'disruptive',
  label: 'pause vm',
  summary: 'Stops the vCPUs; memory stays where it is. Resume lets them run on.',
  icon: 'font-awesome/fa-pause',
  parameters: nothing,
  needs: ['vm.pause'],
  timeoutSeconds: 60,
  done: ({ target }) => target.power === 'paused',
  check: ({ target }) => expectPower(target, 'pause', 'running'),
  plan: ({ target }) => ({
    changes: [powerChange(target, 'paused')],
    calls: ['pause'],
    risk: 'The guest stands still and answers nobody until it is resumed; nothing is lost.',
  }),
  undo: () => ({ action: 'vm.resume' }),
  run: async (run) => {
    await run.connection.vms.pause(run.target, run.job);
    return becomes(run, 'paused');
  },
});

export const resume = action({
  id: 'vm.resume',
  target: 'vm',
  role: 'operator',
  danger: 'none',
  label: 'resume vm',
  summary: 'Lets the vCPUs of a paused VM run on.',
  icon: 'font-awesome/fa-forward',
  parameters: nothing,
  needs: ['vm.pause'],
  timeoutSeconds: 60,
  done: ({ target }) => target.power === 'running',
  check: ({ target }) => expectPower(target, 'resume', 'paused'),
  plan: ({ target }) => ({ changes: [powerChange(target, 'running')], calls: ['resume'] }),
  undo: () => ({ action: 'vm.pause' }),
  run: async (run) => {
    await run.connection.vms.resume(run.target, run.job);
    return becomes(run, 'running');
  },
});

export const suspend = action({
  id: 'vm.suspend',
  target: 'vm',
  role: 'operator',
  danger: 'disruptive',
  label: 'suspend vm',
  summary: "Saves a VM's memory to disk and stops it; the host's memory is free again.",
  icon: 'font-awesome/fa-save',
  parameters: nothing,
  needs: ['vm.suspend'],
  timeoutSeconds: 1800,
  done: ({ target }) => target.power === 'suspended',
  check: ({ target }) => expectPower(target, 'suspend', 'running', 'paused'),
  plan: ({ target }) => ({
    changes: [powerChange(target, 'suspended'), { what: 'saved memory', before: null, after: 'on disk' }],
    calls: ['suspend'],
    risk: 'The guest is away until it is restored; its memory is kept on disk.',
  }),
  undo: ({ target }) => ({ action: 'vm.restore', parameters: { paused: target.power === 'paused' } }),
  run: async (run) => {
    await run.connection.vms.suspend(run.target, run.job);
    return becomes(run, 'suspended');
  },
});

export const restore = action({
  id: 'vm.restore',
  target: 'vm',
  role: 'operator',
  danger: 'none',
  label: 'restore vm',
  summary: 'Continues a suspended VM from its saved memory.',
  icon: 'font-awesome/fa-undo',
  parameters: Type.Object({
    paused: Type.Boolean({
      title: 'Leave paused',
      description: 'Load the memory, but do not let the vCPUs run yet.',
      default: false,
    }),
  }),
  needs: ['vm.suspend'],
  timeoutSeconds: 1800,
  done: ({ target, parameters }) => target.power === (parameters.paused ? 'paused' : 'running'),
  check: ({ target }) => expectPower(target, 'restore', 'suspended'),
  plan: ({ target, parameters }) => ({ changes: comesUp(target, parameters.paused), calls: ['restore'] }),
  undo: () => ({ action: 'vm.suspend' }),
  run: async (run) => {
    const { paused } = run.parameters;
    await run.connection.vms.restore(run.target, { paused }, run.job);
    return becomes(run, paused ? 'paused' : 'running');
  },
});

export const reset = action({
  id: 'vm.reset',
  target: 'vm',
  role: 'operator',
  danger: 'disruptive',
  label: 'reset vm',
  summary: 'Presses the reset button: the guest starts anew without shutting down.',
  icon: 'font-awesome/fa-bolt',
  parameters: nothing,
  needs: ['vm.reset'],
  timeoutSeconds: 60,
  check: ({ target }) => expectPower(target, 'reset', 'running', 'paused'),
  plan: ({ target }) => ({
    changes: [{ what: 'guest', before: target.power, after: 'started anew' }],
    calls: ['reset'],
    risk: unsavedIsLost,
  }),
  undo: () => ({ none: unsavedIsGone }),
  run: async ({ connection, target, job }) => {
    await connection.vms.reset(target, job);
    return {};
  },
});

export const forceOff = action({
  id: 'vm.force-off',
  target: 'vm',
  role: 'power-operator',
  danger: 'disruptive',
  label: 'force vm off',
  summary: 'Cuts the power. What the guest had not written to disk is lost.',
  icon: 'font-awesome/fa-power-off',
  parameters: nothing,
  needs: ['vm.force-off'],
  timeoutSeconds: 120,
  done: ({ target }) => target.power === 'halted',
  goneIsDone: () => true,
  check: ({ target }) => expectPower(target, 'force off', 'running', 'paused', 'crashed'),
  plan: ({ target }) => ({ changes: goesOff(target), calls: ['forceOff'], risk: unsavedIsLost }),
  undo: () => ({ none: unsavedIsGone }),
  run: async (run) => {
    await run.connection.vms.forceOff(run.target, run.job);
    return becomes(run, 'halted');
  },
});

function undoStart({ power }: Vm, paused: boolean): Undo {
  if (power === 'suspended') return { action: 'vm.suspend' };
  if (power === 'crashed') return { none: 'What a crashed guest still held in memory is gone once it is started.' };
  // A guest that has not run yet cannot be asked to shut down, and has nothing to lose.
  return { action: paused ? 'vm.force-off' : 'vm.shutdown' };
}

export const powerActions: readonly AnyAction[] = [start, pause, resume, suspend, restore, reset, forceOff];
