import { currentPlatform, isPlatformRunning } from '../../lib/platform.ts';
import type { NodeRed } from '../runtime/red.ts';
import { ruleNodes } from './kinds.ts';
import { addRuleRoutes } from './routes.ts';
import { anyRule } from './virtflow-rule.ts';

export default function rules(RED: NodeRed): void {
  for (const node of [...ruleNodes, anyRule]) node.register(RED);
  addRuleRoutes(RED);
  // Nodes that were taken away while virtflow did not run have no one to say so.
  RED.events.on('flows:started', () => {
    if (isPlatformRunning()) currentPlatform().rules.forgetOthers();
  });
}
