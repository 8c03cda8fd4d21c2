import type { NodeRed } from '../runtime/red.ts';
import { registerRule } from './virtflow-rule.ts';
import { registerThreshold } from './virtflow-threshold.ts';

export default function rules(RED: NodeRed): void {
  registerThreshold(RED);
  registerRule(RED);
}
