import { type DomainHandle, LibvirtHost } from '../../plugins/libvirt/rpc/index.ts';
import type { TestDaemon } from '../lab/daemon.ts';
import { permit } from './permit.ts';

/** Our client, on the daemon's `test:///default`. That one is shared by all connections, and lives while one is open. */
export function openHost(daemon: TestDaemon): Promise<LibvirtHost> {
  return LibvirtHost.open({ address: { transport: 'unix', path: daemon.socket }, uri: 'test:///default' });
}

/** Takes away the domain that the test driver starts with: its statistics are shorter than a real guest's. */
export async function removeDefaultDomain(host: LibvirtHost): Promise<void> {
  const [dom] = (await host.call('CONNECT_LIST_ALL_DOMAINS', {})).domains;
  if (!dom) return;
  await host.call('DOMAIN_DESTROY_FLAGS', { dom }, { job: permit });
  await host.call('DOMAIN_UNDEFINE_FLAGS', { dom }, { job: permit });
}

/**
 * Starts the domains numbered from `first` to `last`. With 16 I/O threads each has 51 statistics, as many as a real
 * guest. The threads are added one by one: those of the definition have no statistics in the test driver.
 */
export async function createDomains(host: LibvirtHost, first: number, last: number): Promise<DomainHandle[]> {
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return Promise.all(numbers.map((number) => createDomain(host, number)));
}

async function createDomain(host: LibvirtHost, number: number): Promise<DomainHandle> {
  const { dom } = await host.call('DOMAIN_CREATE_XML', { xml_desc: domainXml(number) }, { job: permit });
  for (let thread = 1; thread <= 16; thread += 1) {
    await host.call('DOMAIN_ADD_IOTHREAD', { dom, iothread_id: thread, flags: 1 }, { job: permit });
  }
  return dom;
}

function domainXml(number: number): string {
  return `<domain type='test'><name>vm-${number}</name><memory unit='MiB'>1024</memory><vcpu>2</vcpu>
<os><type>hvm</type></os></domain>`;
}
