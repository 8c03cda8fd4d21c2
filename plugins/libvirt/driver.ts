import type {
  ConnectionObserver,
  ConnectionSettings,
  Driver,
  HypervisorConnection,
  ProbeReport,
} from '../../lib/drivers/driver.ts';
import { LibvirtConnection } from './connection.ts';
import { toConnectError } from './error-map.ts';
import { readHost } from './inventory/host.ts';
import { openDaemon } from './open-daemon.ts';
import { parseUri, shownAddress } from './uri.ts';

/** QEMU/KVM hosts through libvirt's daemon, over its own RPC protocol. */
export const libvirtDriver: Driver = {
  id: 'libvirt',
  label: 'libvirt / KVM',

  check(settings: ConnectionSettings): void {
    parseUri(settings);
  },

  connect(settings: ConnectionSettings, observer: ConnectionObserver): HypervisorConnection {
    return new LibvirtConnection(settings, parseUri(settings), observer);
  },

  async probe(settings: ConnectionSettings, signal: AbortSignal): Promise<ProbeReport> {
    const uri = parseUri(settings);
    try {
      const daemon = await openDaemon(uri, {}, signal);
      try {
        const options = { signal };
        const [host, { domains }] = await Promise.all([
          readHost(daemon, settings.name, null),
          daemon.call('CONNECT_LIST_ALL_DOMAINS', {}, options),
        ]);
        const { name: hypervisor, version } = host.hypervisor;
        return { hypervisor, version, host: host.name, vms: domains.length };
      } finally {
        await daemon.close();
      }
    } catch (error) {
      throw toConnectError(error, { connection: settings.name, address: shownAddress(uri) });
    }
  },
};
