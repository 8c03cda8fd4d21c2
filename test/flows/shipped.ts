import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation } from '../../lib/operations/operation.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { newPlace, RunningVirtflow } from '../server/virtflow-process.ts';
import { type FlowNode, readFlow } from './flow-file.ts';

/** What a test changes of a shipped flow: where it connects to, and times that a test can wait for. */
export interface Setting {
  /** Nodes beside those of the file, such as the connection to a hypervisor. */
  readonly nodes?: readonly object[];
  /** Properties of nodes of the file, by the part of their id after the flow's. */
  readonly changes?: Readonly<Record<string, object>>;
  /** Environment variables of the tab. */
  readonly env?: Readonly<Record<string, unknown>>;
  /** The broker of its MQTT nodes. */
  readonly broker?: { readonly host: string; readonly port: number };
  /** `mqtt` of settings.json: virtflow's own MQTT. */
  readonly mqtt?: unknown;
  /** Other files of the data directory, by name. */
  readonly files?: Readonly<Record<string, object>>;
}

/** A shipped flow in a virtflow of its own, enabled, which may be killed and started again. */
export class ShippedFlow {
  readonly #place = newPlace();
  readonly data = join(this.#place.directory, 'data');
  #running: RunningVirtflow | undefined;
  #token: string | undefined;

  constructor(name: string, setting: Setting) {
    mkdirSync(join(this.data, 'node-red'), { recursive: true, mode: 0o700 });
    const flows = [...readFlow(name).map((node) => adapted(node, setting)), ...(setting.nodes ?? [])];
    const files = { 'settings.json': { mqtt: setting.mqtt ?? false }, ...setting.files };
    writeFileSync(join(this.data, 'node-red', 'flows.json'), JSON.stringify(flows));
    for (const [file, content] of Object.entries(files)) {
      writeFileSync(join(this.data, file), JSON.stringify(content), { mode: 0o600 });
    }
  }

  get virtflow(): RunningVirtflow {
    if (this.#running) return this.#running;
    throw new Error('the flow was not started');
  }

  async start(): Promise<void> {
    this.#running = await RunningVirtflow.start(this.data);
    this.#token ??= await this.#running.logIn(await this.#running.process.says(/password {2}(\S+)/));
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    await this.virtflow.process.end('SIGKILL');
    this.#running = undefined;
  }

  async remove(): Promise<void> {
    await this.#running?.process.end('SIGKILL');
    this.#place.remove();
  }

  get(path: string): Promise<unknown> {
    return this.virtflow.get(`virtflow/v1/${path}`, this.#token ?? '');
  }

  /** Presses the button of an inject node; answered once the flow has been deployed. */
  async press(node: string): Promise<void> {
    const headers = { authorization: `Bearer ${this.#token}` };
    for (;;) {
      const answer = await fetch(`${this.virtflow.url}inject/${node}`, { method: 'POST', headers });
      if (answer.ok) return;
      if (answer.status !== 404) throw new Error(`the button ${node}: ${answer.status}`);
    }
  }

  /** All operations that were asked for, oldest first, from the disk. */
  operations(): readonly Operation[] {
    const store = openSqliteStore(join(this.data, 'state.db'));
    try {
      return store.journal.history({ limit: 1000 }).toReversed();
    } finally {
      store.close();
    }
  }
}

function adapted(node: FlowNode, { changes = {}, env = {}, broker }: Setting): object {
  if (node.type === 'tab') return { ...node, disabled: false, env: withValues(node.env, env) };
  if (node.type === 'mqtt-broker' && broker) return { ...node, broker: broker.host, port: String(broker.port) };
  const change = Object.entries(changes).find(([part]) => node.id === `${node.z}-${part}` || node.id === part);
  return { ...node, ...change?.[1] };
}

interface Variable {
  readonly name: string;
}

function withValues(variables: unknown, values: Readonly<Record<string, unknown>>): readonly Variable[] {
  const all: readonly Variable[] = Array.isArray(variables) ? variables : [];
  const unknown = Object.keys(values).find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined) throw new Error(`the flow has no variable ${unknown}`);
  return all.map((one) => (one.name in values ? { ...one, value: String(values[one.name]) } : one));
}
