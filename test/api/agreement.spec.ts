import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyAction } from '../../lib/actions/action.ts';
import { allActions } from '../../lib/actions/registry.ts';
import { Cli } from '../../lib/api/cli/cli.ts';
import { optionName, parameterOptions } from '../../lib/api/cli/options.ts';
import type { Terminal } from '../../lib/api/cli/terminal.ts';
import { Commands } from '../../lib/api/mqtt/commands.ts';
import { Topics } from '../../lib/api/mqtt/topics.ts';
import { RestApi } from '../../lib/api/rest/rest-api.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import connectionActions from '../../nodes/connection-actions/connection-actions.ts';
import { describeAction, nodeTypeOf, parameterFields } from '../../nodes/forms/action-description.ts';
import vmActions from '../../nodes/vm-actions/vm-actions.ts';
import { House, labNode, silent } from '../nodes/house.ts';
import { roomsOf } from './rest/house.ts';

/** What came of a request: the plan as people read it, or the code of the refusal. */
type Outcome = string;

const ways = ['node', 'REST', 'command line', 'MQTT'] as const;
type Way = (typeof ways)[number];

const definition = JSON.stringify({ name: 'agreed', memoryMiB: 256, vcpus: 1 });

/** What each action is tried on: a VM of the lab that is, or is brought, into the state that it needs. */
const targets: Readonly<Record<string, { on: string; before?: string; parameters?: Record<string, unknown> }>> = {
  'vm.start': { on: 'dev-02', parameters: { paused: true } },
  'vm.pause': { on: 'web-01' },
  'vm.resume': { on: 'web-02', before: 'vm.pause' },
  'vm.suspend': { on: 'app-01' },
  'vm.restore': { on: 'app-02', before: 'vm.suspend' },
  'vm.reset': { on: 'web-01' },
  'vm.force-off': { on: 'web-01' },
  'vm.shutdown': { on: 'web-01', parameters: { method: 'acpi', waitSeconds: 30, force: true } },
  'vm.reboot': { on: 'web-01', parameters: { method: 'agent' } },
  'vm.snapshot': { on: 'web-01', parameters: { series: 'nightly' } },
  'vm.delete-snapshot': { on: 'web-01', parameters: { name: 'nightly-1', foreign: true } },
  'vm.prune-snapshots': { on: 'web-01', parameters: { series: 'nightly', keepLast: 3 } },
  'vm.cancel-task': { on: 'web-01', parameters: { task: 'none' } },
  'vm.define': { on: 'lab', parameters: { definition } },
  'vm.delete': { on: 'dev-02', parameters: { disks: true } },
  'connection.read': { on: 'lab', parameters: { procedure: 'CONNECT_GET_TYPE' } },
  'connection.call': { on: 'lab', parameters: { procedure: 'CONNECT_GET_TYPE', arguments: '{}' } },
};

describe('node, route, command and topic of each action', function () {
  this.timeout(60_000);
  let house: House;
  let server: Server;
  let rest: RestApi;
  let admin: string;
  let commands: Commands;
  const topics = new Topics('virtflow');
  const replies: { correlationId: string; type: string; [key: string]: unknown }[] = [];
  let asked = 0;

  before(async () => {
    const nodes = allActions.map(({ id }) => ({
      id: nodeId(id),
      type: nodeTypeOf(id),
      z: 'tab',
      name: '',
      wires: [['out']],
    }));
    house = await House.open(
      [vmActions, connectionActions],
      [
        { id: 'tab', type: 'tab', label: 'test' },
        labNode,
        ...nodes.map((node) => ({
          ...node,
          target: { mode: 'msg', names: [], selector: '', property: 'target' },
          connection: labNode.id,
        })),
        { id: 'out', type: 'helper', z: 'tab' },
        { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['errors']] },
        { id: 'errors', type: 'helper', z: 'tab' },
      ],
    );
    house.collect('out');
    house.collect('errors');
    const { platform } = house;
    rest = new RestApi(roomsOf(platform));
    rest.start();
    server = createServer((request, response) => rest.handle(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    platform.access.accounts.adopt('test', 'root', [{ effect: 'allow', role: 'administrator', scope: {} }], 'no hash');
    const wish = { owner: 'root', label: '', permissions: ['*'], scope: {}, expiresAt: null };
    admin = platform.access.tokens.create('test', wish);
    commands = new Commands(
      { ...roomsOf(platform), governor: platform.governor, log: silent },
      topics,
      ({ payload }) => {
        replies.push(JSON.parse(String(payload)));
      },
    );
    for (const { on, before } of Object.values(targets)) if (before) await prepare(before, on);
  });

  after(async () => {
    await commands.stop();
    rest.stop();
    server.closeAllConnections();
    server.close();
    await house.close();
  });

  const nodeId = (action: string) => `node ${action}`;
  const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  async function prepare(action: string, name: string): Promise<void> {
    const [vm] = house.platform.inventory.named('vm', name);
    assert.ok(vm);
    const { operations } = house.platform;
    const origin = { through: 'test', principal: 'root' } as const;
    const { id } = await operations.submit({ action, target: vm, parameters: {}, origin });
    assert.equal((await operations.finished(id)).state, 'succeeded');
  }

  const plans: Record<
    Way,
    (action: AnyAction, target: string, parameters: Record<string, unknown>) => Promise<Outcome>
  > = {
    node: async ({ id }, target, parameters) => {
      asked += 1;
      const number = asked;
      house.node(nodeId(id)).receive({ target, parameters, plan: true, number });
      const { error, payload } = await house.message((message) => message.number === number);
      if (error !== undefined) return codeIn(error);
      return textIn(payload);
    },
    REST: async ({ id }, target, parameters) => {
      const response = await fetch(`${base()}virtflow/v1/actions/${id}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
        body: JSON.stringify({ target, parameters, plan: true }),
      });
      const body: unknown = await response.json();
      return response.ok ? planIn(body) : codeIn(body);
    },
    'command line': async (action, target, parameters) => {
      const printed: string[] = [];
      const terminal: Terminal = {
        print: (text) => printed.push(text),
        tell: () => {},
        rewrite: undefined,
        columns: 80,
      };
      const cli = new Cli(allActions, (_place, task) => task({ url: base(), token: admin }), terminal, []);
      const options = Object.entries(parameters).flatMap(([name, value]) => optionOf(action, name, value));
      try {
        await cli.run([action.id, target, ...options, '--plan'], new AbortController().signal);
        return printed.join('\n');
      } catch (error) {
        assert.ok(error instanceof VirtflowError);
        return error.code;
      }
    },
    MQTT: async ({ id }, target, parameters) => {
      asked += 1;
      const correlationId = `c${asked}`;
      const payload = Buffer.from(JSON.stringify({ target, parameters, plan: true, correlationId }));
      commands.handle(`virtflow/command/${id}`, payload, { retain: false });
      for (;;) {
        const reply = replies.find((one) => one.correlationId === correlationId && one.type !== 'accepted');
        if (reply) return reply.type === 'refused' ? codeIn(reply.error) : planIn(reply);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };

  for (const action of allActions) {
    it(`of ${action.id} take the same parameters`, () => {
      const names = Object.keys(action.parameters.properties).sort();
      const fields = parameterFields(action).map(({ name }) => name);
      const described = describeAction(action).fields.map(({ name }) => name);
      assert.deepEqual([...fields].sort(), names);
      assert.ok(names.every((name) => described.includes(name)));
      assert.deepEqual(Object.keys(parameterOptions(action)).sort(), names.map(optionName).sort());
      const route = rest.routes.find(({ method, path }) => method === 'POST' && path === `/actions/${action.id}`);
      const shown = route?.shownBody?.properties.parameters;
      assert.deepEqual(Object.keys(Object(Reflect.get(Object(shown), 'properties'))).sort(), names);
      assert.equal(topics.actionOf(`virtflow/command/${action.id}`), action.id);
    });

    it(`of ${action.id} tell the same plan, or refuse with the same code`, async () => {
      const { on, parameters = {} } = targets[action.id] ?? {};
      assert.ok(on, `say above what ${action.id} is tried on`);
      const target = action.target === 'connection' ? on : `lab/${on}`;
      const outcomes = new Map<Way, Outcome>();
      for (const way of ways) outcomes.set(way, await plans[way](action, target, parameters));
      assert.equal(new Set(outcomes.values()).size, 1, JSON.stringify([...outcomes], null, 1));
      const isMissing = action.needs.includes('api.call');
      if (isMissing) assert.equal(outcomes.get('node'), 'CAPABILITY_MISSING');
      else if (action.id !== 'vm.cancel-task') assert.match(outcomes.get('node') ?? '', /would/);
    });

    it(`of ${action.id} refuse what is not there with the same code`, async () => {
      for (const way of ways) {
        const code = await plans[way](action, 'nowhere/nobody', targets[action.id]?.parameters ?? {});
        assert.match(code, /^(OBJECT|CONNECTION)_UNKNOWN$/, way);
      }
    });
  }
});

function optionOf(action: AnyAction, name: string, value: unknown): string[] {
  const option = `--${optionName(name)}`;
  if (parameterOptions(action)[optionName(name)]?.type === 'boolean') return value === true ? [option] : [];
  if (name === 'definition') return [option, definitionFile(String(value))];
  return [option, String(value)];
}

function definitionFile(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'virtflow-agreement-')), 'definition');
  writeFileSync(file, text);
  return file;
}

function planIn(answer: unknown): Outcome {
  const operations: unknown = Reflect.get(Object(answer), 'operations');
  assert.ok(Array.isArray(operations) && operations.length === 1, JSON.stringify(answer));
  const { result, error } = operations[0];
  return error ? codeIn(error) : textIn(result);
}

function textIn(result: unknown): Outcome {
  return String(Reflect.get(Object(result), 'text'));
}

function codeIn(error: unknown): Outcome {
  return String(Reflect.get(Object(error), 'code'));
}
