import assert from 'node:assert/strict';
import { MqttListener } from '../api/mqtt-listener.ts';
import { requireLab } from '../lab/availability.ts';
import { until } from '../lab/condition.ts';
import { type Mosquitto, startMosquitto } from '../lab/mosquitto.ts';
import { ShippedFlow } from './shipped.ts';

interface Found {
  readonly name: string;
  readonly power: string;
  readonly hostName: string | null;
}

describe('the flow of host maintenance', function () {
  this.timeout(90_000);
  // Each step is the cause of the next.
  this.bail(true);
  let mosquitto: Mosquitto;
  let mqtt: MqttListener;
  let flow: ShippedFlow;
  let host: string;
  let running: readonly string[];

  before(async function () {
    await requireLab(this, 'mosquitto');
    mosquitto = await startMosquitto();
    mqtt = await new MqttListener({ url: mosquitto.url }).subscribe('maintenance/#');
    const connection = { id: 'demo-node', type: 'virtflow-connection', version: 1, name: 'demo', driver: 'simulator' };
    flow = new ShippedFlow('host-maintenance', {
      // A guest that takes its time to shut down is not what is looked at.
      nodes: [{ ...connection, uri: 'simulator:///demo?hosts=3&vms=12&speed=100' }],
      broker: mosquitto,
    });
    await flow.start();
    host = await until('the host', async () => (await listed<Found>('inventory/hosts'))[0]?.name);
    running = await runningOnHost();
    assert.ok(running.length > 0);
  });

  after(async () => {
    await flow?.remove();
    await mqtt?.end();
    await mosquitto?.stop();
  });

  async function listed<T>(path: string): Promise<readonly T[]> {
    return ((await flow.get(`${path}?limit=100`)) as { items?: T[] }).items ?? [];
  }

  async function runningOnHost(): Promise<string[]> {
    const vms = await listed<Found>('inventory/vms');
    return vms
      .filter(({ hostName, power }) => hostName === host && power === 'running')
      .map(({ name }) => name)
      .sort();
  }

  const told = (state: string) => mqtt.on(`maintenance/${host}`, ({ body }) => body?.state === state);
  const silences = async () =>
    ((await flow.get('silences?active=true')) as { items: readonly { readonly comment: string }[] }).items;

  it('says that it begins, silences alerts, and shuts down what runs there and nothing else', async () => {
    const elsewhere = (await listed<Found>('inventory/vms')).filter(
      (vm) => vm.hostName !== host && vm.power === 'running',
    );
    await mqtt.publish(`maintenance/${host}/set`, 'begin');
    await told('begun');
    const { body } = await told('ready');
    assert.equal(body?.down, running.length);
    assert.deepEqual(await runningOnHost(), []);
    const still = (await listed<Found>('inventory/vms')).filter((vm) => vm.hostName !== host && vm.power === 'running');
    assert.equal(still.length, elsewhere.length);
    const [silence] = await silences();
    assert.equal(silence?.comment, 'maintenance');
  });

  it('starts them again at the end, and alerts are told again', async () => {
    await mqtt.publish(`maintenance/${host}/set`, 'end');
    const { body } = await told('over');
    assert.equal(body?.failed, 0);
    const vms = await listed<Found>('inventory/vms');
    assert.ok(running.every((name) => vms.find((vm) => vm.name === name)?.power === 'running'));
    await until('the end of the silence', async () => ((await silences()).length === 0 ? true : undefined));
  });
});
