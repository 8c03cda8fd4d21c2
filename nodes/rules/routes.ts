import { VirtflowError } from '../../lib/model/errors.ts';
import { currentPlatform } from '../../lib/platform.ts';
import { adminRoute, optionalText, textOf } from '../runtime/admin-route.ts';
import type { NodeRed } from '../runtime/red.ts';
import { ruleNodes } from './kinds.ts';
import { anyRule } from './virtflow-rule.ts';

/** What the forms of rules ask: the rule that a form describes as it stands, and the rules there are. */
export function addRuleRoutes(RED: NodeRed): void {
  adminRoute(RED, 'post', 'rules/draft', 'virtflow.read', ({ values }) => {
    const [type, id] = [textOf(values, 'type'), textOf(values, 'id')];
    const node = [...ruleNodes, anyRule].find(({ description }) => description.type === type);
    if (!node) throw new VirtflowError('RULE_INVALID', { reason: `${type} is no kind of rule` });
    const { form } = values;
    const raw = typeof form === 'object' && form !== null ? { ...form } : {};
    return { rule: node.ruleOf(id, optionalText(values, 'name') || id, raw) };
  });
  adminRoute(RED, 'get', 'rules', 'virtflow.read', () => {
    const rules = currentPlatform().ruleRoom.list();
    return { rules: rules.map(({ rule: { id, name, kind }, from }) => ({ id, name, kind, from: from.type })) };
  });
}
