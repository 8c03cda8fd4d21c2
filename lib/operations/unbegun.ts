import { operationId } from './id.ts';
import type { Operation, OperationMode } from './operation.ts';

/** What whoever asks says of an operation's place among others. */
type Asked = Pick<
  Operation,
  'origin' | 'parent' | 'member' | 'undoes' | 'retries' | 'assume' | 'quiet' | 'approval'
> & { readonly mode?: OperationMode };

type Own = 'action' | 'target' | 'targetName' | 'parameters' | 'timeoutSeconds';

const places = ['parent', 'member', 'undoes', 'retries', 'assume', 'quiet', 'approval'] as const;

/** An operation for which nothing was done yet, but for what it is itself. */
export function unbegun(asked: Asked): Omit<Operation, Own> {
  const told = places.flatMap((place) => (isSaid(asked[place]) ? [[place, asked[place]] as const] : []));
  return {
    id: operationId(),
    origin: asked.origin,
    mode: asked.mode ?? 'run',
    ...Object.fromEntries(told),
    state: 'queued',
    progress: 0,
    step: null,
    queuedAt: Date.now(),
    startedAt: null,
    endedAt: null,
    task: null,
    calls: [],
    sent: [],
    result: null,
    error: null,
    why: [],
  };
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== false;
}
