import { Type } from 'typebox';
import { buildQuery, conditionIn } from '../../lib/metrics/store/build-query.ts';
import { parseDuration } from '../../lib/metrics/store/duration.ts';
import type { Field } from '../forms/field.ts';
import { colours, type NodeDescription } from '../forms/node-description.ts';
import { defineNode, type LiveNode } from '../runtime/define-node.ts';
import type { NodeContext } from '../runtime/node-context.ts';
import { standingOrigin } from '../runtime/origin.ts';
import type { Message, NodeRed } from '../runtime/red.ts';
import { figureField, invalid, lastField, measurementField, parametersIn, rangeOf, rangeParameters } from './asked.ts';

const fields = [
  measurementField,
  figureField,
  {
    kind: 'choice',
    name: 'function',
    label: 'Take',
    description: 'What is made of the samples of each interval.',
    icon: 'fa-calculator',
    default: 'mean',
    options: [
      { value: 'mean', label: 'the mean' },
      { value: 'min', label: 'the least' },
      { value: 'max', label: 'the greatest' },
      { value: 'median', label: 'the median' },
      { value: 'percentile 95', label: 'the 95th percentile' },
      { value: 'sum', label: 'the sum' },
      { value: 'first', label: 'the first' },
      { value: 'last', label: 'the last' },
      { value: 'count', label: 'how many there are' },
    ],
  },
  {
    kind: 'text',
    name: 'every',
    label: 'for each',
    description: 'The interval, such as 5m or 1h; empty: one value over the whole time.',
    icon: 'fa-arrows-h',
    default: '5m',
    maxLength: 20,
    pattern: '([0-9]+(ms|s|m|h|d|w))*',
  },
  lastField,
  {
    kind: 'text',
    name: 'by',
    label: 'A series by',
    description:
      'Tags with commas between: a series for each of their values, such as name or host. Empty: one series.',
    icon: 'fa-tags',
    default: 'name',
    maxLength: 500,
  },
  {
    kind: 'text',
    name: 'where',
    label: 'Only where',
    description: 'Tags and their values with commas between: host=kvm1, name=web-01. Empty: everything.',
    icon: 'fa-filter',
    default: '',
    maxLength: 2_000,
    pattern: '([^=,]+=[^,]*(,|$))*',
  },
] as const satisfies readonly Field[];

export const metricQueryDescription = {
  type: 'virtflow-metric-query',
  version: 1,
  category: 'virtflow',
  colour: colours.query,
  icon: 'font-awesome/fa-line-chart',
  inputs: 1,
  outputs: 1,
  label: 'metric query',
  summary: 'Asks what was measured: series of a figure over a time, as the dashboards draw them.',
  outputLabels: ['series'],
  fields,
} as const satisfies NodeDescription<typeof fields>;

type QueryNode = NodeContext<typeof fields>;

const Texts = Type.Union([Type.String({ maxLength: 2_000 }), Type.Array(Type.String({ maxLength: 2_000 }))]);
const Variable = Type.Union([Type.String(), Type.Array(Type.String()), Type.Object({ regex: Type.String() })]);
const Parameters = Type.Object({
  measurement: Type.Optional(Type.String({ maxLength: 200 })),
  field: Type.Optional(Type.String({ maxLength: 200 })),
  function: Type.Optional(Type.String({ maxLength: 50 })),
  every: Type.Optional(Type.String({ maxLength: 20 })),
  by: Type.Optional(Texts),
  where: Type.Optional(Texts),
  ...rangeParameters,
  variables: Type.Optional(Type.Record(Type.String(), Variable)),
});

export function registerMetricQuery(RED: NodeRed): void {
  defineNode(RED, { description: metricQueryDescription, open });
}

function open(node: QueryNode): LiveNode {
  return {
    async input(message, send) {
      const { metrics, access } = node.platform;
      const { query, range } = asked(node, message);
      const sees = await access.sightOf(standingOrigin(node)).figures();
      const {
        frames,
        level,
        intervalMs = null,
        missingBefore = null,
      } = await metrics.query(query, range, {
        signal: node.signal,
        ...(sees && { sees }),
      });
      node.status({ fill: 'grey', shape: 'dot', text: node.words('status.series', { count: frames.length }) });
      message.payload = { frames, intervalMs, level, missingBefore };
      send(message);
    },
  };
}

/** What the message asks for: `msg.query` as Grafana stores it, or the few words of the form and of `msg.parameters`. */
function asked(node: QueryNode, message: Message) {
  const { config } = node;
  const given = parametersIn(Parameters, message);
  const every = given.every ?? config.every;
  const { variables } = given;
  const intervalMs = parseDuration(every) ?? 60_000;
  const range = { ...rangeOf(given, config.last), intervalMs, ...(variables && { variables }) };
  if (message.query !== undefined) return { query: message.query, range };
  const query = buildQuery({
    measurement: given.measurement ?? config.measurement,
    field: given.field ?? config.field,
    function: given.function ?? config.function,
    by: textsIn(given.by ?? config.by),
    where: textsIn(given.where ?? config.where).map(condition),
    every: every === '' ? undefined : every,
  });
  return { query, range };
}

function textsIn(given: string | readonly string[]): readonly string[] {
  if (typeof given !== 'string') return given;
  return given
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

function condition(text: string) {
  const found = conditionIn(text);
  if (!found) throw invalid('where', `"${text}" is not tag=value`);
  return found;
}
