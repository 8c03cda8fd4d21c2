import { writeSync } from 'node:fs';
import { defaultMqttSettings } from '../../lib/api/mqtt/settings.ts';
import { DriverRegistry } from '../../lib/drivers/registry.ts';
import { Platform } from '../../lib/platform.ts';
import { simulatorDriver } from '../../plugins/simulator/index.ts';

/** Resets VMs as often as the governor lets it, until it is killed; reports each that was let through, and the refusal. */
const log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const drivers = new DriverRegistry();
drivers.register(simulatorDriver);
const mqtt = { ...defaultMqttSettings, broker: 'off' } as const;
const platform = new Platform({ metrics: 'off', dataDirectory: process.argv[2] ?? '', log, drivers, mqtt });
platform.operations.events.subscribe(({ type, operation }) => {
  if (type === 'started') writeSync(1, `${operation.id}\n`);
});
platform.start();
const uri = 'simulator:///kill?speed=100&hosts=1&vms=8';
await platform.connections.acquire({ name: 'lab', driver: 'simulator', uri }, 'test').connected();
writeSync(1, 'ready\n');
let isRefused = false;
const vms = platform.inventory.list({ kind: 'vm' }).filter(({ power }) => power === 'running');
for (let round = 0; ; round += 1) {
  const target = vms[round % vms.length];
  if (!target) throw new Error('no VM runs');
  const request = {
    action: 'vm.reset',
    target,
    parameters: {},
    origin: { through: 'test', principal: 'flow' },
  } as const;
  await platform.operations.submit(request).catch(() => {
    if (!isRefused) writeSync(1, 'refused\n');
    isRefused = true;
    return new Promise((resolve) => setImmediate(resolve));
  });
}
