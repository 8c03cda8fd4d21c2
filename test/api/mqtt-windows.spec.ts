import assert from 'node:assert/strict';
import { Facts } from '../../lib/api/mqtt/facts.ts';
import { Topics } from '../../lib/api/mqtt/topics.ts';
import { heardHouse } from './mqtt-house.ts';

const hourMs = 3_600_000;
const local = (at: number) => new Date(at).toISOString().slice(0, 19);
const when = { type: 'once', from: local(Date.now() - hourMs), until: local(Date.now() + 24 * hourMs), zone: 'UTC' };
const freeze = { id: 'freeze', kind: 'blackout', reason: 'quarter end', when };
const topic = 'virtflow/calendar/window/freeze';

describe('windows over MQTT', () => {
  const house = heardHouse();

  it('are told as they stand, put out of force, and taken away with the window', async () => {
    const { calendar } = house.platform;
    calendar.put('test', freeze);
    const told = await house.client.on(topic, ({ body }) => body?.open === true);
    assert.deepEqual([told.body?.kind, told.body?.reason, told.body?.override], ['blackout', 'quarter end', null]);
    calendar.override('anna', 'freeze', 'host burns', 5);
    await house.client.on(topic, ({ body }) => Object(body?.override).reason === 'host burns');
    calendar.delete('test', 'freeze');
    await house.client.on(topic, ({ packet }) => packet.payload.length === 0);
  });

  it('are told at a start that were open before', () => {
    const { platform } = house;
    platform.calendar.put('test', freeze);
    const states = new Map<string, string>();
    const sink = { state: (at: string, text: string) => void states.set(at, text), removeState() {}, message() {} };
    const facts = new Facts(platform, new Topics('virtflow'), sink);
    facts.start();
    facts.stop();
    assert.equal(JSON.parse(states.get(topic) ?? '{}').open, true);
  });
});
