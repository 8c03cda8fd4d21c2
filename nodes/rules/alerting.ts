import type { Alert, RuleOrigin } from '../../lib/rules/engine.ts';
import type { Rule } from '../../lib/rules/rule.ts';
import type { Field } from '../forms/field.ts';
import type { LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { Message } from '../runtime/red.ts';

/** Who gives a node's rule what it judges, and what the node does with a message. */
export interface Feeding {
  readonly fedBy: Extract<RuleOrigin, { type: 'node' }>['fedBy'];
  readonly take: (message: Message) => void;
}

export type Taking<F extends readonly Field[]> = (node: NodeContext<F>) => Feeding;

/** A node that stands for a rule: it sends the rule's alerts, shows how many fire, and hands on what comes in. */
export function alerting<F extends readonly Field[]>(
  node: NodeContext<F>,
  rule: Rule,
  { fedBy, take }: Feeding,
): LiveNode {
  const { rules } = node.platform;
  const passThrough = 'passThrough' in node.config && node.config.passThrough === true;
  const firing = new Set<string>();
  // Heard before the rule is there: what a crash left untold is told as soon as it is.
  node.listen(rules.alerts, (alert) => {
    if (alert.rule !== node.id) return;
    count(firing, alert);
    show(node, firing);
    node.send({ topic: alert.type, payload: alert });
  });
  rules.add(rule, { type: 'node', flow: node.flow ?? null, fedBy });
  for (const { key, status } of rules.list(node.id)) if (status === 'firing') firing.add(key);
  show(node, firing);
  return {
    input(message, send) {
      take(message);
      show(node, firing);
      if (passThrough) send([null, message]);
    },
    close: (removed) => (removed ? rules.forget(node.id) : rules.remove(node.id)),
  };
}

function count(firing: Set<string>, { key, status }: Alert): void {
  if (status === 'firing') firing.add(key);
  else firing.delete(key);
}

function show<F extends readonly Field[]>(node: NodeContext<F>, firing: ReadonlySet<string>): void {
  if (firing.size === 0) node.status({ fill: 'green', shape: 'dot', text: node.words('status.calm') });
  else node.status({ fill: 'red', shape: 'dot', text: node.words('status.firing', { count: firing.size }) });
}
