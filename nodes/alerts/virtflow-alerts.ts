import { type AlertEvent, alertEventTypes } from '../../lib/alerts/event.ts';
import { type Matcher, mismatch } from '../../lib/alerts/matching.ts';
import { selector } from '../../lib/inventory/selector.ts';
import { markProperty } from '../../lib/runs/mark.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { anyConnectionField } from '../forms/shared-fields.ts';
import { afterFlowsStarted } from '../runtime/after-start.ts';
import { connectionName } from '../runtime/connection-names.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import type { NodeRed } from '../runtime/red.ts';
import { timeOfDay } from '../runtime/status.ts';

const fields = [
  {
    kind: 'choices',
    name: 'events',
    label: 'When it is',
    description: 'What to tell of; none chosen means everything.',
    icon: 'fa-bell-o',
    default: ['created', 'ended'],
    options: alertEventTypes.map((value) => ({ value, label: value })),
  },
  {
    kind: 'choices',
    name: 'severities',
    label: 'Severity',
    description: 'Only alerts of these severities; none chosen means all.',
    icon: 'fa-exclamation-triangle',
    default: [],
    options: [
      { value: 'critical', label: 'critical' },
      { value: 'warning', label: 'warning' },
      { value: 'info', label: 'info' },
    ],
  },
  {
    kind: 'text',
    name: 'rule',
    label: 'Rule',
    description: 'Only alerts of the rule with this name or id; * stands for any signs.',
    icon: 'fa-gavel',
    default: '',
    maxLength: 200,
  },
  {
    kind: 'text',
    name: 'object',
    label: 'Of',
    description: 'Only alerts of the object with this name or id; * stands for any signs.',
    icon: 'fa-crosshairs',
    default: '',
    maxLength: 400,
  },
  {
    kind: 'text',
    name: 'selector',
    label: 'Selector',
    description: "Only alerts of objects that this holds for, such as 'web' in tags.",
    icon: 'fa-filter',
    default: '',
    maxLength: 2_000,
  },
  anyConnectionField,
] as const satisfies readonly Field[];

export const alertsDescription = {
  type: 'virtflow-alerts',
  version: 1,
  category: 'virtflow alerts',
  colour: colours.event,
  icon: 'font-awesome/fa-bell',
  inputs: 0,
  outputs: 1,
  label: 'alerts',
  summary: 'Tells when an alert begins, changes, is acknowledged or silenced, and ends: each once, also over restarts.',
  outputLabels: ['alert'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

type AlertsNode = NodeContext<typeof fields>;

export function registerAlerts(RED: NodeRed): void {
  defineNode(RED, { description: alertsDescription, open: (node) => open(node, RED) });
}

function open(node: AlertsNode, RED: NodeRed): LiveNode {
  const { journal } = node.platform.alerts;
  const { selector: text } = node.config;
  if (text !== '') selector(text);
  // A node that is new hears of what happens from now on.
  journal.unread(node.id);
  const reading = new Reading(node);
  let isFlowing = false;
  node.listen(journal.events, (event) => isFlowing && reading.take(event));
  afterFlowsStarted(RED, node, () => {
    isFlowing = true;
    for (const event of journal.unread(node.id)) reading.take(event);
  });
  return { close: (removed) => (removed ? journal.forget(node.id) : reading.mark()) };
}

/** Sends events one after the other, and marks how far it has come once the next nodes have them: rather twice than never. */
class Reading {
  readonly #node: AlertsNode;
  #last: Promise<void> = Promise.resolve();
  #read: number | undefined;
  #isMarking = false;

  constructor(node: AlertsNode) {
    this.#node = node;
  }

  take(event: AlertEvent): void {
    // Whether a selector holds is known a moment later.
    this.#last = this.#last.then(() => this.#tell(event)).catch((error: unknown) => this.#node.failed(error));
  }

  /** Puts on disk how far it has come. */
  mark(): void {
    this.#isMarking = false;
    if (this.#read !== undefined) this.#node.platform.alerts.journal.read(this.#node.id, this.#read);
    this.#read = undefined;
  }

  async #tell(event: AlertEvent): Promise<void> {
    const isWanted = await wants(this.#node, event);
    if (this.#node.signal.aborted) return;
    if (isWanted) send(this.#node, event);
    this.#read = event.number;
    if (this.#isMarking) return;
    this.#isMarking = true;
    setImmediate(() => this.#isMarking && this.#node.guard(() => this.mark()));
  }
}

function send(node: AlertsNode, { number, type, at, alert }: AlertEvent): void {
  const suppressed = node.platform.alerts.suppression(alert) ?? null;
  node.status({ fill: type === 'ended' ? 'green' : 'red', shape: 'dot', text: `${alert.name} ${timeOfDay(at)}` });
  node.send({
    topic: `${alert.ruleName}/${type}`,
    payload: alert,
    alert,
    event: { number, type, at, suppressed },
    // The same when it comes again after a crash, so that nobody is told twice.
    [markProperty]: { run: `alert-${number}-${node.id}` },
  });
}

async function wants({ config, platform }: AlertsNode, { type, alert }: AlertEvent): Promise<boolean> {
  if (config.events.length > 0 && !config.events.includes(type)) return false;
  if (mismatch(matcherOf(config), alert, { selected: () => true }) !== undefined) return false;
  if (config.selector === '') return true;
  const object = alert.object && platform.inventory.get(alert.object);
  return object ? selector(config.selector).matches(object) : false;
}

function matcherOf({ rule, object, severities, connection }: AlertsNode['config']): Matcher {
  const only = connectionName(connection);
  const severity = (['info', 'warning', 'critical'] as const).filter((one) => severities.includes(one));
  return {
    ...(rule === '' ? {} : { rule }),
    ...(object === '' ? {} : { object }),
    ...(severity.length === 0 ? {} : { severity }),
    ...(only === undefined ? {} : { connection: only }),
  };
}
