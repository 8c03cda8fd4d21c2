import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { heardHouse } from './mqtt-house.ts';
import type { Heard } from './mqtt-listener.ts';

interface OperationView {
  readonly id: string;
  readonly action: string;
}

const isReply = (type: string) => (heard: Heard) => heard.body?.type === type;
const operationsOf = ({ body }: Heard) => (body?.operations ?? []) as OperationView[];
const errorOf = ({ body }: Heard) => (body?.error ?? {}) as { code?: string; message?: string; advice?: string };

describe('the MQTT API with the broker inside', () => {
  const house = heardHouse();

  it('says that it is online', async () => {
    assert.equal((await house.client.on('virtflow/status')).text, 'online');
  });

  it('keeps the state of the connection, of each VM and of each host', async () => {
    assert.equal((await house.client.on('virtflow/lab/state')).body?.phase, 'connected');
    for (const vm of house.vms()) {
      const { body, packet } = await house.client.on(`virtflow/lab/vm/${vm.id}/state`);
      assert.deepEqual([body?.name, packet.retain], [vm.name, true]);
    }
    for (const host of house.platform.inventory.list({ kind: 'host' })) {
      assert.equal((await house.client.on(`virtflow/lab/host/${host.id}/state`)).body?.name, host.name);
    }
  });

  it('does a command and replies twice: accepted, then how it ended', async () => {
    const vm = house.vm('running');
    await house.client.publish('virtflow/command/vm.force-off', { target: vm.name, correlationId: 'off-1' });
    await house.client.on('virtflow/reply/off-1', isReply('finished'));
    await house.client.publish('virtflow/command/vm.start', { target: vm.name, correlationId: 'start-1' });
    const accepted = await house.client.on('virtflow/reply/start-1', isReply('accepted'));
    const [operation] = operationsOf(accepted);
    assert.equal(operation?.action, 'vm.start');
    const finished = await house.client.on('virtflow/reply/start-1', isReply('finished'));
    assert.equal(finished.body?.state, 'succeeded');
    const state = await house.client.on(`virtflow/lab/vm/${vm.id}/state`, ({ body }) => body?.power === 'running');
    assert.equal(state.body?.name, vm.name);
    await house.client.on('virtflow/lab/event/vm.started', ({ body }) => body?.name === vm.name);
    await house.client.on('virtflow/operation/succeeded', ({ body }) => body?.id === operation?.id);
  });

  it('runs a command that is delivered twice only once', async () => {
    const vm = house.vm('running');
    const command = { target: `lab/${vm.name}`, correlationId: 'reset-1' };
    await house.client.publish('virtflow/command/vm.reset', command);
    await house.client.on('virtflow/reply/reset-1', isReply('finished'));
    const heardBefore = house.client.heard.length;
    await house.client.publish('virtflow/command/vm.reset', command);
    await house.client.find((heard) => house.client.heard.indexOf(heard) >= heardBefore && isReply('finished')(heard));
    const resets = house.platform.operations.history({ action: 'vm.reset' });
    assert.equal(resets.length, 1);
  });

  it('means the same targets again when a command with a selector is delivered twice', async () => {
    const running = house.vms('running').map((vm) => vm.id);
    const command = { target: { selector: "power = 'running'" }, correlationId: 'pause-all' };
    await house.client.publish('virtflow/command/vm.pause', command);
    const first = await house.client.on('virtflow/reply/pause-all', isReply('finished'));
    const heardBefore = house.client.heard.length;
    await house.client.publish('virtflow/command/vm.pause', command);
    const second = await house.client.find(
      (heard) => house.client.heard.indexOf(heard) >= heardBefore && isReply('finished')(heard),
    );
    const idsOf = (heard: Heard) => operationsOf(heard).map(({ id }) => id);
    assert.equal(idsOf(first).length, running.length);
    assert.deepEqual(idsOf(second), idsOf(first));
    await house.client.publish('virtflow/command/vm.resume', { target: running, correlationId: 'resume-all' });
    const resumed = await house.client.on('virtflow/reply/resume-all', isReply('finished'));
    assert.equal(resumed.body?.state, 'succeeded');
  });

  it('replies to a plan with what would be done, does nothing, and does it when it is asked for afterwards', async () => {
    const vm = house.vm('running');
    const command = { target: { selector: `name = '${vm.name}'` }, correlationId: 'plan-1' };
    await house.client.publish('virtflow/command/vm.force-off', { ...command, plan: true });
    const planned = await house.client.on('virtflow/reply/plan-1', isReply('finished'));
    assert.equal(planned.body?.state, 'planned');
    const [operation] = operationsOf(planned) as { mode?: string; state?: string; result?: Record<string, unknown> }[];
    assert.deepEqual([operation?.mode, operation?.state, operation?.result?.calls], ['plan', 'planned', ['forceOff']]);
    assert.match(String(operation?.result?.text), /power: running → halted/);
    assert.equal(
      house.vms('running').some(({ id }) => id === vm.id),
      true,
    );
    await house.client.on('virtflow/operation/planned', ({ body }) => body?.targetName === vm.name);
    await house.client.publish('virtflow/command/vm.force-off', command);
    await house.client.on(
      'virtflow/reply/plan-1',
      ({ body }) => body?.type === 'finished' && body.state === 'succeeded',
    );
    assert.equal(
      house.vms('running').some(({ id }) => id === vm.id),
      false,
    );
    await house.client.publish('virtflow/command/vm.start', { target: vm.name, correlationId: 'plan-over' });
    await house.client.on('virtflow/reply/plan-over', isReply('finished'));
  });

  it('refuses a correlation id that stood for another action', async () => {
    await house.client.publish('virtflow/command/vm.pause', { target: house.vm().name, correlationId: 'start-1' });
    const refusal = await house.client.on('virtflow/reply/start-1', isReply('refused'));
    assert.equal(errorOf(refusal).code, 'IDEMPOTENCY_KEY_REUSED');
  });

  for (const [what, action, payload, code] of [
    ['an unknown action', 'vm.explode', { target: 'x' }, 'ACTION_UNKNOWN'],
    ['an unknown VM', 'vm.start', { target: 'nobody' }, 'OBJECT_UNKNOWN'],
    ['no target', 'vm.start', {}, 'TARGET_MISSING'],
    ['a wrong parameter', 'vm.start', { target: { selector: 'true' }, parameters: { paused: 'maybe' } }, undefined],
    ['parameters that are none', 'vm.start', { target: 'x', parameters: [] }, 'MESSAGE_INVALID'],
    ['a property that there is not', 'vm.start', { target: 'x', force: true }, 'MESSAGE_INVALID'],
    ['a plan that is neither true nor false', 'vm.start', { target: 'x', plan: 'yes' }, 'MESSAGE_INVALID'],
    ['a time-out that is none', 'vm.start', { target: 'x', timeoutSeconds: -1 }, 'MESSAGE_INVALID'],
    [
      'an unknown connection',
      'vm.define',
      { target: 'nowhere', parameters: { definition: 'x' } },
      'CONNECTION_UNKNOWN',
    ],
  ] as const) {
    it(`replies with a code to ${what}`, async () => {
      const correlationId = `bad ${what}/+#`;
      await house.client.publish(`virtflow/command/${action}`, { ...payload, correlationId });
      const replyTopic = `virtflow/reply/bad ${what}%2F%2B%23`;
      const error = errorOf(await house.client.on(replyTopic, ({ body }) => body?.type !== 'accepted'));
      assert.equal(error.code, code ?? 'PARAMETER_INVALID');
      assert.ok(error.message && error.advice);
    });
  }

  it('never lets anybody else publish a state, nor log in without the password', async () => {
    const vm = house.vm();
    const impostor = await house.listener({
      will: { topic: 'virtflow/status', payload: Buffer.from('lie'), qos: 0, retain: true },
    });
    const closed = new Promise((resolve) => impostor.client.once('close', () => resolve(undefined)));
    impostor.client.publish(`virtflow/lab/vm/${vm.id}/state`, '{"power":"gone"}', { retain: true });
    await closed;
    const stranger = await house.listener({ connectTimeout: 1000 });
    assert.ok(stranger.client.connected);
    const again = await (await house.listener()).subscribe('virtflow/#');
    const state = await again.on(`virtflow/lab/vm/${vm.id}/state`);
    assert.notEqual(state.body?.power, 'gone');
    assert.equal((await again.on('virtflow/status')).text, 'online');
  });

  it('keeps the password in a file for its owner alone, and out of the log', () => {
    const file = join(house.directory, 'mqtt.json');
    const { password } = JSON.parse(readFileSync(file, 'utf8')) as { password: string };
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(!house.log.lines.some((line) => line.includes(password)));
  });

  it('says offline when it stops', async () => {
    const last = await (await house.listener()).subscribe('virtflow/status');
    await last.on('virtflow/status', ({ text }) => text === 'online');
    const stopped = house.platform.stop();
    await last.on('virtflow/status', ({ text }) => text === 'offline');
    await stopped;
  });
});
