import { writeSync } from 'node:fs';
import { defaultMqttSettings } from '../../../lib/api/mqtt/settings.ts';
import { DriverRegistry } from '../../../lib/drivers/registry.ts';
import { Platform } from '../../../lib/platform.ts';
import { libvirtDriver } from '../../../plugins/libvirt/index.ts';
import { silent } from '../../platform-on-simulator.ts';

/**
 * A controller that suspends a VM, or takes up what the one before it left; it tells each event of its operations.
 * `saving-controller.ts <uri> <directory> [<id of the VM to suspend>]`
 */
const [uri = '', dataDirectory = '', vm] = process.argv.slice(2);

const drivers = new DriverRegistry();
drivers.register(libvirtDriver);
const platform = new Platform({
  metrics: 'off',
  dataDirectory,
  log: silent,
  drivers,
  mqtt: { ...defaultMqttSettings, broker: 'off' },
});
const { operations, connections } = platform;
const { promise: over, resolve: end } = Promise.withResolvers<void>();
operations.events.subscribe(({ type, operation }) => {
  writeSync(1, `${JSON.stringify({ type, operation })}\n`);
  if (type === 'ended' || type === 'settled') end();
});
platform.start();
const connection = connections.acquire({ name: 'lab', driver: 'libvirt', uri }, 'test');
await connection.connected();
if (vm !== undefined) {
  const target = { connection: 'lab', kind: 'vm', id: vm } as const;
  const origin = { through: 'flow', principal: 'flow' } as const;
  await operations.submit({ action: 'vm.suspend', target, parameters: {}, origin });
}
await over;
await platform.stop();
