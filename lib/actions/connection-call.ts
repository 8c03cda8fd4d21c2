import Type, { type Static } from 'typebox';
import type { RawArea } from '../drivers/raw.ts';
import { VirtflowError } from '../model/errors.ts';
import { type AnyAction, action, type Run } from './action.ts';

const parameters = Type.Object({
  procedure: Type.String({
    title: 'Procedure',
    description: "A call of the hypervisor's own interface, by its name there.",
    minLength: 1,
    maxLength: 100,
    default: '',
  }),
  arguments: Type.Unknown({
    title: 'Arguments',
    description: 'An object with the arguments by name, or its JSON; bytes in base64, long numbers as text.',
    contentMediaType: 'application/json',
    writeOnly: true,
    default: '{}',
  }),
});

type Parameters = Static<typeof parameters>;
type CallRun = Run<'connection', Parameters>;

const common = {
  target: 'connection',
  role: 'administrator',
  parameters,
  needs: ['api.call'],
  timeoutSeconds: 300,
  check: ({ parameters: given }: { readonly parameters: Parameters }) => {
    argumentsOf(given);
  },
} as const;

export const readCall = action({
  ...common,
  id: 'connection.read',
  danger: 'none',
  label: 'api read',
  summary: "Asks the hypervisor by a call of its own interface that changes nothing: libvirt's RPC, by procedure.",
  icon: 'font-awesome/fa-terminal',
  plan: () => ({ changes: [], calls: [] }),
  undo: () => ({ none: 'It changes nothing.' }),
  run: async (run) => {
    const { procedure } = run.parameters;
    const found = rawOf(run)
      .procedures()
      .find(({ name }) => name === procedure);
    if (found?.effect === 'changes') throw new VirtflowError('PROCEDURE_CHANGES', { procedure });
    return { ...(await call(run)), changed: false };
  },
});

export const anyCall = action({
  ...common,
  id: 'connection.call',
  danger: 'destructive',
  label: 'api call',
  summary: "Makes any call of the hypervisor's own interface, for what no action does: libvirt's RPC, by procedure.",
  icon: 'font-awesome/fa-terminal',
  plan: ({ parameters: { procedure } }) => ({
    changes: [{ what: `whatever ${procedure} changes`, before: null, after: null }],
    calls: ['raw.call'],
    risk: 'virtflow does not know what this call does: it checks its arguments, and nothing else.',
  }),
  undo: () => ({ none: 'virtflow does not know what the call did.' }),
  run: (run) => call(run),
});

async function call(run: CallRun) {
  const { procedure } = run.parameters;
  return { procedure, answer: await rawOf(run).call(procedure, argumentsOf(run.parameters), run.job) };
}

function rawOf({ connection }: CallRun): RawArea {
  if (connection.raw) return connection.raw;
  throw new VirtflowError('CAPABILITY_MISSING', { connection: connection.name, missing: 'api.call' });
}

/** @throws PARAMETER_INVALID */
function argumentsOf({ arguments: given }: Parameters): Readonly<Record<string, unknown>> {
  const value = typeof given === 'string' ? parse(given) : given;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw invalid('they are not an object');
}

function parse(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('they are not JSON');
  }
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('PARAMETER_INVALID', { parameter: 'arguments', reason });
}

export const callActions: readonly AnyAction[] = [readCall, anyCall];
