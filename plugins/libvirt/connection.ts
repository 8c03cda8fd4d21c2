import { setTimeout as delay } from 'node:timers/promises';
import type { Capability } from '../../lib/drivers/capability.ts';
import type {
  ConnectionObserver,
  ConnectionSettings,
  ConnectionState,
  HypervisorConnection,
  MetricTier,
} from '../../lib/drivers/driver.ts';
import type { RawArea } from '../../lib/drivers/raw.ts';
import type { TaskArea } from '../../lib/drivers/tasks.ts';
import type { VmArea } from '../../lib/drivers/vms.ts';
import { toVirtflowError, VirtflowError } from '../../lib/model/errors.ts';
import type { EventType } from '../../lib/model/event.ts';
import type { Host } from '../../lib/model/objects.ts';
import type { Reading } from '../../lib/model/reading.ts';
import { refOf } from '../../lib/model/reference.ts';
import { retryDelayMs, stableAfterMs } from './back-off.ts';
import { type ErrorSite, toConnectError, toDriverError, withoutStop } from './error-map.ts';
import { unreachable } from './inventory/unreachable.ts';
import { Sampler } from './metrics/sampler.ts';
import { LibvirtRaw } from './raw-calls.ts';
import { RpcError } from './rpc/index.ts';
import { Session } from './session.ts';
import { LibvirtTasks } from './tasks/task-area.ts';
import { type LibvirtUri, shownAddress } from './uri.ts';
import { LibvirtVms } from './vms.ts';

/** A connection to one libvirt daemon. It comes back by itself, and reads everything anew when it does. */
export class LibvirtConnection implements HypervisorConnection {
  readonly name: string;
  readonly driver = 'libvirt';
  readonly vms: VmArea;
  readonly tasks: TaskArea;
  readonly raw: RawArea;
  readonly #uri: LibvirtUri;
  readonly #observer: ConnectionObserver;
  #state: ConnectionState = { phase: 'stopped' };
  #capabilities: ReadonlySet<Capability> = new Set();
  #live: { readonly session: Session; readonly sampler: Sampler } | undefined;
  #stop: AbortController | undefined;
  #running: Promise<void> | undefined;
  #connected = Promise.withResolvers<void>();

  constructor(settings: ConnectionSettings, uri: LibvirtUri, observer: ConnectionObserver) {
    this.name = settings.name;
    this.#uri = uri;
    this.#observer = observer;
    this.#connected.promise.catch(() => {});
    const address = shownAddress(uri);
    const port = { connection: this.name, address, session: () => this.#require().session };
    this.vms = new LibvirtVms(port);
    this.tasks = new LibvirtTasks(port);
    this.raw = new LibvirtRaw(port);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get capabilities(): ReadonlySet<Capability> {
    return this.#capabilities;
  }

  start(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    this.#running = this.#keepConnected(this.#stop.signal);
  }

  connected(signal?: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    return Promise.race([this.#connected.promise, aborted.promise]).finally(() =>
      signal?.removeEventListener('abort', abort),
    );
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#stop?.abort(new VirtflowError('CONNECTION_DOWN', { connection: this.name, reason: 'it was stopped' }));
    await running;
    if (this.#running !== running || !this.#stop) return;
    this.#running = undefined;
    this.#stop = undefined;
    this.#setState({ phase: 'stopped' });
  }

  async sample(tiers: ReadonlySet<MetricTier>, signal: AbortSignal): Promise<readonly Reading[]> {
    const { sampler } = this.#require();
    try {
      return await sampler.sample(tiers, signal);
    } catch (error) {
      throw this.#toError(error);
    }
  }

  async #keepConnected(stop: AbortSignal): Promise<void> {
    for (let failures = 0; !stop.aborted; ) {
      this.#setState({ phase: 'connecting', attempt: failures + 1 });
      const { error, heldMs } = await this.#connectOnce(stop);
      failures = heldMs >= stableAfterMs ? 0 : failures + 1;
      if (stop.aborted) break;
      const waitMs = retryDelayMs(failures);
      const told = toVirtflowError(this.#toError(error)).toJSON();
      this.#setState({ phase: 'waiting', error: told, retryAt: Date.now() + waitMs });
      await delay(waitMs, undefined, { signal: stop }).catch(() => {}); // stopped
    }
    this.#connected.reject(stop.reason);
    this.#connected = Promise.withResolvers();
    this.#connected.promise.catch(() => {});
  }

  /** Connects and stays until the connection is lost or stopped. */
  async #connectOnce(stop: AbortSignal): Promise<{ readonly error: unknown; readonly heldMs: number }> {
    let session: Session;
    try {
      session = await Session.open({ connection: this.name, uri: this.#uri, observer: this.#observer }, stop);
    } catch (error) {
      return { error: toConnectError(error, this.#site), heldMs: 0 };
    }
    const since = performance.now();
    if (!stop.aborted) this.#begin(session);
    const end = () => void session.close();
    stop.addEventListener('abort', end, { once: true });
    if (stop.aborted) end();
    const error = await session.ended;
    stop.removeEventListener('abort', end);
    const closed = session.close(); // takes a while where the daemon is silent; what is lost is told at once
    this.#end(session, stop.aborted);
    await closed;
    return { error, heldMs: performance.now() - since };
  }

  #begin(session: Session): void {
    this.#live = { session, sampler: new Sampler(session) };
    this.#capabilities = session.capabilities;
    session.begin(() => {
      this.#setState({ phase: 'connected', since: Date.now() });
      this.#tell('host.connected', session.host, null);
    });
    this.#connected.resolve();
  }

  #end(session: Session, stopped: boolean): void {
    if (this.#live?.session !== session) return;
    this.#live = undefined;
    this.#connected = Promise.withResolvers();
    this.#connected.promise.catch(() => {});
    if (stopped) return;
    this.#observer.inventory({ type: 'reset', objects: unreachable(session) });
    this.#tell('host.disconnected', session.host, 'connection-lost');
  }

  #tell(type: EventType, host: Host, reason: string | null): void {
    this.#observer.event({ type, at: Date.now(), object: refOf(host), name: host.name, reason, details: {} });
  }

  #require() {
    if (this.#live) return this.#live;
    const { phase } = this.#state;
    const reason = phase === 'waiting' ? withoutStop(this.#state.error.message) : `it is ${phase}`;
    throw new VirtflowError('CONNECTION_DOWN', { connection: this.name, reason });
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#observer.state(state);
  }

  #toError(error: unknown): unknown {
    return toDriverError(error ?? new RpcError('CONNECTION_LOST', 'it was closed'), this.#site);
  }

  get #site(): ErrorSite {
    return { connection: this.name, address: shownAddress(this.#uri) };
  }
}
