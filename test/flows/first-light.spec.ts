import assert from 'node:assert/strict';
import { readAccount } from '../../lib/api/mqtt/account.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { type Heard, MqttListener } from '../api/mqtt-listener.ts';
import { requireLab } from '../lab/availability.ts';
import { until } from '../lab/condition.ts';
import { agentCommand, defineGuest, waitForAgent, waitForState } from '../lab/guests.ts';
import { type LabHost, startHost } from '../lab/host.ts';
import { type InfluxDb, startInfluxDb } from '../lab/influxdb.ts';
import { newPlace, RunningVirtflow, runToEnd, VirtflowProcess } from '../server/virtflow-process.ts';
import { redeploy } from './deployment.ts';
import type { FlowNode } from './flow-file.ts';

const guest = 'web-1';
const connection = 'lab';

describe('the first light, on a real hypervisor', function () {
  this.timeout(120_000);
  // Each step is the cause of the next.
  this.bail(true);

  const place = newPlace();
  let host: LabHost;
  let influx: InfluxDb;
  let virtflow: RunningVirtflow;
  let mqtt: MqttListener;

  before(async function () {
    await requireLab(this, 'hosts', 'influxdb');
    [host, influx] = await Promise.all([startHost('light'), startInfluxDb()]);
    await defineGuest(host, { name: guest, network: false });
    virtflow = await RunningVirtflow.start(place.directory);
    const account = readAccount(place.directory);
    assert.ok(account, 'the broker inside has an account');
    const { port, username, password: secret } = account;
    mqtt = new MqttListener({ url: `mqtt://127.0.0.1:${port}`, username, password: secret });
    await mqtt.subscribe('#');
    const password = await virtflow.process.says(/password {2}(\S+)/);
    const token = await virtflow.logIn(password);
    assert.ok(token, 'the password that was printed logs in');
    await redeploy(virtflow, token, onTheLab);
  });

  after(async () => {
    await mqtt?.end();
    await VirtflowProcess.endAll();
    await Promise.all([influx?.stop(), host?.stop()]);
    place.remove();
  });

  /** The shipped flow, on the lab's host, enabled, and with times that a test can wait for. */
  function onTheLab(node: FlowNode): FlowNode {
    switch (node.id) {
      case 'virtflow-demo':
        return { ...node, name: connection, driver: 'libvirt', uri: `qemu+unix:///system?socket=${host.socket}` };
      case 'virtflow-first-light':
        return { ...node, disabled: false };
      case 'virtflow-first-light-schedule':
        return { ...node, repeat: 'once', at: inSeconds(3), zone: 'Etc/UTC' };
      case 'virtflow-first-light-start':
        return { ...node, target: { mode: 'list', names: [`${connection}/${guest}`] } };
      case 'virtflow-first-light-metrics':
        return { ...node, cpuSeconds: 1, stateSeconds: 1, memorySeconds: 1, hostSeconds: 1 };
      case 'virtflow-first-light-cpu':
        return { ...node, forSeconds: 2, warningThreshold: 70, warningClear: 40 };
      case 'virtflow-influxdb-local':
        return { ...node, url: influx.url };
      default:
        return node;
    }
  }

  const rows = async (query: string) => {
    const answer = JSON.stringify(await influx.query(query, 'virtflow'));
    return answer.includes('"values"') ? answer : undefined;
  };
  const ended = (action: string, state = 'succeeded') =>
    bodyOf(mqtt.on('office/operation', ({ body }) => body?.action === action && body.state === state));

  it('a schedule fires, and a start vm node boots the guest', async () => {
    const operation = await ended('vm.start');
    const { run, delivery, ...origin }: Record<string, unknown> = { ...Object(operation.origin) };
    assert.ok(run && delivery);
    assert.deepEqual(origin, {
      through: 'flow',
      principal: 'node-red',
      flow: 'virtflow-first-light',
      node: 'virtflow-first-light-start',
    });
    await waitForAgent(host, guest);
  });

  it('a vm events node tells that it started', async () => {
    const event = await bodyOf(mqtt.on('office/event', ({ body }) => body?.type === 'vm.started'));
    assert.deepEqual([event.name, event.reason], [guest, 'booted']);
  });

  it('figures of host and guest arrive in InfluxDB', async () => {
    const ofVm = `SELECT last(cpu_ratio) FROM vm WHERE connection = '${connection}' AND "name" = '${guest}'`;
    await until('figures of the guest', () => rows(ofVm));
    await until('figures of the host', () => rows('SELECT last(cpu_ratio), last(memory_used_bytes) FROM host'));
  });

  it('a rule goes pending, firing and resolved, and MQTT hears of firing and resolved once each', async () => {
    const busy = { path: '/bin/sh', arg: ['-c', 'while :; do :; done'] };
    const { pid } = (await agentCommand(host, guest, 'guest-exec', busy)) as { pid: number };
    const firing = await bodyOf(mqtt.on('office/alert', ({ body }) => body?.type === 'firing'));
    assert.deepEqual([firing.name, firing.severity], [guest, 'warning']);
    await agentCommand(host, guest, 'guest-exec', { path: '/bin/kill', arg: ['-9', String(pid)] });
    await bodyOf(mqtt.on('office/alert', ({ body }) => body?.type === 'resolved'));
    const told = mqtt.heard.filter(({ topic, body }) => topic.startsWith('virtflow/alert/') && body?.name === guest);
    const types = told.map(({ body }) => body?.type).filter((type) => type !== 'lapsed');
    assert.deepEqual(types.slice(types.lastIndexOf('pending')), ['pending', 'firing', 'resolved']);
    assert.deepEqual(
      mqtt.heard.filter(({ topic }) => topic === 'office/alert').map(({ body }) => body?.type),
      ['firing', 'resolved'],
    );
  });

  it('an MQTT message shuts the guest down, and is answered', async () => {
    await mqtt.publish('office/shutdown', { target: `${connection}/${guest}` });
    const answer = await bodyOf(mqtt.on('office/shutdown/done'));
    assert.deepEqual([answer.power, answer.forced], ['halted', false]);
    await waitForState(host, guest, 'shut off');
  });

  it('what goes wrong is told with its code', async () => {
    await mqtt.publish('office/shutdown', { target: `${connection}/nobody` });
    const error = await bodyOf(mqtt.on('office/error'));
    assert.equal(error.code, 'OBJECT_UNKNOWN');
  });

  it('the history of operations can be read after a restart', async () => {
    await mqtt.end();
    assert.equal((await virtflow.process.end()).code, 0);
    virtflow = await RunningVirtflow.start(place.directory);
    const { code, output } = await runToEnd('history', '--json', '--data-dir', place.directory);
    assert.equal(code, 0, output);
    const history = JSON.parse(output) as Operation[];
    assert.deepEqual(
      history.map(({ action, state, targetName }) => [action, state, targetName]),
      [
        ['vm.shutdown', 'succeeded', guest],
        ['vm.start', 'succeeded', guest],
      ],
    );
  });
});

/** Local time in UTC, as the schedule's form writes it. */
function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19);
}

async function bodyOf(heard: Promise<Heard>): Promise<Readonly<Record<string, unknown>>> {
  return (await heard).body ?? {};
}
