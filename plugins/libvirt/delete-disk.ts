import { dirname } from 'node:path';
import type { Job } from '../../lib/drivers/job.ts';
import type { DiskToDelete } from '../../lib/drivers/vms.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { type Caller, ifSupported, inBatches, unlessGone } from './daemon.ts';
import type { DomainRecord } from './inventory/domain-record.ts';
import { readDomainRecord } from './inventory/domains.ts';
import { LibvirtCode, LibvirtError } from './rpc/index.ts';
import type { Session } from './session.ts';
import { textOf } from './xml/xml-query.ts';
import { readXml } from './xml/xml-reader.ts';

interface VolumeHandle {
  readonly pool: string;
  readonly name: string;
  readonly key: string;
}

/**
 * Deletes the volume behind a disk, unless a VM or another volume still rests on it.
 * @throws DISK_IN_USE, OBJECT_UNKNOWN, LibvirtError
 */
export async function deleteDisk(session: Session, { source }: DiskToDelete, job: Job): Promise<void> {
  const { daemon } = session;
  refuseIfUsed(source, await usersOf(session, [source]));
  const vol = (await findVolume(daemon, source)) ?? (await findAfterRefresh(daemon, source, job));
  if (!vol) {
    const hint =
      'no active storage pool holds it, and only volumes of a pool can be deleted. Start or define its pool.';
    throw new VirtflowError('OBJECT_UNKNOWN', { kind: 'volume', target: source, hint });
  }
  const { name: path } = await daemon.call('STORAGE_VOL_GET_PATH', { vol });
  refuseIfUsed(source, [
    ...(await usersOf(session, [path, `${vol.pool}/${vol.name}`])),
    ...(await volumesOn(daemon, vol, path)),
  ]);
  await daemon.call('STORAGE_VOL_DELETE', { vol }, { job });
}

function refuseIfUsed(disk: string, users: readonly string[]): void {
  if (users.length > 0) throw new VirtflowError('DISK_IN_USE', { disk, users: users.slice(0, 5) });
}

/** Names of the VMs that have one of these as a disk, or below one. Who seems to, is asked for anew. */
async function usersOf({ daemon, domains }: Session, sources: readonly string[]): Promise<string[]> {
  const suspects = [...domains.records()].filter((record) => uses(record, sources));
  const names = await inBatches(suspects, async ({ definition: { uuid: id, name } }) => {
    const record = await readDomainRecord(daemon, { id, name });
    return record && uses(record, sources) ? [name] : [];
  });
  return names.flat();
}

function uses({ definition }: DomainRecord, sources: readonly string[]): boolean {
  const used = definition.disks.flatMap(({ source, backing }) => [source, ...backing]);
  return used.some((each) => each !== null && sources.includes(each));
}

/** A linked clone that is off does not name its base in its domain's XML; its volume does. */
async function volumesOn(caller: Caller, base: VolumeHandle, basePath: string): Promise<string[]> {
  const pool = await caller.call('STORAGE_POOL_LOOKUP_BY_NAME', { name: base.pool });
  const { vols } = await caller.call('STORAGE_POOL_LIST_ALL_VOLUMES', pool);
  const users = await inBatches(vols, async (vol) => {
    const described = vol.key === base.key ? undefined : await unlessVolumeGone(caller, vol);
    return described && textOf(readXml(described.xml), 'backingStore', 'path') === basePath ? [vol.name] : [];
  });
  return users.flat();
}

/** Finds the volume by what a domain's XML says of it: `pool/volume`, a path, or `protocol:path`. */
async function findVolume(caller: Caller, source: string): Promise<VolumeHandle | undefined> {
  if (source.startsWith('/')) return byPath(caller, source);
  if (/^[a-z]+:/.test(source)) return byPath(caller, source.slice(source.indexOf(':') + 1));
  const [pool = '', ...rest] = source.split('/');
  const name = rest.join('/');
  const found = await unlessGone(caller.call('STORAGE_POOL_LOOKUP_BY_NAME', { name: pool }));
  return found && (await orUndefined(caller.call('STORAGE_VOL_LOOKUP_BY_NAME', { pool: found.pool, name })))?.vol;
}

/** A file that came into a pool's directory by another way than libvirt is known only once the pool is refreshed. */
async function findAfterRefresh(caller: Caller, source: string, job: Job): Promise<VolumeHandle | undefined> {
  if (!source.startsWith('/')) return undefined;
  const lookUp = caller.call('STORAGE_POOL_LOOKUP_BY_TARGET_PATH', { path: dirname(source) });
  const found = await unlessGone(ifSupported(lookUp));
  if (!found || (await caller.call('STORAGE_POOL_IS_ACTIVE', found)).active === 0) return undefined;
  await caller.call('STORAGE_POOL_REFRESH', found, { job });
  return byPath(caller, source);
}

async function byPath(caller: Caller, path: string): Promise<VolumeHandle | undefined> {
  const found = await orUndefined(caller.call('STORAGE_VOL_LOOKUP_BY_PATH', { path }));
  return found?.vol;
}

function unlessVolumeGone(caller: Caller, vol: VolumeHandle): Promise<{ readonly xml: string } | undefined> {
  return orUndefined(caller.call('STORAGE_VOL_GET_XML_DESC', { vol }));
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof LibvirtError && error.code === LibvirtCode.NO_STORAGE_VOL) return undefined;
    throw error;
  }
}
