import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'puppeteer-core';
import { DuckDbEngine } from '../../lib/metrics/store/duckdb/engine.ts';
import type { Sample } from '../../lib/model/reading.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { storeFileOf } from '../../lib/platform.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { logIn, newPlace, VirtflowProcess } from '../server/virtflow-process.ts';
import { Editor, type EditorOptions } from './browser.ts';

export interface VirtflowOptions {
  readonly packagePath: string;
  readonly flows: readonly object[];
  /** Stands in the journal before it is started. */
  readonly history?: readonly Operation[];
  /** Stand in the metric store before it is started. */
  readonly samples?: readonly Sample[];
}

/** virtflow as people start it, with its login, on a port of its own, and REST for a test to set things off. */
export class VirtflowWithEditor {
  readonly url: string;
  readonly token: string;
  readonly #process: VirtflowProcess;
  readonly #place: ReturnType<typeof newPlace>;

  private constructor(url: string, token: string, process: VirtflowProcess, place: ReturnType<typeof newPlace>) {
    this.url = url;
    this.token = token;
    this.#process = process;
    this.#place = place;
  }

  static async start({ packagePath, flows, history = [], samples = [] }: VirtflowOptions): Promise<VirtflowWithEditor> {
    const place = newPlace();
    const nodeRed = join(place.directory, 'node-red');
    mkdirSync(nodeRed, { recursive: true });
    writeFileSync(join(nodeRed, 'flows.json'), JSON.stringify(flows));
    if (history.length > 0) seed(place.directory, history);
    if (samples.length > 0) await store(place.directory, samples);
    const command = join(packagePath, 'dist/bin/virtflow.js');
    const args = ['start', '--port', '0', '--data-dir', place.directory];
    const process = new VirtflowProcess(args, {}, '', command);
    const url = await process.says(/virtflow runs at (\S+)/);
    const password = await process.says(/password {2}(\S+)/);
    return new VirtflowWithEditor(url, (await logIn(url, password)) ?? '', process, place);
  }

  /** The editor, logged in. @param url another way to it */
  async open(browser: Pick<Browser, 'newPage'>, options: EditorOptions = {}, url = this.url): Promise<Editor> {
    const tokens = JSON.stringify({ access_token: this.token, token_type: 'Bearer', expires_in: 86_400 });
    return Editor.open(browser, url, { ...options, storage: { 'auth-tokens': tokens, ...options.storage } });
  }

  async rest(method: 'GET' | 'POST', path: string, body?: object): Promise<Json> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    return (await fetch(`${this.url}virtflow/v1${path}`, { method, headers, ...sent })).json();
  }

  /** Asks for an action, and answers the id of its operation. */
  async ask(action: string, target: string, parameters: object = {}): Promise<string> {
    const { operations } = await this.rest('POST', `/actions/${action}`, { target, parameters });
    return operations[0].id;
  }

  /** Resolves once the simulated VMs are in the inventory. */
  async connected(): Promise<void> {
    for (;;) {
      const { items } = await this.rest('GET', '/inventory/vms?limit=1');
      if (items.length > 0) return;
      await pause(50);
    }
  }

  async ended(id: string): Promise<Json> {
    return this.rest('GET', `/operations/${id}/wait?seconds=20`);
  }

  async stop(): Promise<void> {
    await this.#process.end();
    this.#place.remove();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what came as JSON is looked at by the test that asked for it
type Json = any;

async function store(directory: string, samples: readonly Sample[]): Promise<void> {
  const engine = new DuckDbEngine({ path: join(directory, 'metrics', 'metrics.duckdb'), memoryMiB: 128 });
  await engine.write(samples);
  await engine.close();
  // Nothing else comes in between.
  writeFileSync(join(directory, 'metrics.json'), JSON.stringify({ collect: false }));
}

function seed(directory: string, history: readonly Operation[]): void {
  const store = openSqliteStore(storeFileOf(directory));
  store.transaction(() => {
    for (const operation of history) store.journal.insert(operation);
  });
  store.close();
}
