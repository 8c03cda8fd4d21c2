import assert from 'node:assert/strict';
import { codeOf, heardHouse } from './mqtt-house.ts';

const rule = {
  id: 'crashes',
  kind: 'event-count',
  events: ['vm.crashed'],
  windowSeconds: 60,
  over: 'object',
  levels: [{ severity: 'warning', threshold: 1 }],
};

describe('rules over MQTT', () => {
  const house = heardHouse();

  const state = (of: (body: Record<string, unknown> | undefined) => boolean) =>
    house.client.on('virtflow/rule/crashes', ({ body }) => of(body));

  it('are put, disabled and deleted by commands, and stand there as they are', async () => {
    assert.equal((await house.command('rule.put', { rule }, 'r-1')).body?.state, 'succeeded');
    const { body } = await state((about) => about?.enabled === true);
    assert.deepEqual([body?.kind, body?.from], ['event-count', { type: 'file' }]);
    const { connection, id, name } = house.vm('running');
    const object = { connection, kind: 'vm', id } as const;
    const event = { type: 'vm.crashed', at: Date.now(), object, name, reason: null, details: {} } as const;
    house.platform.connections.events.publish(event);
    await state((about) => (about?.counts as { firing?: number } | undefined)?.firing === 1);
    assert.equal((await house.command('rule.disable', { rule: 'crashes' }, 'r-2')).body?.state, 'succeeded');
    await state((about) => about?.enabled === false);
    assert.equal((await house.command('rule.delete', { rule: 'crashes' }, 'r-3')).body?.state, 'succeeded');
    await state((about) => about === undefined);
  });

  it('are refused as they are elsewhere', async () => {
    assert.equal(codeOf(await house.command('rule.put', { rule: { ...rule, events: [] } }, 'r-4')), 'RULE_INVALID');
    assert.equal(codeOf(await house.command('rule.delete', { rule: 'nobody' }, 'r-5')), 'RULE_UNKNOWN');
    assert.equal(codeOf(await house.command('rule.put', { rule: 'x' }, 'r-6')), 'MESSAGE_INVALID');
    house.platform.access.accounts.grant('test', 'mqtt', [{ effect: 'allow', role: 'operator', scope: {} }]);
    assert.equal(codeOf(await house.command('rule.put', { rule }, 'r-7')), 'ACCESS_DENIED');
  });
});
