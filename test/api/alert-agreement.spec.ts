import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { allActions } from '../../lib/actions/registry.ts';
import { Cli } from '../../lib/api/cli/cli.ts';
import { Commands } from '../../lib/api/mqtt/commands.ts';
import { Topics } from '../../lib/api/mqtt/topics.ts';
import { RestApi } from '../../lib/api/rest/rest-api.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import alerts from '../../nodes/alerts/alerts.ts';
import { told } from '../alerts/told.ts';
import { House, silent } from '../nodes/house.ts';
import { roomsOf } from './rest/house.ts';

/** What is asked, by whatever way, of an alert or a silence of this id. */
type Ask = 'acknowledge' | 'silence' | 'end-silence';
/** Answers the code of the error, or who did it. */
type Way = (ask: Ask, id: string) => Promise<string>;

const topics = new Topics('virtflow');
const node = (id: string, type: string, config: object) => ({
  id,
  type,
  z: 'tab',
  name: '',
  wires: [['out']],
  ...config,
});
const flow = [
  { id: 'tab', type: 'tab', label: 'test' },
  node('do-acknowledge', 'virtflow-acknowledge-alert', { does: 'acknowledge' }),
  node('do-silence', 'virtflow-silence-alerts', { does: 'alert', minutes: 5 }),
  node('do-end-silence', 'virtflow-silence-alerts', { does: 'end' }),
  { id: 'out', type: 'helper', z: 'tab' },
  { id: 'caught', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, wires: [['out']] },
];

describe('what is asked of alerts', () => {
  let house: House;
  let rest: RestApi;
  let server: Server;
  let token: string;
  let commands: Commands;
  const replies: { correlationId: string; error?: { code: string } | null; result?: object }[] = [];
  let count = 0;

  before(async () => {
    house = await House.open([alerts], flow);
    house.collect('out');
    const { platform } = house;
    rest = new RestApi(roomsOf(platform));
    rest.start();
    server = createServer((request, response) => rest.handle(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    platform.access.accounts.adopt('test', 'root', [{ effect: 'allow', role: 'administrator', scope: {} }], 'no hash');
    const wish = { owner: 'root', label: '', permissions: ['*'], scope: {}, expiresAt: null };
    token = platform.access.tokens.create('test', wish);
    commands = new Commands({ ...platform, states: platform.store.states, log: silent }, topics, ({ payload }) => {
      replies.push(JSON.parse(String(payload)));
    });
  });
  after(async () => {
    await commands.stop();
    rest.stop();
    server.closeAllConnections();
    server.close();
    await house.close();
  });

  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  async function overRest(ask: Ask, id: string): Promise<string> {
    const silence = { matcher: { rule: id }, duration: '5m' };
    const [method, path, body] = {
      acknowledge: ['POST', `/alerts/${id}/acknowledge`, {}] as const,
      silence: ['POST', '/silences', id === '' ? { ...silence, matcher: {} } : silence] as const,
      'end-silence': ['DELETE', `/silences/${id}`, undefined] as const,
    }[ask];
    const response = await fetch(`${url()}virtflow/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return outcomeOf(await response.json());
  }

  async function overMqtt(ask: Ask, id: string): Promise<string> {
    count += 1;
    const correlationId = `ask-${count}`;
    const parameters = {
      acknowledge: { alert: id },
      silence: { matcher: id === '' ? {} : { rule: id }, duration: '5m' },
      'end-silence': { silence: id },
    }[ask];
    commands.handle(`virtflow/command/alert.${ask}`, Buffer.from(JSON.stringify({ correlationId, parameters })), {
      retain: false,
    });
    while (!replies.some((reply) => reply.correlationId === correlationId)) await new Promise(setImmediate);
    const reply = replies.find((one) => one.correlationId === correlationId);
    return reply?.error?.code ?? outcomeOf(reply?.result);
  }

  async function onCommandLine(ask: Ask, id: string): Promise<string> {
    const printed: string[] = [];
    const terminal = { print: (text: string) => printed.push(text), tell: () => {}, rewrite: undefined, columns: 80 };
    const cli = new Cli(allActions, (_, task) => task({ url: url(), token }), terminal, []);
    const args = {
      acknowledge: ['ack', id],
      silence: ['silence', '--for', '5m', ...(id === '' ? [] : ['--rule', id])],
      'end-silence': ['silence', '--end', id],
    }[ask];
    try {
      await cli.run(['alerts', ...args, '--json'], new AbortController().signal);
      return outcomeOf(JSON.parse(printed.join('')));
    } catch (thrown) {
      if (thrown instanceof VirtflowError) return thrown.code;
      throw thrown;
    }
  }

  async function inFlow(ask: Ask, id: string): Promise<string> {
    count += 1;
    const own = count;
    house.node(`do-${ask}`).receive({ payload: id, own });
    const message = await house.message((one) => one.own === own);
    const error = message.error as { code: string } | undefined;
    return error?.code ?? outcomeOf(ask === 'acknowledge' ? message.alert : message.silence);
  }

  const ways: readonly (readonly [string, Way, string])[] = [
    ['REST', overRest, 'root'],
    ['MQTT', overMqtt, 'mqtt'],
    ['the command line', onCommandLine, 'root'],
    ['a flow', inFlow, 'flow'],
  ];

  async function fire(name: string): Promise<string> {
    const { alerts: room } = house.platform;
    await room.take(told('firing', name));
    return room.ongoing().find((one) => one.name === name)?.id ?? assert.fail('it made no alert');
  }

  for (const [name, way, who] of ways) {
    it(`is done in the name of whoever asks over ${name}`, async () => {
      assert.equal(await way('acknowledge', await fire(`${name} 1`)), who);
      const silence = await way('silence', way === inFlow ? await fire(`${name} 2`) : 'cpu');
      assert.equal(silence, who);
      const [{ id } = assert.fail('no silence')] = house.platform.alerts.silences.list();
      assert.equal(await way('end-silence', id), who);
    });

    it(`is refused for the same reasons over ${name}`, async () => {
      const over = await fire(`${name} 3`);
      await house.platform.alerts.take(told('ok', `${name} 3`));
      assert.equal(await way('acknowledge', 'nobody'), 'ALERT_UNKNOWN');
      assert.equal(await way('acknowledge', over), 'ALERT_OVER');
      assert.equal(await way('end-silence', 'nobody'), 'SILENCE_UNKNOWN');
      // A flow silences the alert that it was given, so that it cannot leave out which.
      if (way !== inFlow) assert.equal(await way('silence', ''), 'SILENCE_INVALID');
    });
  }
});

/** Who did it, or why it was refused. */
function outcomeOf(answer: unknown): string {
  const { code, endedBy, by, acknowledged } = (answer ?? {}) as {
    readonly code?: string;
    readonly endedBy?: string | null;
    readonly by?: string;
    readonly acknowledged?: { readonly by: string } | null;
  };
  return code ?? endedBy ?? by ?? acknowledged?.by ?? 'nothing';
}
