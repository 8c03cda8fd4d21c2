import { operationId } from '../../lib/operations/id.ts';
import type { Operation } from '../../lib/operations/operation.ts';

/** A queued operation; say only what matters. */
export function anOperation(about: Partial<Operation> = {}): Operation {
  return {
    id: operationId(),
    action: 'vm.start',
    target: { connection: 'lab', kind: 'vm', id: 'web' },
    targetName: 'web',
    parameters: {},
    origin: { through: 'test', principal: 'tester' },
    state: 'queued',
    progress: 0,
    step: null,
    queuedAt: 1_000,
    startedAt: null,
    endedAt: null,
    timeoutSeconds: 60,
    task: null,
    calls: [],
    sent: [],
    result: null,
    error: null,
    why: [],
    ...about,
  };
}
