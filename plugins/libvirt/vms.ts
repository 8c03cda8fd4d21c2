import type { Capability } from '../../lib/drivers/capability.ts';
import type { Job } from '../../lib/drivers/job.ts';
import type { DiskToDelete, NewSnapshot, ShutdownMethod, VmArea } from '../../lib/drivers/vms.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Snapshot, Vm } from '../../lib/model/objects.ts';
import type { ObjectRef } from '../../lib/model/reference.ts';
import { definitionError, readDefinition } from './define.ts';
import { deleteDisk } from './delete-disk.ts';
import { type ErrorSite, toDriverError } from './error-map.ts';
import { withKnownFlags } from './flags.ts';
import { vmOf } from './inventory/domain-record.ts';
import { readDomainRecord } from './inventory/domains.ts';
import { managedSave } from './managed-save.ts';
import type { LibvirtHost, ProcedureName } from './rpc/index.ts';
import type { Session } from './session.ts';
import { deleteSnapshot, readSnapshots, snapshotOf, snapshotXml } from './snapshots.ts';
import { diagnosed } from './start-diagnosis.ts';

/** virDomainShutdownFlagValues, virDomainRebootFlagValues: with none the hypervisor takes the agent, else ACPI. */
const shutdownFlags: Readonly<Record<ShutdownMethod, number>> = { auto: 0, acpi: 1, agent: 2 };
const startPaused = 1;
/** MANAGED_SAVE, SNAPSHOTS_METADATA, NVRAM, CHECKPOINTS_METADATA, TPM of virDomainUndefineFlagsValues. */
const undefineFlags = 1 | 2 | 4 | 16 | 32;
/** The definition as it is kept, without what belongs to the present run. */
const inactive = 2;
/** Against libvirt's schema: a misspelt element is refused, not passed over. */
const validate = 1;
const stateGuestSuspended = 7;

export interface VmsPort {
  readonly connection: string;
  readonly address: string;
  /** @throws CONNECTION_DOWN */
  session(): Session;
}

interface DomainArgument {
  readonly uuid: string;
  readonly name: string;
}

/** What can be done with a domain. */
export class LibvirtVms implements VmArea {
  readonly #port: VmsPort;

  constructor(port: VmsPort) {
    this.#port = port;
  }

  async get(ref: ObjectRef): Promise<Vm | undefined> {
    return this.#on(ref, async ({ daemon, domains, host }, dom) => {
      const record = await readDomainRecord(daemon, { id: dom.uuid, name: dom.name });
      domains.learn(ref.id, record);
      return record && vmOf(record, host);
    });
  }

  async definition(ref: ObjectRef): Promise<string> {
    return this.#on(
      ref,
      async ({ daemon }, dom) => (await daemon.call('DOMAIN_GET_XML_DESC', { dom, flags: inactive })).xml,
    );
  }

  async snapshots(ref: ObjectRef): Promise<readonly Snapshot[]> {
    return this.#on(ref, ({ daemon }, dom) => readSnapshots(daemon, this.#port.connection, dom));
  }

  async define(definition: string, job: Job): Promise<Vm> {
    const { name } = readDefinition(definition);
    const session = this.#port.session();
    const { daemon, domains, host } = session;
    try {
      const flags = validate;
      const { dom } = await daemon.call('DOMAIN_DEFINE_XML_FLAGS', { xml: definition, flags }, { job });
      const record = await readDomainRecord(daemon, { id: dom.uuid, name: dom.name });
      if (!record) throw new VirtflowError('OBJECT_UNKNOWN', { kind: 'vm', target: name, hint: 'it went at once.' });
      domains.learn(dom.uuid, record);
      return vmOf(record, host);
    } catch (error) {
      throw definitionError(error) ?? toDriverError(error, this.#site(session, name));
    }
  }

  async start(ref: ObjectRef, options: { paused?: boolean; host?: string }, job: Job): Promise<void> {
    if (options.host !== undefined) this.#need('vm.start-on-host');
    await this.#create(ref, options.paused === true, job);
  }

  async shutdown(ref: ObjectRef, options: { method: ShutdownMethod }, job: Job): Promise<void> {
    await this.#ask('DOMAIN_SHUTDOWN_FLAGS', ref, options.method, job);
  }

  async reboot(ref: ObjectRef, options: { method: ShutdownMethod }, job: Job): Promise<void> {
    await this.#ask('DOMAIN_REBOOT', ref, options.method, job);
  }

  async reset(ref: ObjectRef, job: Job): Promise<void> {
    this.#need('vm.reset');
    await this.#on(ref, ({ daemon }, dom) => daemon.call('DOMAIN_RESET', { dom }, { job }));
  }

  async pause(ref: ObjectRef, job: Job): Promise<void> {
    await this.#on(ref, ({ daemon }, dom) => daemon.call('DOMAIN_SUSPEND', { dom }, { job }));
  }

  async resume(ref: ObjectRef, job: Job): Promise<void> {
    await this.#on(ref, async ({ daemon }, dom) => {
      const { state } = await daemon.call('DOMAIN_GET_STATE', { dom });
      // A guest that went to sleep by itself must be woken; RESUME does not do that.
      const name = state === stateGuestSuspended ? 'DOMAIN_PM_WAKEUP' : 'DOMAIN_RESUME';
      await daemon.call(name, { dom }, { job });
    });
  }

  async suspend(ref: ObjectRef, job: Job): Promise<void> {
    this.#need('vm.suspend');
    await this.#on(ref, ({ daemon, tasks }, dom) => managedSave(daemon, tasks.book, dom, job));
  }

  async restore(ref: ObjectRef, options: { paused?: boolean }, job: Job): Promise<void> {
    this.#need('vm.suspend');
    await this.#on(ref, async ({ daemon, host }, dom) => {
      const { result } = await daemon.call('DOMAIN_HAS_MANAGED_SAVE_IMAGE', { dom });
      if (result === 1) return;
      // Without an image the same call would boot it afresh.
      const reason = `"${dom.name}" has no saved memory to restore`;
      throw new VirtflowError('HYPERVISOR_FAILED', { reason, host: host.name, hypervisorCode: 'none' });
    });
    await this.#create(ref, options.paused === true, job);
  }

  async forceOff(ref: ObjectRef, job: Job): Promise<void> {
    await this.#on(ref, ({ daemon }, dom) => daemon.call('DOMAIN_DESTROY_FLAGS', { dom }, { job }));
  }

  async snapshot(ref: ObjectRef, snapshot: NewSnapshot, job: Job): Promise<Snapshot> {
    return this.#on(ref, async ({ daemon }, dom) => {
      const xml_desc = snapshotXml(snapshot);
      const { snap } = await daemon.call('DOMAIN_SNAPSHOT_CREATE_XML', { dom, xml_desc, flags: 0 }, { job });
      const { xml } = await daemon.call('DOMAIN_SNAPSHOT_GET_XML_DESC', { snap, flags: 0 });
      return snapshotOf(xml, this.#port.connection, dom.uuid);
    });
  }

  async deleteSnapshot(ref: ObjectRef, name: string, job: Job): Promise<void> {
    await this.#on(ref, ({ daemon }, dom) => deleteSnapshot(daemon, dom, name, job));
  }

  async undefine(ref: ObjectRef, job: Job): Promise<void> {
    await this.#on(ref, ({ daemon }, dom) =>
      withKnownFlags(undefineFlags, (flags) => daemon.call('DOMAIN_UNDEFINE_FLAGS', { dom, flags }, { job })),
    );
  }

  async deleteDisk(disk: DiskToDelete, job: Job): Promise<void> {
    const session = this.#port.session();
    try {
      await deleteDisk(session, disk, job);
    } catch (error) {
      throw toDriverError(error, { ...this.#site(session, disk.source), kind: 'volume' });
    }
  }

  async #create(ref: ObjectRef, paused: boolean, job: Job): Promise<void> {
    if (paused) this.#need('vm.start-paused');
    const flags = paused ? startPaused : 0;
    await this.#on(ref, async (session, dom) => {
      try {
        await session.daemon.call('DOMAIN_CREATE_WITH_FLAGS', { dom, flags }, { job });
      } catch (error) {
        throw await diagnosed(toDriverError(error, this.#site(session, dom.name)), session, dom);
      }
    });
  }

  /** Asks the guest. libvirt's test driver has no guest and knows no method: there any one will do. */
  async #ask(
    name: Extract<ProcedureName, 'DOMAIN_SHUTDOWN_FLAGS' | 'DOMAIN_REBOOT'>,
    ref: ObjectRef,
    method: ShutdownMethod,
    job: Job,
  ): Promise<void> {
    if (method === 'agent') this.#need('vm.shutdown.agent');
    const ask = (daemon: LibvirtHost, dom: DomainArgument, flags: number) =>
      withKnownFlags(flags, (known) => daemon.call(name, { dom, flags: known }, { job }));
    await this.#on(ref, ({ daemon }, dom) => ask(daemon, dom, shutdownFlags[method]));
  }

  #need(missing: Capability): void {
    const { connection } = this.#port;
    if (!this.#port.session().capabilities.has(missing)) {
      throw new VirtflowError('CAPABILITY_MISSING', { connection, missing });
    }
  }

  async #on<T>(ref: ObjectRef, act: (session: Session, dom: DomainArgument) => Promise<T>): Promise<T> {
    const session = this.#port.session();
    const name = session.domains.get(ref.id)?.definition.name ?? ref.id;
    try {
      return await act(session, { uuid: ref.id, name });
    } catch (error) {
      throw toDriverError(error, this.#site(session, name));
    }
  }

  #site({ host }: Session, name: string): ErrorSite {
    const { connection, address } = this.#port;
    return { connection, address, host: host.name, kind: 'vm', name };
  }
}
