import { type Capability, capabilities } from '../../lib/drivers/capability.ts';
import type { ConnectionObserver, ConnectionState, Driver, HypervisorConnection } from '../../lib/drivers/driver.ts';
import { admit } from '../../lib/drivers/gate.ts';
import type { HypervisorTask, Job } from '../../lib/drivers/job.ts';
import type { TaskArea } from '../../lib/drivers/tasks.ts';
import type { VmArea } from '../../lib/drivers/vms.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { Feed } from '../../lib/model/feed.ts';
import type { PowerState, Snapshot, Vm } from '../../lib/model/objects.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import { TaskBoard } from '../drivers/task-board.ts';
import { aVm } from '../inventory/fixtures.ts';

/** A hypervisor in a few lines, of which a test can hold every step. The contract of drivers is not its matter. */
export class TestHypervisor {
  readonly name: string;
  readonly vms = new Map<string, Vm>();
  /** What really happened: `start web1`. */
  readonly applied: string[] = [];
  readonly arrived = new Feed<string>();
  readonly tasks = new TaskBoard();
  readonly snapshots: Snapshot[] = [];
  readonly capabilities = new Set<Capability>(capabilities);
  /** What a changing call waits for before it takes effect, and before it is answered. */
  before: (call: string, object: string) => Promise<void> | void = () => undefined;
  after: (call: string) => Promise<void> | void = () => undefined;
  /** The task that a changing call begins. */
  taskOf: (call: string) => HypervisorTask | undefined = () => undefined;
  onFetch: () => Promise<void> | void = () => undefined;
  fetched = 0;
  #connection: TestConnection | undefined;

  constructor(name: string) {
    this.name = name;
  }

  readonly driver: Driver = {
    id: 'test',
    label: 'test',
    check: () => undefined,
    connect: (_settings, observer) => {
      this.#connection = new TestConnection(this, observer);
      return this.#connection;
    },
    probe: () => Promise.reject(new Error('not needed')),
  };

  add(about: Partial<Vm> & { id: string }): ObjectRef {
    const vm = aVm({ connection: this.name, power: 'halted', ...about });
    this.put(vm);
    return { connection: this.name, kind: 'vm', id: vm.id };
  }

  put(vm: Vm): void {
    this.vms.set(vm.id, vm);
    this.#connection?.observer.inventory({ type: 'put', object: vm });
  }

  delete(id: string): void {
    this.vms.delete(id);
    this.#connection?.observer.inventory({ type: 'delete', ref: { connection: this.name, kind: 'vm', id } });
  }

  power(id: string): PowerState | undefined {
    return this.vms.get(id)?.power;
  }

  goDown(): void {
    const error = new VirtflowError('CONNECTION_LOST', { connection: this.name, reason: 'a test wants it' });
    this.#connection?.become({ phase: 'waiting', error: error.toJSON(), retryAt: 0 });
  }

  comeUp(): void {
    this.#connection?.become({ phase: 'connected', since: 0 });
  }
}

class TestConnection implements HypervisorConnection {
  readonly name: string;
  readonly driver = 'test';
  readonly observer: ConnectionObserver;
  readonly tasks: TaskArea;
  readonly #hypervisor: TestHypervisor;
  state: ConnectionState = { phase: 'stopped' };

  constructor(hypervisor: TestHypervisor, observer: ConnectionObserver) {
    this.name = hypervisor.name;
    this.observer = observer;
    this.#hypervisor = hypervisor;
    this.tasks = hypervisor.tasks;
    hypervisor.tasks.changes.subscribe((record) => {
      if (this.state.phase === 'connected') observer.task(record);
    });
  }

  get capabilities(): ReadonlySet<Capability> {
    return this.#hypervisor.capabilities;
  }

  readonly vms: VmArea = {
    get: async (ref) => {
      this.#hypervisor.fetched += 1;
      this.#refuseWhenDown();
      await this.#hypervisor.onFetch();
      return this.#hypervisor.vms.get(ref.id);
    },
    definition: async () => '',
    snapshots: async ({ id }) => this.#hypervisor.snapshots.filter(({ vm }) => vm === id),
    define: async (definition, job) => {
      const vm = aVm({ connection: this.name, id: definition, power: 'halted' });
      await this.#call('define', definition, job, () => this.#hypervisor.put(vm));
      return vm;
    },
    start: (ref, { paused }, job) => this.#power('start', ref, paused ? 'paused' : 'running', job),
    shutdown: (ref, _options, job) => this.#call('shutdown', ref.id, job, () => undefined),
    reboot: (ref, _options, job) => this.#call('reboot', ref.id, job, () => undefined),
    reset: (ref, job) => this.#call('reset', ref.id, job, () => undefined),
    pause: (ref, job) => this.#power('pause', ref, 'paused', job),
    resume: (ref, job) => this.#power('resume', ref, 'running', job),
    suspend: (ref, job) => this.#power('suspend', ref, 'suspended', job),
    restore: (ref, _options, job) => this.#power('restore', ref, 'running', job),
    forceOff: (ref, job) => this.#power('force-off', ref, 'halted', job),
    snapshot: async ({ connection, id }, { name, description }, job) => {
      const about = { parent: null, createdAt: Date.now(), withMemory: false, tags: [] };
      const made: Snapshot = { connection, kind: 'snapshot', id: `${id}/${name}`, vm: id, name, description, ...about };
      await this.#call('snapshot', id, job, () => this.#hypervisor.snapshots.push(made));
      return made;
    },
    deleteSnapshot: (ref, name, job) =>
      this.#call('delete-snapshot', name, job, () => {
        const all = this.#hypervisor.snapshots;
        all.splice(
          all.findIndex((one) => one.vm === ref.id && one.name === name),
          1,
        );
      }),
    undefine: (ref, job) => this.#call('undefine', ref.id, job, () => this.#hypervisor.delete(ref.id)),
    deleteDisk: (disk, job) => this.#call('delete-disk', disk.source, job, () => undefined),
  };

  start(): void {
    this.become({ phase: 'connected', since: 0 });
  }

  become(state: ConnectionState): void {
    this.state = state;
    if (state.phase === 'connected') {
      this.observer.inventory({ type: 'reset', objects: [...this.#hypervisor.vms.values()] });
    }
    this.observer.state(state);
  }

  async connected(): Promise<void> {}

  async stop(): Promise<void> {
    this.become({ phase: 'stopped' });
  }

  async sample(): Promise<readonly never[]> {
    return [];
  }

  #power(name: string, ref: ObjectRef, power: PowerState, job: Job): Promise<void> {
    return this.#call(name, ref.id, job, () => {
      const vm = this.#hypervisor.vms.get(ref.id);
      if (vm) this.#hypervisor.put({ ...vm, power });
    });
  }

  async #call(name: string, what: string, job: Job, apply: () => void): Promise<void> {
    this.#refuseWhenDown();
    admit({ name, effect: 'changes' }, job);
    const at = Date.now();
    const task = this.#hypervisor.taskOf(name);
    if (task) job.follow({ ...task, since: at });
    this.#hypervisor.arrived.publish(`${name} ${what}`);
    try {
      await this.#hypervisor.before(name, what);
      this.#hypervisor.applied.push(`${name} ${what}`);
      apply();
      await this.#hypervisor.after(name);
      job.called({ name, at, tookMs: Date.now() - at });
    } catch (error) {
      job.called({ name, at, tookMs: Date.now() - at, error: String(error) });
      throw error;
    }
  }

  #refuseWhenDown(): void {
    if (this.state.phase === 'connected') return;
    throw new VirtflowError('CONNECTION_DOWN', { connection: this.name, reason: 'a test wants it' });
  }
}
