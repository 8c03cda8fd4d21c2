import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { refOf } from '../../lib/model/reference.ts';
import { codeOf, heardHouse } from './mqtt-house.ts';
import type { Heard } from './mqtt-listener.ts';

describe('approvals over MQTT', () => {
  const house = heardHouse();

  before(() => {
    const { approvals } = house.platform;
    writeFileSync(approvals.policies.path, JSON.stringify({ policies: [{ name: 'resets', actions: ['vm.reset'] }] }));
  });

  async function asked(): Promise<{ id: string; topic: string; heard: Heard }> {
    const origin = { through: 'flow', principal: 'node-red' } as const;
    const target = refOf(house.vm('running'));
    const { id } = await house.platform.operations.submit({ action: 'vm.reset', target, parameters: {}, origin });
    const topic = `virtflow/approval/${id}`;
    return { id, topic, heard: await house.client.on(topic) };
  }

  it('are told with plan and blast radius, retained until they are answered there', async () => {
    const { id, topic, heard } = await asked();
    assert.deepEqual([heard.body?.id, heard.body?.state, heard.body?.round], [id, 'pending', 1]);
    assert.match(JSON.stringify(heard.body?.plan), /vm\.reset/);
    const late = await (await house.listener()).subscribe('virtflow/approval/+');
    assert.equal((await late.on(topic)).packet.retain, true);
    await house.client.publish(`${topic}/answer`, { decision: 'grant', round: 1, comment: 'ok', correlationId: 'a-1' });
    const reply = await house.client.on('virtflow/reply/a-1');
    assert.equal(reply.body?.type, 'answered');
    assert.equal((await house.platform.operations.finished(id)).state, 'succeeded');
    await house.client.on(topic, ({ text }) => text === '');
    const [answer] = house.platform.approvals.approvals.get(id).answers;
    assert.deepEqual([answer?.by, answer?.via], ['mqtt', 'mqtt']);
  });

  it('are not answered by what cannot be read or is for another round', async () => {
    const { id, topic } = await asked();
    const bad: readonly [unknown, string][] = [
      ['nonsense', 'none'],
      [{ decision: 'grant', correlationId: 'b-1' }, 'MESSAGE_INVALID'],
      [{ decision: 'yes', round: 1, correlationId: 'b-2' }, 'MESSAGE_INVALID'],
      [{ decision: 'grant', round: 1, odd: 1, correlationId: 'b-3' }, 'MESSAGE_INVALID'],
      [{ decision: 'grant', round: 2, correlationId: 'b-4' }, 'APPROVAL_CHANGED'],
      [{ decision: 'grant', round: 1, form: { odd: 1 }, correlationId: 'b-5' }, 'APPROVAL_FORM_INVALID'],
    ];
    for (const [payload, code] of bad) {
      await house.client.publish(`${topic}/answer`, payload);
      if (typeof payload !== 'object' || payload === null || !('correlationId' in payload)) continue;
      assert.equal(codeOf(await house.client.on(`virtflow/reply/${payload.correlationId}`)), code);
    }
    await house.client.publish('virtflow/approval/unknown/answer', {
      decision: 'deny',
      round: 1,
      correlationId: 'b-7',
    });
    assert.equal(codeOf(await house.client.on('virtflow/reply/b-7')), 'APPROVAL_UNKNOWN');
    assert.equal(house.platform.approvals.approvals.get(id).state, 'pending');
    await house.client.publish(`${topic}/answer`, { decision: 'deny', round: 1 });
    assert.equal((await house.platform.operations.finished(id)).error?.code, 'APPROVAL_DENIED');
  });

  it('are not approved there by whoever asked there', async () => {
    const vm = house.vm('running');
    await house.client.publish('virtflow/command/vm.reset', { target: vm.name, correlationId: 'c-1' });
    const { topic } = await house.client.find(
      ({ topic, body }) => topic.startsWith('virtflow/approval/') && JSON.stringify(body?.asker ?? '').includes('mqtt'),
    );
    await house.client.publish(`${topic}/answer`, { decision: 'grant', round: 1, correlationId: 'c-2' });
    assert.equal(codeOf(await house.client.on('virtflow/reply/c-2')), 'APPROVAL_NOT_YOURS');
    house.platform.operations.cancel(topic.split('/').at(-1) ?? '', 'tester');
    await house.client.on(topic, ({ text }) => text === '');
  });
});
