import type { TaskRecord } from '../../../lib/drivers/tasks.ts';

/** virDomainBlockJobType; a backup's are part of the domain's own job. */
const operations = ['unknown', 'block-pull', 'block-copy', 'block-commit', 'block-commit', 'backup'];

export function blockJobOperation(type: number): string {
  return operations[type] ?? 'unknown';
}

export function blockJobTask(uuid: string, disk: string): TaskRecord['task'] {
  return { id: `${uuid}/${disk}`, type: blockJobType };
}

export const blockJobType = 'libvirt.block-job';

/** QEMU's name of a block job that libvirt began: `copy-vda-libvirt-1-format`. Others belong to no job of a domain's. */
const jobName = /^(pull|copy|commit|backup)-(.+)-libvirt-\d+-/;

/** What a JOB_STATUS_CHANGE of QEMU's is about; undefined where libvirt has no job of its own to tell of. */
export function readJobStatus(
  details: string | null,
): { readonly disk: string; readonly isBackup: boolean } | undefined {
  if (details === null) return undefined;
  const parsed: unknown = JSON.parse(details);
  if (typeof parsed !== 'object' || parsed === null || !('id' in parsed)) return undefined;
  const [, kind, disk] = jobName.exec(String(parsed.id)) ?? [];
  return disk === undefined ? undefined : { disk, isBackup: kind === 'backup' };
}
