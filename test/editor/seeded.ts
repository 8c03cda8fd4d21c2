import { operationId } from '../../lib/operations/id.ts';
import type { Operation, OperationState } from '../../lib/operations/operation.ts';

const actions = ['vm.start', 'vm.shutdown', 'vm.pause', 'vm.resume', 'vm.reset', 'vm.migrate', 'vm.snapshot'];
const states: readonly OperationState[] = ['succeeded', 'succeeded', 'succeeded', 'failed', 'cancelled', 'succeeded'];
const error = {
  code: 'STATE_FORBIDS',
  message: 'The VM is not running.',
  advice: 'Start it first.',
  details: {},
} as const;

/** A history as it grows over weeks: so many operations of all sorts, the last an hour ago. */
export function aHistory(count: number, now = Date.now()): Operation[] {
  return Array.from({ length: count }, (_, index) => pastOperation(index, now - 3_600_000 - (count - index) * 30_000));
}

function pastOperation(index: number, queuedAt: number): Operation {
  const state = states[index % states.length] ?? 'succeeded';
  const id = `vm-${index % 200}`;
  const tookMs = 200 + (index % 50) * 100;
  return {
    id: operationId(),
    action: actions[index % actions.length] ?? 'vm.start',
    target: { connection: 'lab', kind: 'vm', id },
    touches: [{ connection: 'lab', kind: 'vm', id }],
    targetName: `old-${index}`,
    parameters: {},
    origin: { through: 'flow', principal: 'node-red', flow: 'tab', node: `node-${index % 7}` },
    mode: 'run',
    state,
    progress: 1,
    step: null,
    queuedAt,
    startedAt: queuedAt + 20,
    endedAt: queuedAt + 20 + tookMs,
    timeoutSeconds: 60,
    task: null,
    calls: [{ name: 'domainCreate', at: queuedAt + 30, tookMs }],
    sent: [{ name: 'domainCreate', at: queuedAt + 30 }],
    result: state === 'succeeded' ? { changed: true } : null,
    error: state === 'failed' ? error : null,
    why: [{ rule: 'access-granted', says: 'flow has the role administrator everywhere.' }],
  };
}
