import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultMqttSettings } from '../../lib/api/mqtt/settings.ts';
import { DriverRegistry } from '../../lib/drivers/registry.ts';
import { Platform } from '../../lib/platform.ts';
import { hostFails, hostRecovers } from '../../plugins/simulator/accidents.ts';
import { forgetWorld, simulatorDriver, simulatorOf } from '../../plugins/simulator/index.ts';
import { silent } from '../platform-on-simulator.ts';
import { houseSamples } from './house-samples.ts';

let count = 0;

/** A platform that samples a simulated data centre into a real store, with hours behind it and things that happened. */
export class LivingHouse {
  readonly platform: Platform;
  readonly directory = mkdtempSync(join(tmpdir(), 'living-'));
  readonly #world = `living-${++count}`;
  readonly #collects: boolean;

  /** @param store what `metrics.json` says of it */
  constructor(store: object, collection: 'on' | 'off' = 'on') {
    this.#collects = collection === 'on';
    const settings = {
      store,
      collect: this.#collects,
      intervals: { state: 1, cpu: 1, memory: 1, disk: 1, network: 1, filesystem: 1, host: 1, storage: 1 },
    };
    writeFileSync(join(this.directory, 'metrics.json'), JSON.stringify(settings));
    const drivers = new DriverRegistry();
    drivers.register(simulatorDriver);
    this.platform = new Platform({
      dataDirectory: this.directory,
      log: silent,
      drivers,
      mqtt: { ...defaultMqttSettings, broker: 'off' },
    });
  }

  async start(hours = 6): Promise<void> {
    const { platform } = this;
    const measured = this.#collects ? this.#measured() : undefined;
    platform.start();
    const uri = `simulator:///${this.#world}?speed=100&hosts=2&vms=6`;
    await platform.connections.acquire({ name: 'lab', driver: 'simulator', uri }, 'test').connected();
    const to = Date.now() - 60_000;
    const past = { hosts: 2, vms: 6, from: to - hours * 3_600_000, to, stepMs: 60_000 };
    platform.metrics.store.write([...houseSamples(past)].flat());
    await this.#operate();
    await this.#fail();
    await measured;
    await platform.metrics.store.settled();
  }

  async stop(): Promise<void> {
    await this.platform.stop();
    forgetWorld(this.#world);
    rmSync(this.directory, { recursive: true });
  }

  /** Rates take two rounds. */
  #measured(): Promise<void> {
    return new Promise((resolve) => {
      const unsubscribe = this.platform.metrics.samples.subscribe((samples) => {
        if (!samples.some(({ fields }) => 'read_bytes_per_second' in fields)) return;
        unsubscribe();
        resolve();
      });
    });
  }

  /** One operation that does something, one that is refused, and a snapshot to go back to. */
  async #operate(): Promise<void> {
    const { operations, inventory } = this.platform;
    const vm = inventory.list({ kind: 'vm' }).find(({ power, template }) => power === 'running' && !template);
    if (!vm) throw new Error('nothing runs in this world');
    const asked = { action: 'vm.pause', target: vm, parameters: {} };
    for (const action of ['vm.pause', 'vm.snapshot']) {
      const { id } = await operations.submit({ ...asked, action, origin: { through: 'flow', principal: 'flow' } });
      await operations.finished(id);
    }
    await operations.submit({ ...asked, origin: { through: 'rest', principal: 'nobody' } }).catch(() => undefined);
  }

  /** A host dies and comes back: alerts come and go. */
  async #fail(): Promise<void> {
    const { alerts, inventory } = this.platform;
    const [host] = inventory.list({ kind: 'host' });
    if (!host) throw new Error('this world has no host');
    const heard = (state: string) =>
      new Promise<void>((resolve) => {
        const unsubscribe = alerts.changes.subscribe(({ alert }) => {
          if (alert.state !== state) return;
          unsubscribe();
          resolve();
        });
      });
    const down = heard('firing');
    hostFails(simulatorOf(this.#world), host.name, 'unknown');
    await down;
    const up = heard('resolved');
    hostRecovers(simulatorOf(this.#world), host.name);
    await up;
  }
}
