import type { LibvirtHost, Statistics } from '../../../plugins/libvirt/rpc/index.ts';
import { startTestDaemon, type TestDaemon } from '../../lab/daemon.ts';
import { CClient } from '../c-client.ts';
import { type Figure, ratio } from '../figures.ts';
import { rounds } from '../rounds.ts';
import type { Row } from '../row.ts';
import { createDomains, openHost, removeDefaultDomain } from '../test-domains.ts';
import { VirshSession, virshProcessMs } from '../virsh.ts';

interface Size {
  readonly domains: number;
  /** How many calls make one measurement. */
  readonly calls: number;
  /** Short calls vary most, and need most before all of their code is compiled. */
  readonly warmUp: number;
  readonly roundsFactor: number;
}

const sizes: readonly Size[] = [
  { domains: 1, calls: 500, warmUp: 10, roundsFactor: 3 },
  { domains: 100, calls: 20, warmUp: 5, roundsFactor: 3 },
  { domains: 1_000, calls: 2, warmUp: 4, roundsFactor: 3 },
  { domains: 5_000, calls: 1, warmUp: 3, roundsFactor: 2 },
];

interface Clients {
  readonly daemon: TestDaemon;
  readonly ours: LibvirtHost;
  readonly c: CClient;
  readonly virsh: VirshSession;
}

export const statistics: Row = {
  id: 'statistics',
  title: 'Bulk statistics of all domains, one call',
  needs: ['libvirt-daemon', 'bench'],
  notes: [
    "libvirtd's test driver, 51 statistics a domain; every client asks the same daemon for the same domains.",
    'Columnar: all values in one array. Records: a view of each domain, and every key and value of it read.',
    'C decodes and frees the records, and reads none of them.',
  ],
  async measure({ rounds: count, log }) {
    const daemon = await startTestDaemon();
    const ours = await openHost(daemon);
    try {
      await removeDefaultDomain(ours);
      await createDomains(ours, 1, 1);
      const clients = {
        daemon,
        ours,
        c: await CClient.connect(daemon.uri),
        virsh: await VirshSession.start(daemon.uri),
      };
      const figures = await measureSizes(clients, count, log);
      await Promise.all([clients.c.stop(), clients.virsh.stop()]);
      return figures;
    } finally {
      await ours.close();
      await daemon.stop();
    }
  },
};

async function measureSizes(clients: Clients, count: number, log: (line: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  let domains = 1;
  for (const size of sizes) {
    log(`${size.domains} domains`);
    await createDomains(clients.ours, domains + 1, size.domains);
    domains = size.domains;
    figures.push(...(await measureSize(clients, size, count)));
  }
  return figures;
}

async function measureSize(clients: Clients, size: Size, count: number): Promise<Figure[]> {
  const { daemon, ours, c, virsh } = clients;
  const { domains, calls } = size;
  const values = await rounds(
    {
      c: () => c.meanMs('stats', calls),
      columnar: () => meanMs(ours, calls, () => {}),
      records: () => meanMs(ours, calls, readAll),
      virsh: () => virsh.meanMs('domstats', calls),
      process: () => virshProcessMs(daemon.uri, 'domstats'),
    },
    { count: count * size.roundsFactor, warmUp: size.warmUp },
  );
  const name = `${domains.toLocaleString('en')} domain${domains === 1 ? '' : 's'}`;
  const reference = { name: 'C', values: values.c };
  const limit = { atMost: 1, below: true };
  return [
    ratio(`${name}: C`, values.c, 'ms', reference),
    ratio(`${name}: virtflow, columnar`, values.columnar, 'ms', reference, limit),
    ratio(`${name}: virtflow, records`, values.records, 'ms', reference, limit),
    ratio(`${name}: virsh, one session`, values.virsh, 'ms', reference),
    ratio(`${name}: virsh, a process for each call`, values.process, 'ms', reference),
  ];
}

async function meanMs(host: LibvirtHost, calls: number, use: (statistics: Statistics) => void): Promise<number> {
  const start = performance.now();
  for (let call = 0; call < calls; call += 1) use(await host.statistics());
  return (performance.now() - start) / calls;
}

/** Keeps what is read from being optimised away. */
export let checksum = 0;

function readAll(statistics: Statistics): void {
  for (const record of statistics) {
    for (const [key, value] of record.entries()) checksum += key.length + Number(value);
  }
}
