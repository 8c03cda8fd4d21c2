import Type from 'typebox';
import { type AnyAction, action } from './action.ts';
import { becomes, expectPower } from './power.ts';

const nothing = Type.Object({});

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
  run: async (run) => {
    await run.connection.vms.forceOff(run.target, run.job);
    return becomes(run, 'halted');
  },
});

export const powerActions: readonly AnyAction[] = [start, pause, resume, suspend, restore, reset, forceOff];
