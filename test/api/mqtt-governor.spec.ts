import assert from 'node:assert/strict';
import { heardHouse } from './mqtt-house.ts';
import type { Heard } from './mqtt-listener.ts';

const errorOf = ({ body }: Heard) => (body?.error ?? {}) as { code?: string; message?: string };
const killed = ({ body }: Heard) => body?.killed as { by: string; reason: string } | null | undefined;

describe('the governor over MQTT', () => {
  const house = heardHouse();

  it('keeps its state there', async () => {
    const { body, packet } = await house.client.on('virtflow/governor/state');
    assert.equal(packet.retain, true);
    assert.equal(body?.killed, null);
    const rules = body?.rules as { rule: string }[];
    assert.deepEqual(rules.map(({ rule }) => rule).sort(), ['deletes', 'failing-flow', 'force-offs', 'storm']);
  });

  it('stops everything and goes on by a command', async () => {
    const parameters = { reason: 'a dog in the rack' };
    await house.client.publish('virtflow/command/governor.kill', { parameters, correlationId: 'kill-1' });
    assert.equal((await house.client.on('virtflow/reply/kill-1')).body?.state, 'succeeded');
    const state = await house.client.on('virtflow/governor/state', (heard) => Boolean(killed(heard)));
    assert.deepEqual([killed(state)?.by, killed(state)?.reason], ['mqtt', 'a dog in the rack']);
    await house.client.publish('virtflow/command/vm.pause', {
      target: house.vm('running').name,
      correlationId: 'pause-1',
    });
    assert.equal(errorOf(await house.client.on('virtflow/reply/pause-1')).code, 'GOVERNOR_STOPPED');
    await house.client.publish('virtflow/command/governor.release', { correlationId: 'release-1' });
    assert.equal((await house.client.on('virtflow/reply/release-1')).body?.state, 'succeeded');
    await house.client.publish('virtflow/command/vm.pause', {
      target: house.vm('running').name,
      correlationId: 'pause-2',
    });
    const done = await house.client.on('virtflow/reply/pause-2', ({ body }) => body?.type === 'finished');
    assert.equal(done.body?.state, 'succeeded');
  });

  it('refuses a command that it cannot read, and one that MQTT may not give', async () => {
    await house.client.publish('virtflow/command/governor.kill', { parameters: {}, correlationId: 'kill-2' });
    assert.equal(errorOf(await house.client.on('virtflow/reply/kill-2')).code, 'MESSAGE_INVALID');
    await house.client.publish('virtflow/command/governor.kill', { target: 'web', correlationId: 'kill-3' });
    assert.equal(errorOf(await house.client.on('virtflow/reply/kill-3')).code, 'MESSAGE_INVALID');
    house.platform.access.accounts.grant('test', 'mqtt', [{ effect: 'allow', role: 'operator', scope: {} }]);
    await house.client.publish('virtflow/command/governor.release', { correlationId: 'release-2' });
    assert.equal(errorOf(await house.client.on('virtflow/reply/release-2')).code, 'ACCESS_DENIED');
    house.platform.access.accounts.grant('test', 'mqtt', [{ effect: 'allow', role: 'viewer', scope: {} }]);
    const parameters = { reason: 'because' };
    await house.client.publish('virtflow/command/governor.kill', { parameters, correlationId: 'kill-4' });
    assert.equal(errorOf(await house.client.on('virtflow/reply/kill-4')).code, 'ACCESS_DENIED');
  });
});
