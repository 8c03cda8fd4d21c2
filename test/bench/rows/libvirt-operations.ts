import { join } from 'node:path';
import { libvirtDriver } from '../../../plugins/libvirt/index.ts';
import { startTestDaemon } from '../../lab/daemon.ts';
import { ownDirectory } from '../../lab/runs.ts';
import { difference, plain } from '../figures.ts';
import { pauseAndResume } from '../operate.ts';
import { permit } from '../permit.ts';
import { rounds } from '../rounds.ts';
import type { Row } from '../row.ts';
import { SimulatedFleet } from '../simulator.ts';

const pairs = 50;

export const libvirtOperations: Row = {
  id: 'libvirt-operations',
  title: 'An operation against the bare driver call, on libvirt',
  needs: ['libvirt-daemon'],
  notes: [
    "libvirtd's test driver over its unix socket. An operation asks the daemon for the VM before it begins, and waits for",
    'the event that shows the new state; the bare call returns when the daemon has answered.',
  ],
  async measure({ rounds: count }) {
    const daemon = await startTestDaemon();
    const directory = await ownDirectory('bench-libvirt-operations');
    const fleet = await SimulatedFleet.open(0, join(directory, 'state.db'), { driver: libvirtDriver, uri: daemon.uri });
    try {
      const vm = fleet.inventory.list({ kind: 'vm' }).find(({ power }) => power === 'running');
      if (!vm) throw new Error('the daemon runs no VM');
      const { vms } = fleet.connection;
      const bare = async () => {
        await vms.pause(vm, permit);
        await vms.resume(vm, permit);
      };
      const values = await rounds(
        { bare: () => meanUs(bare), operation: () => meanUs(() => pauseAndResume(fleet, vm)) },
        { count, warmUp: 3 },
      );
      return [
        plain('driver call: pause, resume', values.bare, 'µs'),
        difference('operation: pause, resume', values.operation, 'µs', { name: 'the bare call', values: values.bare }),
      ];
    } finally {
      await fleet.stop();
      await daemon.stop();
    }
  },
};

/** The mean of one call, of which a run makes two. */
async function meanUs(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < pairs; i += 1) await run();
  return ((performance.now() - start) * 1000) / (pairs * 2);
}
