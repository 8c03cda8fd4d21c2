import type { Capability } from '../../lib/drivers/capability.ts';
import type { ConnectionObserver } from '../../lib/drivers/driver.ts';
import type { TaskRecord } from '../../lib/drivers/tasks.ts';
import type { Host, Network, StoragePool } from '../../lib/model/objects.ts';
import { capabilitiesOf } from './capabilities.ts';
import { type Caller, ifEventKnown } from './daemon.ts';
import { type DomainNews, domainEventKinds, domainNews } from './events/domain-news.ts';
import { networkNews, poolNews, poolRefreshNews } from './events/object-news.ts';
import { afterEvent, type DomainRecord, isPreludeOfStart, vmOf } from './inventory/domain-record.ts';
import { readAllDomains, readDomainRecord } from './inventory/domains.ts';
import { readHost } from './inventory/host.ts';
import { Mirror, type MirrorPort, type News } from './inventory/mirror.ts';
import { readAllNetworks, readNetwork } from './inventory/networks.ts';
import { readAllStoragePools, readStoragePool } from './inventory/storage-pools.ts';
import { openDaemon } from './open-daemon.ts';
import { type EventKind, type EventOf, LibvirtError, type LibvirtHost, type RpcError } from './rpc/index.ts';
import { TaskWatch } from './tasks/task-watch.ts';
import type { LibvirtUri } from './uri.ts';

export interface SessionOptions {
  readonly connection: string;
  readonly uri: LibvirtUri;
  readonly observer: Pick<ConnectionObserver, 'inventory' | 'event' | 'task'>;
}

/** News that came while the lists were read. */
interface Held {
  readonly id: string;
  reload(): Promise<void>;
  tell(): void;
  hear(): void;
}

/**
 * One connection to a daemon from its opening to its end, with what the daemon has: lists that are read once, and kept
 * by events. Events are registered before the lists are read, so nothing can happen in between unseen.
 */
export class Session {
  readonly daemon: LibvirtHost;
  readonly host: Host;
  readonly capabilities: ReadonlySet<Capability>;
  readonly domains: Mirror<DomainRecord, DomainNews>;
  readonly networks: Mirror<Network, News>;
  readonly pools: Mirror<StoragePool, News>;
  readonly tasks: TaskWatch;
  /** Resolves with the reason when the daemon is gone. */
  readonly ended: Promise<RpcError | undefined>;
  readonly #observer: SessionOptions['observer'];
  #held: Held[] | undefined = [];

  /** Connects, listens, reads everything. Nothing is told until `begin`. @throws LibvirtError, RpcError */
  static async open({ connection, uri, observer }: SessionOptions, signal: AbortSignal): Promise<Session> {
    const ended = Promise.withResolvers<RpcError | undefined>();
    const daemon = await openDaemon(uri, { onClosed: ended.resolve }, signal);
    const close = () => void daemon.close();
    signal.addEventListener('abort', close);
    try {
      const address = uri.addresses.find(({ transport }) => transport === 'tcp');
      const host = await readHost(daemon, connection, address?.transport === 'tcp' ? address.host : null);
      const session = new Session(daemon, host, observer, ended.promise);
      await session.#listen();
      await session.#read();
      return session;
    } catch (error) {
      await daemon.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', close);
    }
  }

  private constructor(
    daemon: LibvirtHost,
    host: Host,
    observer: SessionOptions['observer'],
    ended: Promise<RpcError | undefined>,
  ) {
    this.daemon = daemon;
    this.host = host;
    this.capabilities = capabilitiesOf(host.hypervisor.name);
    this.ended = ended;
    this.#observer = observer;
    this.domains = new Mirror(domainPort(daemon, host), observer);
    this.networks = new Mirror(networkPort(daemon, host.connection), observer);
    this.pools = new Mirror(poolPort(daemon, host.connection), observer);
    const { domains } = this;
    const tell = (record: TaskRecord) => observer.task(record);
    this.tasks = new TaskWatch({ connection: host.connection, daemon, domains, tell });
  }

  /** Tells what was read as a `reset`, then calls `announce`, then tells what happened since the session opened. */
  begin(announce: () => void): void {
    const [early, late] = [this.#early, this.#held ?? []];
    this.#held = undefined;
    const objects = [this.host, ...this.domains.objects(), ...this.networks.objects(), ...this.pools.objects()];
    this.#observer.inventory({ type: 'reset', objects });
    announce();
    for (const news of early) news.tell();
    for (const news of late) news.hear();
    if (this.#hasJobs) this.tasks.begin();
  }

  /** Ends; what is under way fails. Closing twice is fine. */
  async close(): Promise<void> {
    for (const mirror of [this.domains, this.networks, this.pools]) mirror.stop();
    this.tasks.stop();
    await this.daemon.close();
  }

  #early: Held[] = [];

  async #listen(): Promise<void> {
    await Promise.all([
      ...domainEventKinds
        .filter((kind) => kind !== 'domain.jobCompleted' && kind !== 'domain.blockJob2')
        .map((kind) => this.#subscribe(kind, this.domains, (event) => domainNews(kind, event))),
      this.#subscribe('domain.jobCompleted', this.domains, (event) => {
        this.tasks.jobCompleted(event);
        return domainNews('domain.jobCompleted', event);
      }),
      this.#subscribe('domain.blockJob2', this.domains, (event) => {
        this.tasks.blockJob(event);
        return domainNews('domain.blockJob2', event);
      }),
      this.#subscribe('network.lifecycle', this.networks, networkNews),
      this.#subscribe('pool.lifecycle', this.pools, poolNews),
      this.#subscribe('pool.refresh', this.pools, poolRefreshNews),
      ...(this.#hasJobs ? this.#listenToJobs() : []),
    ]);
  }

  /** libvirt's test driver has none. */
  get #hasJobs(): boolean {
    return this.capabilities.has('tasks.cancel');
  }

  #listenToJobs(): Promise<unknown>[] {
    const { daemon, tasks } = this;
    return [
      daemon.subscribe('domain.migrationIteration', (event) => tasks.memoryPass(event)),
      // Who may not hear QEMU itself learns of others' block jobs when they are ready or done, or when it asks.
      daemon.subscribe('monitor.jobStatusChange', (event) => tasks.jobStatus(event)).catch(unlessLost),
    ].map(ifEventKnown);
  }

  async #subscribe<K extends EventKind, R, N extends News>(
    kind: K,
    mirror: Mirror<R, N>,
    read: (event: EventOf<K>) => N | undefined,
  ): Promise<void> {
    const listener = (event: EventOf<K>) => {
      const news = read(event);
      if (!news) return;
      if (this.#held) this.#held.push(heldNews(mirror, news));
      else mirror.hear(news);
    };
    await ifEventKnown(this.daemon.subscribe(kind, listener));
  }

  async #read(): Promise<void> {
    const { connection } = this.host;
    const [domains, networks, pools] = await Promise.all([
      readAllDomains(this.daemon),
      readAllNetworks(this.daemon, connection),
      readAllStoragePools(this.daemon, connection),
    ]);
    this.domains.load(domains);
    this.networks.load(networks);
    this.pools.load(pools);
    // What was read of these may be older than the news of them.
    this.#early = this.#held?.splice(0) ?? [];
    const stale = new Map(this.#early.map((news) => [news.id, news]));
    await Promise.all([...stale.values()].map((news) => news.reload()));
  }
}

function unlessLost(error: unknown): void {
  if (!(error instanceof LibvirtError)) throw error;
}

function heldNews<R, N extends News>(mirror: Mirror<R, N>, news: N): Held {
  return {
    id: news.id,
    reload: () => mirror.reload(news),
    tell: () => mirror.tell(news),
    hear: () => mirror.hear(news),
  };
}

function domainPort(caller: Caller, host: Host): MirrorPort<DomainRecord, DomainNews> {
  const isFirstReboot = onceWithin(1000);
  return {
    connection: host.connection,
    kind: 'vm',
    read: (object) => readDomainRecord(caller, object),
    objectOf: (record) => vmOf(record, host),
    after: (record, news) => afterEvent(record, news.effect),
    leavesDoubt: ({ effect }) => effect.kind === 'power' || effect.kind === 'undefined' || effect.kind === 'refresh',
    // One reset of a machine makes QEMU tell of it up to three times.
    isNew: (record, news) => !isPreludeOfStart(record, news) && (news.type !== 'vm.rebooted' || isFirstReboot(news.id)),
    // A save to a file of somebody's choice ends a domain as a managed save does, but libvirt keeps no image of it.
    typeOf: ({ type }, record) => (type === 'vm.suspended' && record?.power !== 'suspended' ? 'vm.stopped' : type),
  };
}

function networkPort(caller: Caller, connection: string): MirrorPort<Network, News> {
  const read: MirrorPort<Network, News>['read'] = (object) => readNetwork(caller, connection, object);
  return { connection, kind: 'network', read, ...askingAlways };
}

function poolPort(caller: Caller, connection: string): MirrorPort<StoragePool, News> {
  const read: MirrorPort<StoragePool, News>['read'] = (object) => readStoragePool(caller, connection, object);
  return { connection, kind: 'storage-pool', read, ...askingAlways };
}

const askingAlways = {
  objectOf: <T>(record: T) => record,
  after: () => undefined,
  leavesDoubt: () => false,
  isNew: () => true,
  typeOf: ({ type }: News) => type,
};

/** Whether something happens to an object for the first time in a while. */
function onceWithin(timeMs: number): (id: string) => boolean {
  const last = new Map<string, number>();
  return (id) => {
    const now = performance.now();
    const isFirst = now - (last.get(id) ?? Number.NEGATIVE_INFINITY) > timeMs;
    last.set(id, now);
    return isFirst;
  };
}
