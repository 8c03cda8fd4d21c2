import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MqttListener } from '../api/mqtt-listener.ts';
import { startTestDaemon, type TestDaemon } from '../lab/daemon.ts';
import { type Mosquitto, startMosquitto } from '../lab/mosquitto.ts';
import { type Watched, watch } from '../plugins/libvirt/watched-connection.ts';
import { newPlace } from '../server/virtflow-process.ts';
import { type Setting, ShippedFlow } from './shipped.ts';

/** A VM of libvirt's test driver; `metadata` is XML. */
export interface LabVm {
  readonly name: string;
  readonly metadata?: string;
}

/**
 * libvirt with its test driver, watched as well by another client, and a broker with one who listens: what a shipped
 * flow is tried between.
 */
export class LabHouse {
  readonly daemon: TestDaemon;
  readonly lab: Watched;
  readonly mosquitto: Mosquitto;
  /** A client of the broker. */
  readonly mqtt: MqttListener;
  #flow: ShippedFlow | undefined;

  /** Takes what `requireLab` asks of "libvirt-daemon" and "mosquitto". @param topics what the client hears */
  static async open(vms: readonly LabVm[], ...topics: string[]): Promise<LabHouse> {
    const [daemon, mosquitto] = await Promise.all([startTestDaemon(), startMosquitto()]);
    const house = new LabHouse(daemon, mosquitto);
    try {
      house.lab.connection.start();
      await house.lab.connection.connected();
      await house.#define(vms);
      await house.mqtt.subscribe(...topics);
    } catch (thrown) {
      await house.close();
      throw thrown;
    }
    return house;
  }

  private constructor(daemon: TestDaemon, mosquitto: Mosquitto) {
    this.daemon = daemon;
    this.mosquitto = mosquitto;
    // The test driver forgets its domains when nobody is connected.
    this.lab = watch(daemon.uri);
    this.mqtt = new MqttListener({ url: mosquitto.url });
  }

  /** The flow over the connection "lab" to this libvirt and over this broker; it is not started yet. */
  flow(name: string, { nodes = [], ...setting }: Setting): ShippedFlow {
    const connection = { id: 'lab-node', type: 'virtflow-connection', version: 1, name: 'lab', driver: 'libvirt' };
    this.#flow = new ShippedFlow(name, {
      ...setting,
      nodes: [{ ...connection, uri: this.daemon.uri }, ...nodes],
      broker: this.mosquitto,
    });
    return this.#flow;
  }

  async close(): Promise<void> {
    await this.#flow?.remove();
    await this.mqtt.end();
    await this.lab.connection.stop();
    await Promise.all([this.mosquitto.stop(), this.daemon.stop()]);
  }

  async #define(vms: readonly LabVm[]): Promise<void> {
    const place = newPlace();
    for (const vm of vms) {
      const file = join(place.directory, `${vm.name}.xml`);
      writeFileSync(file, domainXml(vm));
      await this.daemon.virsh('define', file);
    }
    place.remove();
    await this.lab.until(() => vms.every(({ name }) => this.lab.vm(name) !== undefined));
  }
}

function domainXml({ name, metadata = '' }: LabVm): string {
  return `<domain type='test'><name>${name}</name><memory unit='MiB'>64</memory><os><type>hvm</type></os>
    <metadata>${metadata}</metadata></domain>`;
}
