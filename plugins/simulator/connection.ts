import { type Capability, capabilities } from '../../lib/drivers/capability.ts';
import type {
  ConnectionObserver,
  ConnectionSettings,
  ConnectionState,
  HypervisorConnection,
  MetricTier,
} from '../../lib/drivers/driver.ts';
import type { TaskArea } from '../../lib/drivers/tasks.ts';
import type { VmArea } from '../../lib/drivers/vms.ts';
import { toVirtflowError, VirtflowError } from '../../lib/model/errors.ts';
import type { Reading } from '../../lib/model/reading.ts';
import { Caller } from './caller.ts';
import { Link } from './link.ts';
import { sampleWorld } from './sampling.ts';
import type { SimulatorSettings } from './settings.ts';
import { taskArea } from './task-area.ts';
import { vmArea } from './vm-area.ts';
import { wait } from './wait.ts';
import { openWorld } from './worlds.ts';

const firstRetryMs = 100;
const longestRetryMs = 10_000;

/** A connection to a world: it comes back by itself when it breaks, as one to a real hypervisor does. */
export class SimulatorConnection implements HypervisorConnection {
  readonly name: string;
  readonly driver = 'simulator';
  readonly vms: VmArea;
  readonly tasks: TaskArea;
  readonly #settings: SimulatorSettings;
  readonly #observer: ConnectionObserver;
  readonly #caller: Caller;
  readonly #waiting = new Set<{ resolve(): void; reject(reason: unknown): void }>();
  #state: ConnectionState = { phase: 'stopped' };
  #link: Link | undefined;
  #running: AbortController | undefined;
  #ended: Promise<void> = Promise.resolve();
  #wasConnected = false;

  constructor({ name }: Pick<ConnectionSettings, 'name'>, settings: SimulatorSettings, observer: ConnectionObserver) {
    this.name = name;
    this.#settings = settings;
    this.#observer = observer;
    this.#caller = new Caller(settings.wire, () => this.#up());
    this.vms = vmArea(name, this.#caller);
    this.tasks = taskArea(name, this.#caller);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get capabilities(): ReadonlySet<Capability> {
    return this.#wasConnected ? offered : nothing;
  }

  start(): void {
    if (this.#running) return;
    this.#running = new AbortController();
    this.#ended = this.#keepUp(this.#running.signal);
  }

  async connected(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#isUp) return;
    if (!this.#running) throw this.#down('it is stopped');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { resolve, reject };
    const abort = () => reject(signal?.reason);
    this.#waiting.add(waiting);
    signal?.addEventListener('abort', abort);
    try {
      await promise;
    } finally {
      this.#waiting.delete(waiting);
      signal?.removeEventListener('abort', abort);
    }
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    const error = this.#down('it was stopped');
    running?.abort(error);
    this.#link?.break(error);
    for (const { reject } of this.#waiting) reject(error);
    await this.#ended;
  }

  sample(tiers: ReadonlySet<MetricTier>, signal: AbortSignal): Promise<readonly Reading[]> {
    return this.#caller.reads('sample', (world) => sampleWorld(world, this.name, tiers), signal);
  }

  /** Connects, waits until the link breaks, and connects again, until it is stopped. */
  async #keepUp(stopped: AbortSignal): Promise<void> {
    for (let attempt = 1; !stopped.aborted; attempt += 1) {
      const opened = await this.#open(attempt, stopped);
      if (opened instanceof Link) attempt = 0;
      const error = opened instanceof Link ? await brokenBy(opened) : opened;
      if (stopped.aborted) break;
      const retryMs = Math.min(firstRetryMs * 2 ** attempt, longestRetryMs);
      this.#tell({ phase: 'waiting', error: error.toJSON(), retryAt: Date.now() + retryMs });
      await wait(retryMs, stopped).catch(() => {});
    }
    if (!this.#running) this.#tell({ phase: 'stopped' });
  }

  async #open(attempt: number, stopped: AbortSignal): Promise<Link | VirtflowError> {
    this.#tell({ phase: 'connecting', attempt });
    const { world: name, shape, wire } = this.#settings;
    try {
      if (wire.latencyMs > 0) await wait(wire.latencyMs, stopped);
      const world = openWorld(name, shape, this.name);
      world.faults.beforeConnecting();
      this.#link = new Link(this.name, world, this.#observer);
    } catch (error) {
      return toVirtflowError(error);
    }
    this.#wasConnected = true;
    this.#tell({ phase: 'connected', since: Date.now() });
    for (const { resolve } of this.#waiting) resolve();
    return this.#link;
  }

  get #isUp(): boolean {
    return this.#link?.broken.aborted === false;
  }

  #up(): Link {
    if (this.#link && this.#isUp) return this.#link;
    throw this.#down(this.#state.phase === 'waiting' ? this.#state.error.message : 'it is not connected');
  }

  #down(reason: string): VirtflowError {
    return new VirtflowError('CONNECTION_DOWN', { connection: this.name, reason });
  }

  #tell(state: ConnectionState): void {
    this.#state = state;
    this.#observer.state(state);
  }
}

/** It has no interface of its own that could be called by name. */
const offered: ReadonlySet<Capability> = new Set(capabilities.filter((one) => one !== 'api.call'));
const nothing: ReadonlySet<Capability> = new Set();

function brokenBy({ broken }: Link): Promise<VirtflowError> {
  return new Promise((resolve) => {
    const end = () => resolve(toVirtflowError(broken.reason));
    if (broken.aborted) end();
    else broken.addEventListener('abort', end, { once: true });
  });
}
