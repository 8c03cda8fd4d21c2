import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { libvirtDriver } from '../../../plugins/libvirt/index.ts';
import { LibvirtHost } from '../../../plugins/libvirt/rpc/index.ts';
import { driverContract } from '../../drivers/contract.ts';
import type { ContractSetup } from '../../drivers/setup.ts';
import { requireLab } from '../../lab/availability.ts';
import { startTestDaemon } from '../../lab/daemon.ts';
import { guestDomainXml } from '../../lab/domain.ts';
import { guestImage } from '../../lab/guest.ts';
import { createDisk } from '../../lab/guests.ts';
import { startHost } from '../../lab/host.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { Relay } from './relay.ts';

const badUris = ['', 'nonsense', 'http://kvm1/', 'qemu:///other', 'qemu+tcp://kvm1', 'qemu+ssh://kvm1/system'];
const aName = () => `contract-${randomUUID().slice(0, 8)}`;

/** What both hypervisors have in common: connections go through a relay that can be cut. */
async function overRelay(hypervisor: string, socket: string) {
  const directory = await ownDirectory(`relay-${hypervisor.slice(0, 4)}`);
  const [relay, late] = ['a', 'b'].map((name) => new Relay(join(directory, name), socket));
  if (!relay || !late) throw new Error('unreachable');
  await relay.listen();
  const through = ({ path }: Relay) => ({
    ...{ name: 'lab', driver: 'libvirt' },
    uri: `${hypervisor.replace('://', '+unix://')}?socket=${path}`,
  });
  return {
    driver: libvirtDriver,
    settings: through(relay),
    badUris,
    breakConnection: async () => relay.cut(),
    unreachable: { settings: through(late), mend: () => late.listen() },
    changesSent: () => relay.changes,
    closeRelays: () => Promise.all([relay.close(), late.close()]),
  };
}

async function onTestHypervisor(): Promise<ContractSetup> {
  const daemon = await startTestDaemon();
  const common = await overRelay('test:///default', daemon.socket);
  // What test:///default holds goes with the last connection to it.
  const address = { transport: 'unix', path: daemon.socket } as const;
  const keeper = await LibvirtHost.open({ address, uri: 'test:///default' });
  const directory = await ownDirectory('contract-test');
  const definition = (name: string, disk = '') =>
    `<domain type='test'><name>${name}</name><memory unit='MiB'>64</memory><os><type>hvm</type></os>
     <devices>${disk}</devices></domain>`;
  return {
    ...common,
    guestsListen: false,
    definition,
    freshVm: async () => {
      const name = aName();
      await daemon.virsh('vol-create-as', 'default-pool', name, '1M');
      const source = `<source file='/default-pool/${name}'/>`;
      const file = join(directory, `${name}.xml`);
      await writeFile(file, definition(name, `<disk type='file'>${source}<target dev='vda'/></disk>`));
      await daemon.virsh('define', file);
      return (await daemon.virsh('domuuid', name)).trim();
    },
    discardVm: (id) => discard((...args) => daemon.virsh(...args), id),
    tearDown: async () => {
      await common.closeRelays();
      await keeper.close();
      await daemon.stop();
    },
  };
}

/** Makes nothing of it when the VM is off, or gone. */
async function discard(virsh: (...args: string[]) => Promise<string>, id: string): Promise<void> {
  await virsh('destroy', id).catch(() => undefined);
  await virsh('undefine', '--managed-save', id).catch(() => undefined);
}

async function onQemu(): Promise<ContractSetup> {
  const host = await startHost('contract');
  const common = await overRelay('qemu:///system', host.socket);
  await host.virsh('net-start', 'default');
  await host.virsh('pool-create-as', 'images', 'dir', '--target', host.imagesDirectory);
  const image = await guestImage();
  return {
    ...common,
    deadlineMs: 60_000,
    definition: (name) => guestDomainXml(image, { name }),
    freshVm: async () => {
      const name = aName();
      const path = await createDisk(host, name, 1);
      const file = join(host.imagesDirectory, `${name}.xml`);
      await writeFile(file, guestDomainXml(image, { name, memoryMiB: 128, disks: [{ path }], network: 'default' }));
      await host.virsh('define', file);
      return (await host.virsh('domuuid', name)).trim();
    },
    discardVm: (id) => discard((...args) => host.virsh(...args), id),
    // A copy that is complete goes on as a mirror until somebody ends it.
    beginTask: async (id) => {
      const copy = join(host.imagesDirectory, `${id}-copy.qcow2`);
      await host.virsh('blockcopy', id, 'vda', copy, '--transient-job');
    },
    tearDown: async () => {
      await common.closeRelays();
      await host.stop();
    },
  };
}

describe('the libvirt driver', () => {
  describe("with libvirt's test hypervisor", () => {
    before(async function () {
      await requireLab(this, 'libvirt-daemon');
    });
    driverContract("libvirt's test hypervisor", onTestHypervisor);
  });

  describe('with QEMU', () => {
    before(async function () {
      await requireLab(this, 'hosts');
    });
    driverContract('QEMU', onQemu);
  });
});
