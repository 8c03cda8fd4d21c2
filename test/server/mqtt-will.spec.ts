import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MqttListener } from '../api/mqtt-listener.ts';
import { requireLab } from '../lab/availability.ts';
import { type Mosquitto, startMosquitto } from '../lab/mosquitto.ts';
import { newPlace, RunningVirtflow, VirtflowProcess } from './virtflow-process.ts';

describe('a virtflow that uses another MQTT broker', function () {
  this.timeout(60_000);
  let mosquitto: Mosquitto;
  let place: ReturnType<typeof newPlace>;
  let listener: MqttListener;

  before(async function () {
    await requireLab(this, 'mosquitto');
    mosquitto = await startMosquitto({ user: 'virtflow', password: 'secret' });
    place = newPlace();
    const passwordFile = join(place.directory, 'password');
    writeFileSync(passwordFile, 'secret\n', { mode: 0o600 });
    const mqtt = { url: mosquitto.url, username: 'virtflow', passwordFile, baseTopic: 'site/a' };
    writeFileSync(join(place.directory, 'settings.json'), JSON.stringify({ mqtt }));
    listener = new MqttListener({ url: mosquitto.url, username: 'virtflow', password: 'secret' });
    await listener.connected();
    await listener.subscribe('site/a/#');
  });

  after(async () => {
    await VirtflowProcess.endAll();
    await listener?.end();
    await mosquitto?.stop();
    place?.remove();
  });

  it('is said to be offline when it was killed, and when it stopped', async () => {
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      listener.heard.length = 0;
      const virtflow = await RunningVirtflow.start(place.directory);
      await listener.on('site/a/status', ({ text }) => text === 'online');
      await listener.on('site/a/demo/state', ({ body }) => body?.phase === 'connected');
      await virtflow.process.end(signal);
      await listener.on('site/a/status', ({ text }) => text === 'offline');
      assert.ok(!virtflow.process.output.includes('secret'));
    }
  });

  it('refuses settings that cannot work', async () => {
    const other = newPlace();
    writeFileSync(join(other.directory, 'settings.json'), JSON.stringify({ mqtt: { url: 'http://x' } }));
    const { code, output } = await new VirtflowProcess(['start', '--port', '0', '--data-dir', other.directory]).ended();
    other.remove();
    assert.equal(code, 2);
    assert.match(output, /^The option mqtt.url cannot be used: /);
  });
});
