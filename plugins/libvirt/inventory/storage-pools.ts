import type { StoragePool } from '../../../lib/model/objects.ts';
import { type Caller, ifSupported, inBatches, unlessGone } from '../daemon.ts';
import { attribute } from '../xml/xml-query.ts';
import { readXml } from '../xml/xml-reader.ts';

/** Kinds of pools that several hosts can reach (https://libvirt.org/storage.html). */
const sharedTypes = new Set(['netfs', 'iscsi', 'iscsi-direct', 'rbd', 'sheepdog', 'gluster', 'vstorage']);

/** Reads one storage pool; undefined when there is none with this UUID. */
export async function readStoragePool(
  caller: Caller,
  connection: string,
  { id: uuid, name }: { readonly id: string; readonly name: string },
): Promise<StoragePool | undefined> {
  const pool = { uuid, name };
  const answers = await unlessGone(
    Promise.all([
      caller.call('STORAGE_POOL_IS_ACTIVE', { pool }),
      caller.call('STORAGE_POOL_GET_XML_DESC', { pool }),
      caller.call('STORAGE_POOL_GET_INFO', { pool }),
    ]),
  );
  if (!answers) return undefined;
  const [{ active }, { xml }, { capacity, allocation }] = answers;
  const type = attribute(readXml(xml), 'type') ?? 'unknown';
  return {
    connection,
    kind: 'storage-pool',
    id: uuid,
    name,
    description: '',
    tags: [],
    type,
    active: active === 1,
    shared: sharedTypes.has(type),
    capacityBytes: capacity,
    usedBytes: allocation,
  };
}

/** Reads all storage pools, by UUID; none where the hypervisor has no storage driver. */
export async function readAllStoragePools(caller: Caller, connection: string): Promise<Map<string, StoragePool>> {
  const list = await ifSupported(caller.call('CONNECT_LIST_ALL_STORAGE_POOLS', {}));
  const pools = await inBatches(list?.pools ?? [], ({ uuid, name }) =>
    readStoragePool(caller, connection, { id: uuid, name }),
  );
  return new Map(pools.flatMap((pool) => (pool ? [[pool.id, pool] as const] : [])));
}
