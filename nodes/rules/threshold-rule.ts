import { VirtflowError } from '../../lib/model/errors.ts';
import type { ThresholdRule } from '../../lib/rules/kinds/threshold.ts';
import { parseRule, type Rule } from '../../lib/rules/rule.ts';
import type { ConfigOf } from '../runtime/config.ts';
import type { thresholdFields } from './threshold-fields.ts';

/** The field that a number in a message is judged under. */
export const propertyField = 'value';

type Config = ConfigOf<typeof thresholdFields>;

/** The rule that a form describes. @throws RULE_INVALID */
export function ruleOf(id: string, name: string, config: Config): Rule {
  const { noDataAfterSeconds, hitsN, hitsM } = config;
  const levels = levelsOf(config);
  if (levels.length === 0) throw new VirtflowError('RULE_INVALID', { reason: 'it has no threshold' });
  return parseRule({
    id,
    name,
    kind: 'threshold',
    ...judged(config),
    unit: config.unit,
    direction: config.direction,
    levels,
    forSeconds: config.forSeconds,
    keepFiringForSeconds: config.keepFiringForSeconds,
    ...(hitsM > 1 || hitsN > 1 ? { hits: { n: hitsN, m: hitsM } } : {}),
    ...(noDataAfterSeconds === undefined ? {} : { noDataAfterSeconds }),
  });
}

function judged({ source, measurement, field, of }: Config) {
  if (source === 'property') return { value: { field: propertyField } };
  return { measurement, value: of === '' ? { field } : { field, of } };
}

function levelsOf(config: Config): ThresholdRule['levels'] {
  const levels = [
    { severity: 'info', threshold: config.infoThreshold, clear: config.infoClear },
    { severity: 'warning', threshold: config.warningThreshold, clear: config.warningClear },
    { severity: 'critical', threshold: config.criticalThreshold, clear: config.criticalClear },
  ] as const;
  return levels.flatMap(({ severity, threshold, clear }) => {
    if (threshold === undefined) return [];
    return [clear === undefined ? { severity, threshold } : { severity, threshold, clear }];
  });
}
