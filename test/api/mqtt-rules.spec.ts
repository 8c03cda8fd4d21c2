import assert from 'node:assert/strict';
import { defaultMqttSettings } from '../../lib/api/mqtt/settings.ts';
import { MqttHouse } from './mqtt-house.ts';
import type { Heard, MqttListener } from './mqtt-listener.ts';

const rule = {
  id: 'crashes',
  kind: 'event-count',
  events: ['vm.crashed'],
  windowSeconds: 60,
  over: 'object',
  levels: [{ severity: 'warning', threshold: 1 }],
};

describe('rules over MQTT', () => {
  let house: MqttHouse;
  let listener: MqttListener;

  before(async () => {
    house = new MqttHouse(defaultMqttSettings);
    await house.open();
    listener = await (await house.listener()).subscribe('virtflow/#');
  });
  after(async () => {
    await house.close();
    house.remove();
  });

  const command = async (name: string, parameters: object, correlationId: string) => {
    await listener.publish(`virtflow/command/${name}`, { parameters, correlationId });
    return listener.on(`virtflow/reply/${correlationId}`);
  };
  const errorOf = ({ body }: Heard) => (body?.error as { code?: string } | undefined)?.code;
  const state = (of: (body: Record<string, unknown> | undefined) => boolean) =>
    listener.on('virtflow/rule/crashes', ({ body }) => of(body));

  it('are put, disabled and deleted by commands, and stand there as they are', async () => {
    assert.equal((await command('rule.put', { rule }, 'r-1')).body?.state, 'succeeded');
    const { body } = await state((about) => about?.enabled === true);
    assert.deepEqual([body?.kind, body?.from], ['event-count', { type: 'file' }]);
    const { connection, id, name } = house.vm('running');
    const object = { connection, kind: 'vm', id } as const;
    const event = { type: 'vm.crashed', at: Date.now(), object, name, reason: null, details: {} } as const;
    house.platform.connections.events.publish(event);
    await state((about) => (about?.counts as { firing?: number } | undefined)?.firing === 1);
    assert.equal((await command('rule.disable', { rule: 'crashes' }, 'r-2')).body?.state, 'succeeded');
    await state((about) => about?.enabled === false);
    assert.equal((await command('rule.delete', { rule: 'crashes' }, 'r-3')).body?.state, 'succeeded');
    await state((about) => about === undefined);
  });

  it('are refused as they are elsewhere', async () => {
    assert.equal(errorOf(await command('rule.put', { rule: { ...rule, events: [] } }, 'r-4')), 'RULE_INVALID');
    assert.equal(errorOf(await command('rule.delete', { rule: 'nobody' }, 'r-5')), 'RULE_UNKNOWN');
    assert.equal(errorOf(await command('rule.put', { rule: 'x' }, 'r-6')), 'MESSAGE_INVALID');
    house.platform.access.accounts.grant('test', 'mqtt', [{ effect: 'allow', role: 'operator', scope: {} }]);
    assert.equal(errorOf(await command('rule.put', { rule }, 'r-7')), 'ACCESS_DENIED');
  });
});
