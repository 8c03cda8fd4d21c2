import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Access } from '../../lib/access/access.ts';
import { Inventory } from '../../lib/inventory/inventory.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Vm } from '../../lib/model/objects.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import type { Store } from '../../lib/store/store.ts';

export const isError = (code: string) => (error: unknown) => error instanceof VirtflowError && error.code === code;

export function aVm(about: Partial<Vm> = {}): Vm {
  return {
    connection: 'lab',
    kind: 'vm',
    id: 'web-1',
    name: 'web-1',
    description: '',
    tags: [],
    power: 'running',
    host: null,
    hostName: null,
    vcpus: { current: 1, maximum: 1 },
    memoryBytes: { current: 1, maximum: 1 },
    persistent: true,
    autostart: false,
    template: false,
    agent: 'unknown',
    disks: [],
    nics: [],
    ...about,
  };
}

/** Access on a store of its own, which can be opened again as after a restart. */
export class AccessHouse {
  readonly directory = mkdtempSync(join(tmpdir(), 'virtflow-access-'));
  readonly inventory = new Inventory();
  readonly said: string[] = [];
  store: Store;
  access: Access;

  constructor() {
    [this.store, this.access] = this.#open();
  }

  get storeFile(): string {
    return join(this.directory, 'state.db');
  }

  restart(): void {
    this.shut();
    [this.store, this.access] = this.#open();
  }

  shut(): void {
    this.access.stop();
    this.store.close();
  }

  close(): void {
    this.shut();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** What was recorded, without when. */
  recorded(): { what: string; who: string; about: Record<string, unknown> }[] {
    return [...this.access.audit.rows()].map(({ entry }) => {
      const { what, who, about } = JSON.parse(entry);
      return { what, who, about };
    });
  }

  #open(): [Store, Access] {
    const store = openSqliteStore(this.storeFile);
    const say = (text: string) => this.said.push(text);
    const log = { error: say, warn: say, info: say, debug: say };
    const { inventory, directory: dataDirectory } = this;
    const access = new Access({ store, inventory, dataDirectory, log });
    access.start();
    return [store, access];
  }
}
