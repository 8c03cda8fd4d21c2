import assert from 'node:assert/strict';
import { defaultMqttSettings } from '../../lib/api/mqtt/settings.ts';
import { MqttHouse } from './mqtt-house.ts';
import type { Heard, MqttListener } from './mqtt-listener.ts';

const errorOf = ({ body }: Heard) => (body?.error ?? {}) as { code?: string };
const nightly = { id: 'n1', name: 'Nightly', schedule: { type: 'daily', time: '02:00', zone: 'UTC' } } as const;

describe('schedules over MQTT', () => {
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

  async function command(name: string, parameters: object, correlationId: string): Promise<Heard> {
    await listener.publish(`virtflow/command/${name}`, { parameters, correlationId });
    return listener.on(`virtflow/reply/${correlationId}`);
  }

  it('are told, disabled, enabled and run by commands', async () => {
    const started = Promise.withResolvers<void>();
    house.platform.scheduler.add(nightly, () => started.resolve());
    await listener.on('virtflow/calendar/schedule/n1', ({ body }) => body?.enabled === true);
    const late = await (await house.listener()).subscribe('virtflow/calendar/#');
    assert.equal((await late.on('virtflow/calendar/schedule/n1')).packet.retain, true);
    assert.equal((await command('schedule.disable', { schedule: 'Nightly' }, 's1')).body?.state, 'succeeded');
    await listener.on('virtflow/calendar/schedule/n1', ({ body }) => body?.enabled === false);
    assert.equal((await command('schedule.run', { schedule: 'n1' }, 's2')).body?.state, 'succeeded');
    await started.promise;
    assert.equal((await command('schedule.enable', { schedule: 'n1' }, 's3')).body?.state, 'succeeded');
    await listener.on('virtflow/calendar/schedule/n1', ({ body }) => body?.enabled === true);
  });

  it('are refused when there is none of that name, or MQTT may not', async () => {
    assert.equal(errorOf(await command('schedule.run', { schedule: 'none' }, 's4')).code, 'SCHEDULE_UNKNOWN');
    assert.equal(errorOf(await command('schedule.run', {}, 's5')).code, 'MESSAGE_INVALID');
    house.platform.access.accounts.grant('test', 'mqtt', [{ effect: 'allow', role: 'viewer', scope: {} }]);
    assert.equal(errorOf(await command('schedule.run', { schedule: 'n1' }, 's6')).code, 'ACCESS_DENIED');
  });
});
