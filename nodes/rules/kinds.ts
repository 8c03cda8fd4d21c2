import { absence } from './kinds/absence.ts';
import { anomaly } from './kinds/anomaly.ts';
import { composite } from './kinds/composite.ts';
import { eventCount } from './kinds/event-count.ts';
import { forecast } from './kinds/forecast.ts';
import { rate } from './kinds/rate.ts';
import { state } from './kinds/state.ts';
import { threshold } from './kinds/threshold.ts';
import type { RuleNode } from './rule-node.ts';

/** A node for each kind of rule. */
export const ruleNodes: readonly RuleNode[] = [
  threshold,
  rate,
  absence,
  state,
  eventCount,
  forecast,
  anomaly,
  composite,
];
