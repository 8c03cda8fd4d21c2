import { fragment } from 'xmlbuilder2';
import type { Job } from '../../lib/drivers/job.ts';
import type { NewSnapshot } from '../../lib/drivers/vms.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { Snapshot } from '../../lib/model/objects.ts';
import type { Caller } from './daemon.ts';
import { LibvirtCode, LibvirtError } from './rpc/index.ts';
import type { Dom } from './tasks/questions.ts';
import { attribute, child, textOf } from './xml/xml-query.ts';
import { readXml } from './xml/xml-reader.ts';

/** All snapshots of a domain, as libvirt keeps them. */
export async function readSnapshots(daemon: Caller, connection: string, dom: Dom): Promise<readonly Snapshot[]> {
  const { snapshots } = await daemon.call('DOMAIN_LIST_ALL_SNAPSHOTS', { dom, need_results: 1, flags: 0 });
  return Promise.all(
    snapshots.map(async (snap) => {
      const { xml } = await daemon.call('DOMAIN_SNAPSHOT_GET_XML_DESC', { snap, flags: 0 });
      return snapshotOf(xml, connection, dom.uuid);
    }),
  );
}

/** Deletes one, and puts those made after it on its parent. @throws LibvirtError, OBJECT_UNKNOWN */
export async function deleteSnapshot(daemon: Caller, dom: Dom, name: string, job: Job): Promise<void> {
  try {
    await daemon.call('DOMAIN_SNAPSHOT_DELETE', { snap: { name, dom }, flags: 0 }, { job });
  } catch (error) {
    if (!(error instanceof LibvirtError) || error.code !== LibvirtCode.NO_DOMAIN_SNAPSHOT) throw error;
    throw new VirtflowError('OBJECT_UNKNOWN', {
      kind: 'snapshot',
      target: name,
      hint: `${dom.name} has none of that name.`,
    });
  }
}

/** https://libvirt.org/formatsnapshot.html */
export function snapshotOf(xml: string, connection: string, vm: string): Snapshot {
  const snapshot = readXml(xml);
  const name = textOf(snapshot, 'name');
  return {
    connection,
    kind: 'snapshot',
    id: `${vm}/${name}`,
    name,
    description: textOf(snapshot, 'description'),
    tags: [],
    vm,
    parent: textOf(snapshot, 'parent', 'name') || null,
    createdAt: Number(textOf(snapshot, 'creationTime')) * 1000,
    withMemory: withMemory(attribute(child(snapshot, 'memory'), 'snapshot'), textOf(snapshot, 'state')),
  };
}

/** Definitions from before libvirt 1.0.1 tell it by the state alone. */
function withMemory(memory: string | undefined, state: string): boolean {
  return memory === undefined ? state === 'running' || state === 'paused' : memory !== 'no';
}

export function snapshotXml({ name, description }: NewSnapshot): string {
  const snapshot = fragment().ele('domainsnapshot');
  snapshot.ele('name').txt(name);
  snapshot.ele('description').txt(description);
  return snapshot.toString();
}
