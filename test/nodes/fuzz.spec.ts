import assert from 'node:assert/strict';
import helper from 'node-red-node-test-helper';
import alerts from '../../nodes/alerts/alerts.ts';
import approvals from '../../nodes/approvals/approvals.ts';
import calendar from '../../nodes/calendar/calendar.ts';
import connectionActions from '../../nodes/connection-actions/connection-actions.ts';
import homeAssistant from '../../nodes/home-assistant/home-assistant.ts';
import inventory from '../../nodes/inventory/inventory.ts';
import metrics from '../../nodes/metrics/metrics.ts';
import operations from '../../nodes/operations/operations.ts';
import rules from '../../nodes/rules/rules.ts';
import type { Message } from '../../nodes/runtime/red.ts';
import { nodeSets } from '../../nodes/sets.ts';
import vmActions from '../../nodes/vm-actions/vm-actions.ts';
import { House, labNode } from './house.ts';
import { malformedMessages } from './malformed-messages.ts';

const sets = [
  alerts,
  approvals,
  vmActions,
  connectionActions,
  homeAssistant,
  inventory,
  operations,
  metrics,
  rules,
  calendar,
];

/** A million for a long run: VIRTFLOW_FUZZ_MESSAGES=1000000 */
const messages = Number(process.env.VIRTFLOW_FUZZ_MESSAGES ?? 40_000);
const batch = 2_000;

// Not the type itself: Node-RED would take the property `type` for a reference.
const nodeId = ({ type }: { readonly type: string }) => `fuzzed-${type}`;

describe('malformed messages', function () {
  this.timeout(Math.max(120_000, messages * 2));

  const types = nodeSets.flatMap(({ nodes }) => nodes).filter(({ inputs }) => inputs > 0);
  const settings = {
    connection: 'lab-node',
    server: 'server',
    definition: '{"name":"fuzzed"}',
    criticalThreshold: 90,
    target: { mode: 'message', names: [], selector: '', property: 'payload' },
    repeat: 'daily',
    zone: 'UTC',
  };
  const tab = { id: 'tab', type: 'tab', label: 'test' };
  const server = { id: 'server', type: 'virtflow-influxdb', name: 'db', url: 'http://127.0.0.1:1', database: 'test' };
  const caught = { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] };
  const completed = {
    id: 'completed',
    type: 'complete',
    z: 'tab',
    name: '',
    scope: types.map(nodeId),
    uncaught: false,
    wires: [['out']],
  };
  const fuzzed = types.map(({ type }) => ({
    ...settings,
    id: nodeId({ type }),
    type,
    z: 'tab',
    name: '',
    wires: [[]],
  }));

  it(`stop nothing and leave nothing open: ${messages} of them, over ${types.length} nodes`, async () => {
    const stray: unknown[] = [];
    const note = (reason: unknown) => stray.push(reason);
    process.on('unhandledRejection', note).on('uncaughtException', note);
    const out = { id: 'out', type: 'helper', z: 'tab' };
    const house = await House.open(sets, [tab, labNode, server, ...fuzzed, out, caught, completed]);
    let answered = 0;
    let wake = () => {};
    house.node('out').on('input', ({ error }: Message) => {
      // That the sink's server is away is told without a message.
      if (isFailure(error) && error.code === 'SINK_UNREACHABLE') return;
      answered += 1;
      wake();
    });
    const next = malformedMessages(7);
    for (let sent = 0; sent < messages; ) {
      for (let index = 0; index < batch && sent < messages; index += 1, sent += 1) {
        const type = types[sent % types.length] ?? assert.fail();
        house.node(nodeId(type)).receive(next());
      }
      helper._sandbox.resetHistory();
      // Each message ends in exactly one way: it is completed, or caught.
      while (answered < sent) await new Promise<void>((resolve) => (wake = resolve));
    }
    await house.close();
    process.off('unhandledRejection', note).off('uncaughtException', note);
    assert.deepEqual(stray, []);
    assert.equal(answered, messages);
  });
});

function isFailure(error: unknown): error is { readonly code: unknown } {
  return typeof error === 'object' && error !== null && 'code' in error;
}
