import type {
  ConnectionObserver,
  ConnectionSettings,
  ConnectionState,
  Driver,
  HypervisorConnection,
  ProbeReport,
} from '../drivers/driver.ts';
import type { DriverRegistry } from '../drivers/registry.ts';
import type { TaskRecord } from '../drivers/tasks.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { VirtflowError } from '../model/errors.ts';
import type { HypervisorEvent } from '../model/event.ts';
import { Feed } from '../model/feed.ts';
import { recordWithoutSecrets, withoutSecrets } from '../model/secret-text.ts';
import { asWritten, type Reveal } from '../secrets/reference.ts';

export interface ConnectionFact {
  readonly connection: string;
  readonly state: ConnectionState;
}

interface Held {
  readonly settings: ConnectionSettings;
  readonly connection: HypervisorConnection;
  owner: string | undefined;
}

const settingsKeys = ['name', 'driver', 'uri', 'username', 'password'] as const;

/**
 * The connections that exist. Each has one owner, a configuration node; when a deploy takes an owner away and brings it
 * back with the same settings, the connection lives on.
 */
export class Connections {
  readonly states = new Feed<ConnectionFact>();
  readonly events = new Feed<HypervisorEvent>();
  /** The hypervisors' own tasks, whoever began them. */
  readonly tasks = new Feed<TaskRecord>();
  readonly #drivers: DriverRegistry;
  readonly #inventory: Inventory;
  readonly #reveal: Reveal;
  readonly #held = new Map<string, Held>();

  constructor(drivers: DriverRegistry, inventory: Inventory, reveal: Reveal = asWritten) {
    this.#drivers = drivers;
    this.#inventory = inventory;
    this.#reveal = reveal;
  }

  /** @throws CONNECTION_UNKNOWN */
  get(name: string): HypervisorConnection {
    const held = this.#held.get(name);
    if (held) return held.connection;
    throw new VirtflowError('CONNECTION_UNKNOWN', {
      connection: name,
      known: [...this.#held.keys()].join(', ') || 'none',
    });
  }

  list(): readonly HypervisorConnection[] {
    return [...this.#held.values()].map((held) => held.connection);
  }

  /**
   * Resolves once each connection has come up, or has failed to for the first time: until then it is not known what is
   * there, and a selector would find nothing.
   */
  async tried(): Promise<void> {
    if (!this.#isTrying) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const unsubscribe = this.states.subscribe(() => {
      if (!this.#isTrying) resolve();
    });
    await promise.finally(unsubscribe);
  }

  get #isTrying(): boolean {
    return this.list().some(({ state }) => state.phase === 'connecting' && state.attempt === 1);
  }

  /**
   * Makes and starts a connection for its owner, or hands over the living one when the settings are the same.
   * @throws CONNECTION_SETTINGS_INVALID, CONNECTION_NAME_TAKEN, SECRET_*
   */
  acquire(written: ConnectionSettings, owner: string): HypervisorConnection {
    const { driver, settings } = this.#checked(written);
    const held = this.#held.get(settings.name);
    if (held?.owner !== undefined && held.owner !== owner) {
      throw new VirtflowError('CONNECTION_NAME_TAKEN', { connection: settings.name });
    }
    if (held && sameSettings(held.settings, settings)) {
      held.owner = owner;
      return held.connection;
    }
    if (held) this.#replace(held);
    const connection = driver.connect(settings, this.#observer(settings));
    this.#held.set(settings.name, { settings, connection, owner });
    connection.start();
    return connection;
  }

  /** Connects once and tells what is there. @throws CONNECTION_*, PROTOCOL_VIOLATION, SECRET_* */
  async probe(written: ConnectionSettings, signal: AbortSignal): Promise<ProbeReport> {
    const { driver, settings } = this.#checked(written);
    return driver.probe(settings, signal);
  }

  /** The owner lets go; the connection lives until `sweep`, so that a deploy does not interrupt it. */
  release(name: string, owner: string): void {
    const held = this.#held.get(name);
    if (held?.owner === owner) held.owner = undefined;
  }

  /** Stops the connections that nobody owns any more: after a deploy. */
  async sweep(): Promise<void> {
    const orphans = [...this.#held.values()].filter((held) => held.owner === undefined);
    await Promise.all(orphans.map((held) => this.#drop(held)));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#held.values()].map((held) => this.#drop(held)));
  }

  /** The settings with the password itself in the place of a reference to it. */
  #checked(written: ConnectionSettings): { driver: Driver; settings: ConnectionSettings } {
    const driver = this.#drivers.get(written.driver, written.name);
    checkName(written.name);
    checkUri(written);
    driver.check(written);
    const { password } = written;
    return { driver, settings: password === undefined ? written : { ...written, password: this.#reveal(password) } };
  }

  #replace(held: Held): void {
    this.#drop(held).catch((error: unknown) => process.emitWarning(String(error), { code: 'VIRTFLOW_CONNECTION' }));
  }

  async #drop(held: Held): Promise<void> {
    const { name } = held.settings;
    if (this.#held.get(name) === held) this.#held.delete(name);
    this.#inventory.forget(name);
    await held.connection.stop();
    if (!this.#held.has(name)) this.states.publish({ connection: name, state: { phase: 'stopped' } });
  }

  /** What a connection says after it was replaced no longer counts. */
  #observer(settings: ConnectionSettings): ConnectionObserver {
    const { name } = settings;
    const ifCurrent = (tell: () => void) => {
      if (this.#held.get(name)?.settings === settings) tell();
    };
    return {
      state: (state) => ifCurrent(() => this.states.publish({ connection: name, state })),
      inventory: (change) => ifCurrent(() => this.#inventory.apply(name, change)),
      event: (event) => ifCurrent(() => this.events.publish(withoutSecretsOf(event))),
      task: (record) => ifCurrent(() => this.tasks.publish(record)),
    };
  }
}

/** What a hypervisor says of an event may repeat a secret. */
function withoutSecretsOf(event: HypervisorEvent): HypervisorEvent {
  const details = recordWithoutSecrets(event.details);
  return { ...event, details, reason: event.reason === null ? null : withoutSecrets(event.reason) };
}

/** A URI stands in the flow, for all who read flows; it is not repeated here. */
function checkUri({ name, uri }: ConnectionSettings): void {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*:[^/?#]*@/i.test(uri)) return;
  throw new VirtflowError('CONNECTION_SETTINGS_INVALID', {
    connection: name,
    reason: 'its address holds a password',
    hint: 'Use the fields for user and password; what stands in an address is seen by all who may read flows.',
  });
}

function checkName(name: string): void {
  if (/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u.test(name)) return;
  throw new VirtflowError('CONNECTION_SETTINGS_INVALID', {
    connection: name,
    reason: 'its name is not usable in targets, topics and tags',
    hint: 'A name starts with a letter or digit and holds letters, digits, space, dot, dash and underscore, 64 at most.',
  });
}

function sameSettings(a: ConnectionSettings, b: ConnectionSettings): boolean {
  return settingsKeys.every((key) => a[key] === b[key]);
}
