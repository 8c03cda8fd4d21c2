import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAccount } from '../../lib/api/mqtt/account.ts';
import { defaultMqttSettings, type MqttSettings } from '../../lib/api/mqtt/settings.ts';
import { DriverRegistry } from '../../lib/drivers/registry.ts';
import type { Log } from '../../lib/model/log.ts';
import type { Vm } from '../../lib/model/objects.ts';
import { Platform } from '../../lib/platform.ts';
import { simulatorDriver } from '../../plugins/simulator/driver.ts';
import { type ClientSettings, type Heard, MqttListener } from './mqtt-listener.ts';

export class RecordingLog implements Log {
  readonly lines: string[] = [];
  readonly #waiting = new Set<() => void>();

  error = (message: string): void => {
    this.lines.push(message);
    for (const look of [...this.#waiting]) look();
  };
  warn = this.error;
  info = this.error;
  debug = this.error;

  /** The first line that fits, of those that were logged or will be. */
  async next(pattern: RegExp): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const look = () => {
      const found = this.lines.find((line) => pattern.test(line));
      if (found !== undefined) resolve(found);
    };
    this.#waiting.add(look);
    look();
    return promise.finally(() => this.#waiting.delete(look));
  }
}

/** A platform with a simulated data centre on the connection "lab", and somebody who listens on its broker. */
export class MqttHouse {
  readonly log = new RecordingLog();
  readonly #world = randomUUID();
  readonly #mqtt: MqttSettings;
  readonly #listeners: MqttListener[] = [];
  #directory: string | undefined;
  #platform: Platform | undefined;

  constructor(mqtt: MqttSettings) {
    this.#mqtt = mqtt;
  }

  get directory(): string {
    this.#directory ??= mkdtempSync(join(tmpdir(), 'virtflow-mqtt-'));
    return this.#directory;
  }

  get platform(): Platform {
    if (!this.#platform) throw new Error('the house is not open');
    return this.#platform;
  }

  async open(): Promise<void> {
    const drivers = new DriverRegistry();
    drivers.register(simulatorDriver);
    const { directory: dataDirectory, log } = this;
    this.#platform = new Platform({ metrics: 'off', dataDirectory, log, drivers, mqtt: this.#mqtt });
    this.platform.start();
    await this.connect('lab').connected();
    await this.platform.mqtt.connected();
  }

  connect(name: string) {
    const uri = `simulator:///${this.#world}?hosts=2&vms=4&speed=1000&latencyMs=0`;
    return this.platform.connections.acquire({ name, driver: 'simulator', uri }, 'test');
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners.splice(0)) await listener.end();
    await this.#platform?.stop();
    this.#platform = undefined;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  vms(power?: Vm['power']): Vm[] {
    const vms = this.platform.inventory.list({ kind: 'vm', connection: 'lab' });
    return vms.filter((vm) => power === undefined || vm.power === power);
  }

  vm(power?: Vm['power']): Vm {
    const [vm] = this.vms(power);
    if (!vm) throw new Error(`there is no VM that is ${power}`);
    return vm;
  }

  /** A client of the broker inside, logged in as `virtflow mqtt` tells. */
  async listener(settings: Partial<ClientSettings> = {}): Promise<MqttListener> {
    const account = readAccount(this.directory);
    const url = `mqtt://127.0.0.1:${account?.port}`;
    const listener = new MqttListener({
      url,
      username: account?.username,
      password: account?.password,
      protocolVersion: 4,
      ...settings,
    });
    this.#listeners.push(listener);
    await listener.connected();
    return listener;
  }
}

/** A house with the broker inside, and a client that hears every topic. */
export class HeardHouse extends MqttHouse {
  #client: MqttListener | undefined;

  constructor() {
    super(defaultMqttSettings);
  }

  get client(): MqttListener {
    if (!this.#client) throw new Error('the house is not open');
    return this.#client;
  }

  override async open(): Promise<void> {
    await super.open();
    this.#client = await (await this.listener()).subscribe('virtflow/#');
  }

  /** Sends a command. @returns the first reply */
  async command(name: string, parameters: object, correlationId: string): Promise<Heard> {
    await this.client.publish(`virtflow/command/${name}`, { parameters, correlationId });
    return this.client.on(`virtflow/reply/${correlationId}`);
  }
}

/** For a `describe`: a house that is open as long as its tests run. */
export function heardHouse(): HeardHouse {
  const house = new HeardHouse();
  before(() => house.open());
  after(async () => {
    await house.close();
    house.remove();
  });
  return house;
}

/** The code of the error in a reply. */
export function codeOf({ body }: Heard): string | undefined {
  return (body?.error as { code?: string } | undefined)?.code;
}
