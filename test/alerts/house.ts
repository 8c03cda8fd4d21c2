import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Type from 'typebox';
import type { AlertTransition } from '../../lib/alerts/alert.ts';
import { AlertRoom } from '../../lib/alerts/alert-room.ts';
import { ownNotifiers } from '../../lib/alerts/notifiers/all.ts';
import type { Rendered } from '../../lib/alerts/render.ts';
import { Inventory } from '../../lib/inventory/inventory.ts';
import { Feed } from '../../lib/model/feed.ts';
import type { AnyObject, Host, Vm } from '../../lib/model/objects.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import type { Severity } from '../../lib/rules/levels.ts';
import { Safe } from '../../lib/secrets/safe.ts';
import { openSqliteStore } from '../../lib/store/sqlite/sqlite-store.ts';
import { DrivenClock } from '../calendar/driven-clock.ts';

const open = new Set<AlertHouse>();

/** Alerts on a clock in the test's hand, with a channel that remembers what it was given. */
export class AlertHouse {
  readonly directory: string;
  readonly clock: DrivenClock;
  readonly inventory: Inventory;
  readonly room: AlertRoom;
  readonly sent: { readonly to: string; readonly message: Rendered }[];
  readonly audited: string[] = [];
  refuses = false;
  readonly #store;
  #sequence = 0;

  constructor(settings: object, before?: AlertHouse) {
    this.directory = before?.directory ?? mkdtempSync(join(tmpdir(), 'virtflow-alerts-'));
    this.clock = before?.clock ?? new DrivenClock(Date.parse('2026-03-02T10:00:00Z'));
    this.inventory = before?.inventory ?? new Inventory();
    this.sent = before?.sent ?? [];
    this.#sequence = before?.nextSequence ?? 0;
    this.configure(settings);
    const say = () => {};
    const { directory: dataDirectory, inventory, clock } = this;
    this.#store = openSqliteStore(join(dataDirectory, 'state.db'));
    const append = (what: string) => void this.audited.push(what);
    const safe = new Safe(this.#store, { name: 'a test', keys: () => [Buffer.alloc(32, 'k')] });
    safe.open();
    const notifiers = ownNotifiers();
    notifiers.register({
      type: 'memory',
      settings: Type.Object({ to: Type.String() }),
      send: async ({ to }, message) => {
        if (this.refuses) throw new Error('the channel is down');
        this.sent.push({ to, message });
        return 'taken';
      },
    });
    this.room = new AlertRoom({
      notifiers,
      store: this.#store,
      dataDirectory,
      inventory,
      connections: { events: new Feed(), states: new Feed() },
      rules: { addSink: () => () => {} },
      audit: {
        append,
        change: (work, what) => {
          append(what);
          return work();
        },
      },
      reveal: (text) => text,
      safe,
      log: { error: say, warn: say, info: say, debug: say },
      clock,
    });
    this.room.start();
    open.add(this);
  }

  get nextSequence(): number {
    return this.#sequence;
  }

  configure(settings: object): void {
    writeFileSync(join(this.directory, 'alerts.json'), JSON.stringify(settings));
  }

  /** Lets time go by in steps of a second, as the room itself would. */
  async pass(ms: number, stepMs = 1_000): Promise<void> {
    for (let gone = 0; gone < ms; gone += stepMs) {
      this.clock.advance(stepMs);
      await this.room.tick();
      await this.room.courier.idle();
    }
  }

  tell(
    status: 'firing' | 'ok' | 'gone' | 'no-data',
    name = 'web',
    about: Partial<AlertTransition> = {},
  ): AlertTransition {
    this.#sequence += 1;
    const at = this.clock.now();
    const object: ObjectRef = { connection: 'lab', kind: 'vm', id: name };
    const severity: Severity | null = status === 'firing' ? 'warning' : null;
    const says = `CPU of ${name} is ${status}.`;
    const none = { value: null, threshold: null, clear: null, samples: [], conditionSince: null, lastSampleAt: null };
    const transition: AlertTransition = {
      rule: 'cpu',
      ruleName: 'CPU',
      key: `lab/vm/${name}`,
      name,
      object,
      tags: { connection: 'lab' },
      sequence: this.#sequence,
      type: status,
      at,
      status,
      severity,
      value: 1,
      why: { rule: 'cpu', says, ...none },
      ...about,
    };
    void this.room.take(transition);
    return transition;
  }

  /** A host goes or comes back. */
  tellHost(status: 'firing' | 'ok', id = 'h1'): void {
    const object: ObjectRef = { connection: 'lab', kind: 'host', id };
    const about = { rule: 'host-down', ruleName: 'Host down', key: `lab/host/${id}`, object, isOutage: true };
    this.tell(status, id, { ...about, severity: status === 'firing' ? 'critical' : null });
  }

  put(...objects: AnyObject[]): void {
    for (const object of objects) this.inventory.apply(object.connection, { type: 'put', object });
  }

  /** The process dies: nothing of it says good-bye. */
  async die(settings: object): Promise<AlertHouse> {
    await this.close();
    return new AlertHouse(settings, this);
  }

  async close(): Promise<void> {
    if (!open.delete(this)) return;
    await this.room.stop();
    this.#store.close();
  }
}

export function hostOf(id: string): Host {
  return {
    connection: 'lab',
    kind: 'host',
    id,
    name: id,
    description: '',
    tags: [],
    pool: null,
    live: true,
    enabled: true,
    cpu: { count: 8, sockets: 1, model: '', mhz: 2_000 },
    memoryBytes: 2 ** 34,
    hypervisor: { name: '', version: '' },
    address: null,
  };
}

export function vmOf(id: string, host: string | null, tags: readonly string[] = []): Vm {
  return {
    connection: 'lab',
    kind: 'vm',
    id,
    name: id,
    description: '',
    tags,
    power: 'running',
    host,
    hostName: host,
    vcpus: { current: 1, maximum: 1 },
    memoryBytes: { current: 2 ** 30, maximum: 2 ** 30 },
    persistent: true,
    autostart: false,
    template: false,
    agent: 'absent',
    disks: [],
    nics: [],
  };
}

export async function closeAlertHouses(): Promise<void> {
  for (const house of [...open]) {
    await house.close();
    rmSync(house.directory, { recursive: true, force: true });
  }
}

export const contact = (name: string) => ({ name, type: 'memory', settings: { to: name } });
export const toOps = { contacts: [contact('ops')], routes: [{ name: 'all', contacts: ['ops'] }] };
