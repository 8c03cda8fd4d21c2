import type { Plan } from '../../operations/plan.ts';
import type { OperationView } from '../operation-view.ts';

type Detail = OperationView & {
  readonly why?: readonly { readonly says: string }[];
  readonly calls?: readonly { readonly name: string; readonly tookMs: number; readonly error?: string }[];
  readonly changes?: readonly {
    readonly what: string;
    readonly before: string | null;
    readonly after: string | null;
  }[];
  readonly undo?: { readonly action?: string; readonly none?: string };
};

/** An operation in a line. */
export function operationLine({
  id,
  queuedAt,
  state,
  mode,
  action,
  target,
  targetName,
  origin,
  error,
}: OperationView): string {
  const at = timeOf(queuedAt);
  const what = `${action} ${target.kind === 'group' ? `"${targetName}"` : `${target.connection}/${targetName}`}`;
  const by = `${origin.principal} by ${origin.through}${mode === 'plan' ? ', a plan' : ''}`;
  return `${id}  ${at}  ${state.padEnd(11)}  ${what}  ${by}${error ? `  ${error.code}: ${error.message}` : ''}`;
}

/** How one ended, for who asked for it. */
export function endLine(operation: OperationView): string {
  const { action, targetName, state, result, error } = operation;
  if (isPlan(result)) return result.text;
  if (error) return `${action} of ${targetName} ${state}: ${error.message} ${error.advice} [${error.code}]`;
  return `${action} of ${targetName} ${state}${result?.changed === false ? ': it was so already' : ''}`;
}

/** All that is known of one. */
export function operationText(operation: Detail): string {
  const { step, progress, startedAt, endedAt, why = [], calls = [], changes = [], undo } = operation;
  const lines = [
    operationLine(operation),
    endedAt === null ? `progress: ${Math.round(progress * 100)} %${step === null ? '' : `, ${step}`}` : '',
    startedAt === null
      ? ''
      : `started: ${timeOf(startedAt)}${endedAt === null ? '' : `, ran ${(endedAt - startedAt) / 1000} s`}`,
    ...changes.map(({ what, before, after }) => `change: ${what}: ${before ?? 'none'} → ${after ?? 'none'}`),
    ...why.map(({ says }) => `why: ${says}`),
    ...calls.map(
      ({ name, tookMs, error }) => `call: ${name}, ${tookMs.toFixed(1)} ms${error === undefined ? '' : `: ${error}`}`,
    ),
    undo === undefined ? '' : `undo: ${undo.action ?? `no. ${undo.none ?? ''}`}`,
    operation.error ? `advice: ${operation.error.advice}` : '',
  ];
  return lines.filter((line) => line !== '').join('\n');
}

/** To the minute, in UTC, and says so; `-` where there is none. */
export function minuteOf(ms: unknown): string {
  return typeof ms === 'number' ? `${new Date(ms).toISOString().slice(0, 16)}Z` : '-';
}

export function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

function isPlan(result: unknown): result is Plan {
  return typeof result === 'object' && result !== null && 'text' in result && typeof result.text === 'string';
}
