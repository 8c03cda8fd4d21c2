import assert from 'node:assert/strict';
import { told } from '../../alerts/told.ts';
import { CliHouse } from './cli-house.ts';

describe('virtflow alerts', () => {
  let house: CliHouse;

  before(async () => {
    house = await CliHouse.open();
  });
  after(() => house.close());

  const fire = async (name: string): Promise<string> => {
    const { alerts } = house.rest.platform;
    await alerts.take(told('firing', name));
    return alerts.ongoing().find((alert) => alert.name === name)?.id ?? assert.fail('it made no alert');
  };

  it('lists, shows and acknowledges alerts', async () => {
    const id = await fire('web');
    assert.match(
      (await house.run('alerts', 'list')).printed,
      new RegExp(`^${id}  .*warning .*firing .*CPU  web  CPU of web`),
    );
    assert.match(
      (await house.run('alerts', 'ack', id, '--comment', 'on it')).printed,
      /\[acknowledged by admin|acknowledged by/,
    );
    const { printed } = await house.run('alerts', 'show', id);
    assert.match(printed, /why: rule cpu\n[\s\S]*acknowledged +acknowledged by .*: on it/);
    assert.doesNotMatch((await house.run('alerts', 'ack', id, '--undo')).printed, /acknowledged by/);
    void house.rest.platform.alerts.take(told('ok', 'web'));
    assert.equal((await house.run('alerts', 'list')).printed, '');
    assert.match((await house.run('alerts', 'list', '--all')).printed, /resolved/);
    await assert.rejects(house.run('alerts', 'ack', id), { code: 'ALERT_OVER' });
    await assert.rejects(house.run('alerts', 'show', 'nobody'), { code: 'ALERT_UNKNOWN' });
  });

  it('silences one alert or all that fit, and ends that', async () => {
    const id = await fire('db');
    await fire('dns');
    await house.run('alerts', 'silence', id, '--for', '1h', '--comment', 'known');
    const { printed } = await house.run('alerts', 'silences');
    assert.match(printed, /"rule":"cpu","object":"db".*known$/);
    assert.match((await house.run('alerts', 'list')).printed, / db .*\[silence\]/);
    assert.doesNotMatch((await house.run('alerts', 'list')).printed, / dns .*\[silence\]/);
    await house.run('alerts', 'silence', '--end', printed.split(' ')[0] ?? '');
    assert.equal((await house.run('alerts', 'silences')).printed, '');
    await assert.rejects(house.run('alerts', 'silence', id), { code: 'OPTION_INVALID' });
    await assert.rejects(house.run('alerts', 'silence', '--for', '1h'), { code: 'SILENCE_INVALID' });
  });

  it('says who can be told, and what a channel answers to a test', async () => {
    assert.equal((await house.run('contacts', 'list')).printed, '');
    assert.equal((await house.run('alerts', 'told')).printed, '');
    await assert.rejects(house.run('contacts', 'test', 'ops'), { code: 'CONTACT_UNKNOWN' });
    assert.deepEqual(JSON.parse((await house.run('contacts', 'list', '--json')).printed), { items: [] });
  });
});
