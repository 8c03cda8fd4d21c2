import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultMqttSettings } from '../lib/api/mqtt/settings.ts';
import { DriverRegistry } from '../lib/drivers/registry.ts';
import type { Log } from '../lib/model/log.ts';
import type { Vm } from '../lib/model/objects.ts';
import type { Operation } from '../lib/operations/operation.ts';
import { Platform } from '../lib/platform.ts';
import { forgetWorld, simulatorDriver, simulatorOf } from '../plugins/simulator/index.ts';

export const silent: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

let worlds = 0;

/** A whole platform on a simulated data centre of its own, whose clock runs a hundred times as fast. */
export class PlatformOnSimulator {
  readonly platform: Platform;
  readonly connection = 'lab';
  readonly uri: string;
  readonly #world = `test-${++worlds}`;
  readonly #directory = mkdtempSync(join(tmpdir(), 'virtflow-platform-'));

  private constructor(query: string) {
    const drivers = new DriverRegistry();
    drivers.register(simulatorDriver);
    const speed = /\bspeed=/.test(query) ? '' : 'speed=100&';
    this.uri = `simulator:///${this.#world}?${speed}${query}`;
    this.platform = new Platform({
      metrics: 'off',
      dataDirectory: this.#directory,
      log: silent,
      drivers,
      mqtt: { ...defaultMqttSettings, broker: 'off' },
    });
  }

  static async start(query = 'hosts=3&vms=12'): Promise<PlatformOnSimulator> {
    const house = new PlatformOnSimulator(query);
    house.platform.start();
    const { connection: name, uri } = house;
    await house.platform.connections.acquire({ name, driver: 'simulator', uri }, 'test').connected();
    return house;
  }

  get world() {
    return simulatorOf(this.#world);
  }

  /** @throws when there is no such VM */
  vm(name: string): Vm {
    const [vm] = this.platform.inventory.named('vm', name);
    if (!vm) throw new Error(`no VM ${name}`);
    return vm;
  }

  /** Runs an action to its end. */
  async run(action: string, name: string, parameters: Record<string, unknown> = {}): Promise<Operation> {
    const { operations } = this.platform;
    const origin = { through: 'flow', principal: 'flow' } as const;
    const { id } = await operations.submit({ action, target: this.vm(name), parameters, origin });
    return operations.finished(id);
  }

  async stop(): Promise<void> {
    await this.platform.stop();
    forgetWorld(this.#world);
    rmSync(this.#directory, { recursive: true });
  }
}
