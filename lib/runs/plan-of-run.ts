import type { Operation } from '../operations/operation.ts';

/** What a whole run of a flow would do, one step for each planned operation, in the order they were asked for. */
export interface RunPlan {
  readonly run: string;
  readonly steps: readonly RunPlanStep[];
  /** The whole as lines for people. */
  readonly text: string;
}

export interface RunPlanStep {
  readonly operation: string;
  readonly node: string | null;
  readonly action: string;
  readonly object: string;
  /** Of an operation that could not be planned, why. */
  readonly text: string;
  readonly plan: Operation['result'];
}

interface History {
  history(filter: { run: string; limit: number }): readonly Operation[];
}

const mostSteps = 1_000;

/** @throws STORE_* */
export function planOfRun(operations: History, run: string): RunPlan {
  const planned = operations.history({ run, limit: mostSteps }).filter(({ mode }) => mode === 'plan');
  const steps = planned.reverse().map(stepOf);
  return { run, steps, text: steps.map(({ text }, index) => `${index + 1}. ${indented(text)}`).join('\n') };
}

function stepOf({ id, origin, action, targetName, result, error }: Operation): RunPlanStep {
  const text = typeof result?.text === 'string' ? result.text : failure(action, targetName, error?.message);
  return { operation: id, node: origin.node ?? null, action, object: targetName, text, plan: result };
}

function failure(action: string, name: string, reason = 'it has not ended'): string {
  return `${action} of ${name} cannot be planned: ${reason}`;
}

/** What belongs to a step stands below its first line. */
function indented(text: string): string {
  return text.replaceAll('\n', '\n   ');
}
