import type { Network } from '../../../lib/model/objects.ts';
import { type Caller, ifSupported, inBatches, unlessGone } from '../daemon.ts';
import { LibvirtCode, LibvirtError } from '../rpc/index.ts';

/** Reads one network; undefined when there is none with this UUID. */
export async function readNetwork(
  caller: Caller,
  connection: string,
  { id: uuid, name }: { readonly id: string; readonly name: string },
): Promise<Network | undefined> {
  const net = { uuid, name };
  const answers = await unlessGone(Promise.all([caller.call('NETWORK_IS_ACTIVE', { net }), readBridge(caller, net)]));
  if (!answers) return undefined;
  const [{ active }, bridge] = answers;
  return { connection, kind: 'network', id: uuid, name, description: '', tags: [], active: active === 1, bridge };
}

/** Reads all networks, by UUID; none where the hypervisor has no network driver. */
export async function readAllNetworks(caller: Caller, connection: string): Promise<Map<string, Network>> {
  const list = await ifSupported(caller.call('CONNECT_LIST_ALL_NETWORKS', {}));
  const networks = await inBatches(list?.nets ?? [], ({ uuid, name }) =>
    readNetwork(caller, connection, { id: uuid, name }),
  );
  return new Map(networks.flatMap((network) => (network ? [[network.id, network] as const] : [])));
}

/** A network that forwards to a host's device or to a pool of functions has no bridge: libvirt calls that an error. */
async function readBridge(caller: Caller, net: { uuid: string; name: string }): Promise<string | null> {
  try {
    return (await caller.call('NETWORK_GET_BRIDGE_NAME', { net })).name;
  } catch (error) {
    if (error instanceof LibvirtError && error.code !== LibvirtCode.NO_NETWORK) return null;
    throw error;
  }
}
