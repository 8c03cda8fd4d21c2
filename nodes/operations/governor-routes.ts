import { VirtflowError } from '../../lib/model/errors.ts';
import { currentPlatform } from '../../lib/platform.ts';
import { adminRoute, textOf } from '../runtime/admin-route.ts';
import type { NodeRed } from '../runtime/red.ts';

/** What the editor's dialog about the governor asks for. */
export function addGovernorRoutes(RED: NodeRed): void {
  adminRoute(RED, 'get', 'governor', 'virtflow.read', () => shown());
  adminRoute(RED, 'post', 'governor/rules', 'virtflow.govern', ({ values, user }) => {
    currentPlatform().governor.setRules(user, { version: 1, rules: values.rules });
    return shown();
  });
  adminRoute(RED, 'post', 'governor/kill', 'virtflow.kill', ({ values, user }) => {
    const { cancelRunning = false } = values;
    if (typeof cancelRunning !== 'boolean') throw invalid('"cancelRunning" is neither true nor false');
    currentPlatform().governor.kill(user, textOf(values, 'reason', 500), { cancelRunning });
    return shown();
  });
  adminRoute(RED, 'post', 'governor/release', 'virtflow.govern', ({ user }) => {
    currentPlatform().governor.release(user);
    return shown();
  });
}

async function shown() {
  const { governor } = currentPlatform();
  return { rules: governor.rules().rules, state: await governor.usage() };
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('MESSAGE_INVALID', { reason });
}
