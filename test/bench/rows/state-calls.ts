import { startTestDaemon } from '../../lab/daemon.ts';
import { CClient } from '../c-client.ts';
import { type Figure, ratio } from '../figures.ts';
import { rounds } from '../rounds.ts';
import type { Row } from '../row.ts';
import { createDomains, openHost, removeDefaultDomain } from '../test-domains.ts';

const calls = 1_000;

export const stateCalls: Row = {
  id: 'state-calls',
  title: `${calls.toLocaleString('en')} state calls`,
  needs: ['libvirt-daemon', 'bench'],
  notes: ["libvirtd's test driver. The C library can only call one after the other on a connection."],
  async measure({ rounds: count }) {
    const daemon = await startTestDaemon();
    const ours = await openHost(daemon);
    try {
      await removeDefaultDomain(ours);
      const [domain] = await createDomains(ours, 1, 1);
      if (!domain) throw new Error('the daemon made no domain');
      const c = await CClient.connect(daemon.uri);
      const figures = [
        ...(await compare('state', count, c, () => ours.call('DOMAIN_GET_STATE', { dom: domain }))),
        ...(await compare('info', count, c, () => ours.call('DOMAIN_GET_INFO', { dom: domain }))),
      ];
      await c.stop();
      return figures;
    } finally {
      await ours.close();
      await daemon.stop();
    }
  },
};

async function compare(
  what: 'state' | 'info',
  count: number,
  c: CClient,
  call: () => Promise<unknown>,
): Promise<Figure[]> {
  const values = await rounds(
    {
      c: async () => (await c.meanMs(what, calls)) * calls,
      sequential: () =>
        timed(async () => {
          for (let i = 0; i < calls; i += 1) await call();
        }),
      pipelined: () => timed(() => Promise.all(Array.from({ length: calls }, call))),
    },
    { count: count * 3, warmUp: 5 },
  );
  const name = what === 'state' ? 'domainGetState' : 'domainGetInfo';
  const reference = { name: 'C', values: values.c };
  return [
    ratio(`${name}: C, sequential`, values.c, 'ms', reference),
    ratio(`${name}: virtflow, sequential`, values.sequential, 'ms', reference, { atMost: 1.25 }),
    ratio(`${name}: virtflow, pipelined`, values.pipelined, 'ms', reference, { atMost: 1, below: true }),
  ];
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
