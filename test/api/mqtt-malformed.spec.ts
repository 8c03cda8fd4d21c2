import assert from 'node:assert/strict';
import { defaultMqttSettings } from '../../lib/api/mqtt/settings.ts';
import { seeded } from '../seeded.ts';
import { MqttHouse } from './mqtt-house.ts';

const commands = ['vm.start', 'vm.define', 'nothing', '%2F', 'ä', ' '];
const topics = commands.map((command) => `virtflow/command/${command}`);
const whole = JSON.stringify({ target: 'x', parameters: { paused: true }, correlationId: 'c', timeoutSeconds: 5 });

const odd: readonly string[] = [
  '',
  'null',
  '[]',
  '"text"',
  '0',
  '{"target":{"selector":"$x("}}',
  '{"target":{"selector":"($f := function(){$f()}; $f())"}}',
  '{"target":{"connection":"lab","kind":"vm","id":{}}}',
  '{"target":[[["x"]]]}',
  '{"target":"x","correlationId":{}}',
  `{"target":"x","correlationId":"${'x'.repeat(300)}"}`,
  '{"target":"x","correlationId":"\\ud800\\u0000+#/"}',
  '{"__proto__":{"target":"x"},"constructor":1}',
  '{"target":"x","parameters":{"__proto__":{"paused":true}}}',
  '{"target":"x","timeoutSeconds":1e999}',
  `${'['.repeat(50_000)}`,
  `{"target":"${'x'.repeat(100_000)}"}`,
];

describe('MQTT messages that are of no use', () => {
  it('stop neither the broker nor the commands that are of use', async function () {
    this.timeout(60_000);
    const house = new MqttHouse(defaultMqttSettings);
    await house.open();
    try {
      const listener = await (await house.listener()).subscribe('virtflow/reply/#');
      const random = seeded(42);
      const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
      const broken = () => {
        const cut = Math.floor(random() * whole.length);
        const sign = String.fromCharCode(Math.floor(random() * 0xffff));
        return whole.slice(0, cut) + sign + whole.slice(cut + Math.floor(random() * 3));
      };
      const sent = Array.from({ length: 2_000 }, () =>
        listener.publish(pick(topics), random() < 0.3 ? pick(odd) : broken()),
      );
      await Promise.all(sent);
      const vm = house.vm('running');
      await listener.publish('virtflow/command/vm.reset', { target: vm.name, correlationId: 'of use' });
      const finished = await listener.on('virtflow/reply/of use', ({ body }) => body?.type === 'finished');
      assert.equal(finished.body?.state, 'succeeded');
      assert.equal(house.platform.operations.history({}).length, 1);
      assert.ok(house.log.lines.filter((line) => line.includes('refused')).length < 100);
    } finally {
      await house.close();
      house.remove();
    }
  });
});
