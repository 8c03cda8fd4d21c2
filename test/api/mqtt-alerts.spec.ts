import assert from 'node:assert/strict';
import { told } from '../alerts/told.ts';
import { codeOf, heardHouse } from './mqtt-house.ts';
import type { Heard } from './mqtt-listener.ts';

describe('alerts over MQTT', () => {
  const house = heardHouse();

  const resultOf = ({ body }: Heard) =>
    (body?.result ?? {}) as { id?: string; endedBy?: string; acknowledged?: { by: string } };
  const fire = async (name: string): Promise<string> => {
    await house.platform.alerts.take(told('firing', name));
    return house.platform.alerts.ongoing().find((alert) => alert.name === name)?.id ?? assert.fail('it made no alert');
  };
  const counts = (of: (body: Record<string, unknown> | undefined) => boolean) =>
    house.client.on('virtflow/alerts', ({ body }) => of(body));

  it('stand there as long as they go on, and are counted', async () => {
    const id = await fire('web');
    const { body } = await house.client.on(`virtflow/alerts/${id}`);
    assert.deepEqual([body?.ruleName, body?.state, body?.severity], ['CPU', 'firing', 'warning']);
    await counts((about) => about?.ongoing === 1 && about.warning === 1 && about.unacknowledged === 1);
    const late = await (await house.listener()).subscribe('virtflow/alerts/+');
    assert.equal((await late.on(`virtflow/alerts/${id}`)).body?.name, 'web');
    void house.platform.alerts.take(told('ok', 'web'));
    await house.client.on(`virtflow/alerts/${id}`, ({ body: about }) => about === undefined);
    await counts((about) => about?.ongoing === 0);
  });

  it('are counted once for all that come together', async () => {
    const { alerts } = house.platform;
    const names = Array.from({ length: 50 }, (_, number) => `vm-${number}`);
    const ongoing = alerts.ongoing.bind(alerts);
    let counted = 0;
    alerts.ongoing = () => {
      counted += 1;
      return ongoing();
    };
    await alerts.takeAll(names.map((name) => told('firing', name)));
    await counts((about) => about?.ongoing === 50);
    alerts.ongoing = ongoing;
    // Time goes by as well, once a second.
    assert.ok(counted < 10, `counted ${counted} times`);
    await alerts.takeAll(names.map((name) => told('ok', name)));
    await counts((about) => about?.ongoing === 0);
  });

  it('are acknowledged and silenced by commands, which answer what came of it', async () => {
    const id = await fire('db');
    const taken = await house.command('alert.acknowledge', { alert: id, comment: 'by night' }, 'a-1');
    assert.equal(resultOf(taken).acknowledged?.by, 'mqtt');
    await house.client.on(`virtflow/alerts/${id}`, ({ body }) => body?.acknowledged !== null);
    assert.equal((await house.command('alert.unacknowledge', { alert: id }, 'a-2')).body?.state, 'succeeded');
    const made = await house.command('alert.silence', { matcher: { object: 'db' }, duration: '10m' }, 'a-3');
    const { id: silence } = resultOf(made);
    await house.client.on(
      `virtflow/alerts/${id}`,
      ({ body }) => (body?.silenced as { id?: string } | null)?.id === silence,
    );
    const ended = await house.command('alert.end-silence', { silence }, 'a-4');
    assert.equal(resultOf(ended).endedBy, 'mqtt');
  });

  it('are refused as they are elsewhere', async () => {
    const id = await fire('dns');
    assert.equal(codeOf(await house.command('alert.acknowledge', { alert: 'nobody' }, 'a-5')), 'ALERT_UNKNOWN');
    assert.equal(codeOf(await house.command('alert.acknowledge', { alert: 5 }, 'a-6')), 'MESSAGE_INVALID');
    assert.equal(
      codeOf(await house.command('alert.silence', { matcher: {}, duration: '1h' }, 'a-7')),
      'SILENCE_INVALID',
    );
    assert.equal(codeOf(await house.command('alert.silence', { matcher: { rule: 'x' } }, 'a-8')), 'SILENCE_INVALID');
    assert.equal(codeOf(await house.command('alert.end-silence', { silence: 'nobody' }, 'a-9')), 'SILENCE_UNKNOWN');
    void house.platform.alerts.take(told('ok', 'dns'));
    assert.equal(codeOf(await house.command('alert.acknowledge', { alert: id }, 'a-10')), 'ALERT_OVER');
    house.platform.access.accounts.grant('test', 'mqtt', [{ effect: 'allow', role: 'viewer', scope: {} }]);
    const still = await fire('dhcp');
    assert.equal(codeOf(await house.command('alert.acknowledge', { alert: still }, 'a-11')), 'ACCESS_DENIED');
    const silence = { matcher: { rule: 'cpu' }, duration: '1h' };
    assert.equal(codeOf(await house.command('alert.silence', silence, 'a-12')), 'ACCESS_DENIED');
  });
});
