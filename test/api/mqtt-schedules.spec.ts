import assert from 'node:assert/strict';
import { codeOf, heardHouse } from './mqtt-house.ts';

const nightly = { id: 'n1', name: 'Nightly', schedule: { type: 'daily', time: '02:00', zone: 'UTC' } } as const;

describe('schedules over MQTT', () => {
  const house = heardHouse();

  it('are told, disabled, enabled and run by commands', async () => {
    const started = Promise.withResolvers<void>();
    house.platform.scheduler.add(nightly, () => started.resolve());
    await house.client.on('virtflow/calendar/schedule/n1', ({ body }) => body?.enabled === true);
    const late = await (await house.listener()).subscribe('virtflow/calendar/#');
    assert.equal((await late.on('virtflow/calendar/schedule/n1')).packet.retain, true);
    assert.equal((await house.command('schedule.disable', { schedule: 'Nightly' }, 's1')).body?.state, 'succeeded');
    await house.client.on('virtflow/calendar/schedule/n1', ({ body }) => body?.enabled === false);
    assert.equal((await house.command('schedule.run', { schedule: 'n1' }, 's2')).body?.state, 'succeeded');
    await started.promise;
    assert.equal((await house.command('schedule.enable', { schedule: 'n1' }, 's3')).body?.state, 'succeeded');
    await house.client.on('virtflow/calendar/schedule/n1', ({ body }) => body?.enabled === true);
  });

  it('are refused when there is none of that name, or MQTT may not', async () => {
    assert.equal(codeOf(await house.command('schedule.run', { schedule: 'none' }, 's4')), 'SCHEDULE_UNKNOWN');
    assert.equal(codeOf(await house.command('schedule.run', {}, 's5')), 'MESSAGE_INVALID');
    house.platform.access.accounts.grant('test', 'mqtt', [{ effect: 'allow', role: 'viewer', scope: {} }]);
    assert.equal(codeOf(await house.command('schedule.run', { schedule: 'n1' }, 's6')), 'ACCESS_DENIED');
  });
});
