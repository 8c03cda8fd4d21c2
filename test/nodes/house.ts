/// <reference path="./node-red-node-test-helper.d.ts" />
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import helper from 'node-red-node-test-helper';
import { defaultMqttSettings } from '../../lib/api/mqtt/settings.ts';
import { DriverRegistry } from '../../lib/drivers/registry.ts';
import { Platform, usePlatform } from '../../lib/platform.ts';
import connection from '../../nodes/connection/connection.ts';
import type { Message, NodeRed, Status } from '../../nodes/runtime/red.ts';
import { createWorld, forgetWorld, simulatorDriver, simulatorOf } from '../../plugins/simulator/index.ts';

export const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** A hundred times as fast as life: a guest boots in 20 ms. */
const speed = 100;

/** The configuration node of the simulated lab: its id must not be its name. */
export const labNode = {
  id: 'lab-node',
  type: 'virtflow-connection',
  name: 'lab',
  driver: 'simulator',
  uri: 'simulator:///lab?latencyMs=0',
};

/** A platform and a Node-RED with nodes on it, on a simulated lab of 12 VMs; one at a time. */
export class House {
  readonly platform: Platform;
  readonly #directory = mkdtempSync(join(tmpdir(), 'virtflow-nodes-'));
  readonly #received: Message[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor() {
    const drivers = new DriverRegistry();
    drivers.register(simulatorDriver);
    this.platform = new Platform({
      metrics: 'off',
      dataDirectory: this.#directory,
      log: silent,
      drivers,
      mqtt: { ...defaultMqttSettings, broker: 'off' },
    });
  }

  /** Loads a flow and waits until the lab is connected. */
  static async open(sets: readonly ((RED: NodeRed) => void)[], flow: readonly object[]): Promise<House> {
    createWorld('lab', { speed });
    const house = new House();
    usePlatform(house.platform);
    house.platform.start();
    helper.settings({ logging: { console: { level: 'off' } } });
    try {
      await helper.load([connection, ...sets], flow);
      if (flow.includes(labNode)) await house.platform.connections.get('lab').connected();
    } catch (error) {
      await house.close();
      throw error;
    }
    return house;
  }

  /** Deploys anew: every node is closed and opened again, while the platform goes on. */
  async redeploy(sets: readonly ((RED: NodeRed) => void)[], flow: readonly object[]): Promise<void> {
    await helper.unload();
    await helper.load([connection, ...sets], flow);
  }

  /** Deploys what is new or other; the rest goes on. */
  async deploy(flow: readonly object[]): Promise<void> {
    await helper.setFlows(flow, 'nodes');
  }

  get world() {
    return simulatorOf('lab');
  }

  node(id: string) {
    const node = helper.getNode(id);
    if (!node) throw new Error(`the flow has no node ${id}`);
    return node;
  }

  /** Keeps what a helper node receives, so that a message is not missed. */
  collect(id: string): void {
    this.node(id).on('input', (message: Message) => {
      this.#received.push(message);
      for (const wake of this.#waiting) wake();
    });
  }

  get received(): readonly Message[] {
    return this.#received;
  }

  /** The first collected message that fits. */
  async message(fits: (message: Message) => boolean = () => true): Promise<Message> {
    for (;;) {
      const found = this.#received.find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  /** The next status of a node that fits. */
  status(id: string, fits: (status: Status) => boolean): Promise<Status> {
    const node = this.node(id);
    return new Promise((resolve) => {
      node.on('call:status', (call: { args: [Status] }) => {
        if (fits(call.args[0])) resolve(call.args[0]);
      });
    });
  }

  async close(): Promise<void> {
    await helper.unload();
    await this.platform.stop();
    usePlatform(undefined);
    forgetWorld('lab');
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
