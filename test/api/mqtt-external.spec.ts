import assert from 'node:assert/strict';
import { defaultMqttSettings } from '../../lib/api/mqtt/settings.ts';
import { requireLab } from '../lab/availability.ts';
import { type Mosquitto, startMosquitto } from '../lab/mosquitto.ts';
import { MqttHouse } from './mqtt-house.ts';
import type { Heard, MqttListener } from './mqtt-listener.ts';

const account = { username: 'virtflow', password: 'correct horse' };

describe('the MQTT API with mosquitto', function () {
  this.timeout(30_000);
  let mosquitto: Mosquitto;
  let house: MqttHouse;
  let listener: MqttListener;

  before(async function () {
    await requireLab(this, 'mosquitto');
    mosquitto = await startMosquitto({ user: account.username, password: account.password });
    house = new MqttHouse({ ...defaultMqttSettings, broker: { url: mosquitto.url, ...account } });
    await house.open();
    listener = await house.listener({ url: mosquitto.url, ...account, protocolVersion: 5 });
    await listener.subscribe('virtflow/#', 'mine/#');
  });

  after(async () => {
    await house?.close();
    house?.remove();
    await mosquitto?.stop();
  });

  it('replies where MQTT 5 says, with its correlation data', async () => {
    const correlationData = Buffer.from([0, 255, 7]);
    const properties = { responseTopic: 'mine/replies', correlationData };
    await listener.publish('virtflow/command/vm.reset', { target: house.vm('running').name }, { properties });
    for (const type of ['accepted', 'finished']) {
      const { packet } = await listener.on('mine/replies', ({ body }) => body?.type === type);
      assert.deepEqual(Buffer.from(packet.properties?.correlationData ?? []), correlationData);
    }
  });

  it('does a command once, however often its correlation data comes', async () => {
    const before = house.platform.operations.history({ action: 'vm.reset' }).length;
    const properties = { responseTopic: 'mine/once', correlationData: Buffer.from('once') };
    const command = { target: house.vm('running').name };
    await listener.publish('virtflow/command/vm.reset', command, { properties });
    await listener.publish('virtflow/command/vm.reset', command, { properties });
    const isEnd = ({ topic, body }: Heard) => topic === 'mine/once' && body?.type === 'finished';
    await listener.find(() => listener.heard.filter(isEnd).length === 2);
    assert.equal(house.platform.operations.history({ action: 'vm.reset' }).length, before + 1);
  });

  it('never answers on a topic that is its own', async () => {
    const { id } = house.vm();
    const refused = house.log.lines.length;
    const properties = { responseTopic: `virtflow/lab/vm/${id}/state` };
    await listener.publish('virtflow/command/vm.reset', { target: id }, { properties });
    await listener.publish('virtflow/command/vm.reset', { target: 'nobody', correlationId: 'after' });
    await listener.on('virtflow/reply/after');
    assert.match(house.log.lines.slice(refused).join('\n'), /response topic/);
    const said = listener.heard.filter(({ topic }) => topic === properties.responseTopic);
    assert.ok(said.every(({ body }) => body?.type === undefined));
  });

  it('refuses a retained command, which would be done at each reconnect', async () => {
    await listener.publish(
      'virtflow/command/vm.pause',
      { target: house.vm('running').name, correlationId: 'kept' },
      { retain: true },
    );
    await listener.on('virtflow/reply/kept', ({ body }) => body?.type === 'finished');
    const paused = house.platform.operations.history({ action: 'vm.pause' }).length;
    await mosquitto.restart();
    await listener.on('virtflow/reply/kept', ({ body }) => body?.type === 'refused');
    assert.equal(house.platform.operations.history({ action: 'vm.pause' }).length, paused);
    await listener.publish('virtflow/command/vm.pause', '', { retain: true });
  });

  it('says all its states again when the broker was away', async () => {
    const vm = house.vm('running');
    await mosquitto.stop();
    const heardBefore = listener.heard.length;
    await house.platform.operations.submit({
      action: 'vm.force-off',
      target: { connection: 'lab', kind: 'vm', id: vm.id },
      parameters: {},
      origin: { through: 'mqtt', principal: 'mqtt' },
    });
    await mosquitto.restart();
    const later = (fits: (heard: Heard) => boolean) =>
      listener.find((heard) => listener.heard.indexOf(heard) >= heardBefore && fits(heard));
    await listener.connected();
    await listener.subscribe('virtflow/#');
    await later(({ topic, text }) => topic === 'virtflow/status' && text === 'online');
    await later(({ topic, body }) => topic === `virtflow/lab/vm/${vm.id}/state` && body?.power === 'halted');
    await later(({ topic, body }) => topic === 'virtflow/lab/event/vm.stopped' && body?.name === vm.name);
  });

  it('takes the state of a VM away that vanishes', async () => {
    const vm = house.vm('halted');
    await listener.publish('virtflow/command/vm.delete', { target: vm.id, correlationId: 'delete' });
    await listener.on('virtflow/reply/delete', ({ body }) => body?.type === 'finished');
    await listener.on(`virtflow/lab/vm/${vm.id}/state`, ({ text }) => text === '');
  });

  it('takes away what an earlier run left of a VM that is gone, and leaves the rest alone', async () => {
    const other = { gone: 'virtflow/lab/vm/gone/state', foreign: 'virtflow/elsewhere/vm/x/state' };
    for (const topic of Object.values(other)) await listener.publish(topic, { name: 'old' }, { retain: true });
    await house.platform.stop();
    await house.open();
    await listener.on(other.gone, ({ text }) => text === '');
    assert.ok(!listener.heard.some(({ topic, text }) => topic === other.foreign && text === ''));
    const fresh = await house.listener({ url: mosquitto.url, ...account, protocolVersion: 5 });
    await fresh.subscribe('virtflow/#');
    for (const vm of house.vms()) await fresh.on(`virtflow/lab/vm/${vm.id}/state`);
  });

  it('logs once that the broker refuses it, and names the account', async () => {
    const wrong = { ...account, password: 'wrong' };
    const other = new MqttHouse({ ...defaultMqttSettings, broker: { url: mosquitto.url, ...wrong } });
    const complaint = other.log.next(/cannot be reached/);
    const opening = other.open();
    opening.catch(() => undefined);
    assert.match(await complaint, /BROKER_UNREACHABLE/);
    await other.close();
    other.remove();
  });
});
