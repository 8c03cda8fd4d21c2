import Type from 'typebox';
import type { ShutdownMethod } from '../drivers/vms.ts';
import { VirtflowError } from '../model/errors.ts';
import { type AnyAction, action, type Run } from './action.ts';
import { becomes, expectPower, goesOff, isOff } from './power.ts';

/** A guest that is still booting ignores the power button, so it is pressed again. */
const askAgainMs = 15_000;

const method = Type.Union([Type.Literal('auto'), Type.Literal('agent'), Type.Literal('acpi')], {
  title: 'Method',
  description: 'How the guest is asked: by its agent, by the ACPI power button, or by whichever works (auto).',
  default: 'auto',
});

export const shutdown = action({
  id: 'vm.shutdown',
  target: 'vm',
  role: 'operator',
  danger: 'disruptive',
  label: 'shut down vm',
  summary: 'Asks the guest to shut down and waits until it is off; by force after the time-out, if so configured.',
  icon: 'font-awesome/fa-stop',
  parameters: Type.Object({
    method,
    waitSeconds: Type.Integer({
      title: 'Wait (s)',
      description: 'How long the guest may take.',
      minimum: 1,
      maximum: 3600,
      default: 120,
    }),
    force: Type.Boolean({
      title: 'Force afterwards',
      description: 'Cut the power when the guest has not shut down in time.',
      default: false,
    }),
  }),
  needs: ['vm.shutdown.acpi'],
  timeoutSeconds: 3900,
  done: ({ target }) => target.power === 'halted',
  goneIsDone: () => true,
  check: ({ target }) => expectPower(target, 'shut down', 'running'),
  plan: ({ target, parameters }) => ({
    changes: goesOff(target),
    calls: ['shutdown'],
    risk: parameters.force
      ? `The guest ends. If it has not within ${parameters.waitSeconds} s, its power is cut, and what it has not written to disk is lost.`
      : `The guest ends, if it listens; if it has not within ${parameters.waitSeconds} s, it is left running.`,
  }),
  undo: ({ target }) =>
    target.persistent ? { action: 'vm.start' } : { none: 'A transient VM is gone when it is off; nothing keeps it.' },
  run: async (run) => {
    if (await shutDownCleanly(run, run.parameters.method, run.parameters.waitSeconds * 1000)) {
      return { power: 'halted', forced: false };
    }
    if (!run.parameters.force) {
      throw new VirtflowError('SHUTDOWN_TIMED_OUT', { name: run.target.name, seconds: run.parameters.waitSeconds });
    }
    run.job.progress(0.9, 'forcing off');
    await run.connection.vms.forceOff(run.target, run.job);
    return { ...(await becomes(run, 'halted')), forced: true };
  },
});

export const reboot = action({
  id: 'vm.reboot',
  target: 'vm',
  role: 'operator',
  danger: 'disruptive',
  label: 'reboot vm',
  summary: 'Asks the guest to start anew.',
  icon: 'font-awesome/fa-refresh',
  parameters: Type.Object({ method }),
  needs: ['vm.reboot'],
  timeoutSeconds: 120,
  check: ({ target }) => expectPower(target, 'reboot', 'running'),
  plan: ({ target }) => ({
    changes: [{ what: 'guest', before: target.power, after: 'started anew' }],
    calls: ['reboot'],
    risk: 'The guest ends what runs in it and is away until it is up again.',
  }),
  undo: () => ({ none: 'What ran in the guest was ended.' }),
  run: async ({ connection, target, parameters, job }) => {
    await withFallback(parameters.method, (by) => connection.vms.reboot(target, { method: by }, job));
    return {};
  },
});

async function shutDownCleanly(run: Run<'vm', unknown>, by: ShutdownMethod, waitMs: number): Promise<boolean> {
  const { connection, target, job, until } = run;
  job.progress(0.05, 'asking the guest');
  await withFallback(by, (way) => connection.vms.shutdown(target, { method: way }, job));
  job.progress(0.1, 'waiting for the guest');
  for (let waited = 0; waited < waitMs; waited += askAgainMs) {
    if (await until(isOff, Math.min(askAgainMs, waitMs - waited))) return true;
    await askAgain(() => connection.vms.shutdown(target, { method: by === 'agent' ? 'agent' : 'acpi' }, job));
  }
  return until(isOff, 0);
}

/** An agent that is connected may still hang: `auto` then presses the power button. */
async function withFallback(by: ShutdownMethod, ask: (method: ShutdownMethod) => Promise<void>): Promise<void> {
  try {
    await ask(by);
  } catch (error) {
    const agentFailed = error instanceof VirtflowError && error.code === 'AGENT_UNAVAILABLE';
    if (by !== 'auto' || !agentFailed) throw error;
    await ask('acpi');
  }
}

/** The guest may go down between two questions, and its agent goes first: only a connection that is gone counts. */
async function askAgain(ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof VirtflowError) || connectionGone.has(error.code)) throw error;
  }
}

/** Nobody can tell then what the guest did; the engine settles it once the hypervisor answers again. */
const connectionGone: ReadonlySet<string> = new Set(['CONNECTION_LOST', 'CONNECTION_DOWN', 'CONNECTION_UNKNOWN']);

export const shutdownActions: readonly AnyAction[] = [shutdown, reboot];
