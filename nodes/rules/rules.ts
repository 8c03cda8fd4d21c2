import { currentPlatform, isPlatformRunning } from '../../lib/platform.ts';
import type { NodeRed } from '../runtime/red.ts';
import { registerRule } from './virtflow-rule.ts';
import { registerThreshold } from './virtflow-threshold.ts';

export default function rules(RED: NodeRed): void {
  registerThreshold(RED);
  registerRule(RED);
  // Nodes that were taken away while virtflow did not run have no one to say so.
  RED.events.on('flows:started', () => {
    if (isPlatformRunning()) currentPlatform().rules.forgetOthers();
  });
}
