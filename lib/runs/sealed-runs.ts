import { randomBytes } from 'node:crypto';
import { keyBytes, MasterKey, type Sealed } from '../secrets/cipher.ts';
import type { Safe } from '../secrets/safe.ts';
import type { RunTable } from '../store/store.ts';
import type { RecordedStep, RunStep } from './step.ts';

const room = 'run-journal-key';
const name = 'current';
const version = 1;

/**
 * A table of runs whose messages are encrypted at rest: what a message holds nobody knows, and masking finds only what
 * looks like a secret. They have a key of their own, which stands in the safe, so that a new master key leaves them alone.
 */
export function sealedRuns(table: RunTable, safe: Safe): RunTable {
  let key: MasterKey | undefined;
  const keyOf = () => {
    key ??= new MasterKey(Buffer.from(safe.get(room, name) ?? newKey(safe), 'base64'));
    return key;
  };
  const opened = (step: RecordedStep): RecordedStep => {
    const { message } = step;
    return isSealed(message) ? { ...step, ...messageIn(keyOf(), message.sealed, step) } : step;
  };
  return {
    append: (steps) => table.append(steps.map((step) => ({ ...step, message: sealedMessage(keyOf(), step) }))),
    list: (flow, before) => table.list(flow, before),
    get: (id) => table.get(id),
    steps: (run, limit) => table.steps(run, limit).map(opened),
    step: (run, id) => {
      const step = table.step(run, id);
      return step && opened(step);
    },
    prune: (before, mostRuns, mostBytes) => table.prune(before, mostRuns, mostBytes),
  };
}

function newKey(safe: Safe): string {
  const text = randomBytes(keyBytes).toString('base64');
  safe.put(room, name, text);
  return text;
}

function sealedMessage(key: MasterKey, { run, message }: RunStep): { readonly sealed: Sealed } {
  return { sealed: key.seal(JSON.stringify(message) ?? 'null', version, run) };
}

/** One that does not open, for its key is gone with the master key, is shown as left out. */
function messageIn(
  key: MasterKey,
  sealed: Sealed,
  { run, altered }: RecordedStep,
): Pick<RecordedStep, 'message' | 'altered'> {
  try {
    return { message: JSON.parse(key.unseal(sealed, run)), altered };
  } catch {
    return { message: null, altered: [''] };
  }
}

function isSealed(message: unknown): message is { readonly sealed: Sealed } {
  if (typeof message !== 'object' || message === null || !('sealed' in message)) return false;
  const { sealed } = message;
  return typeof sealed === 'object' && sealed !== null && 'nonce' in sealed && 'text' in sealed && 'key' in sealed;
}
