import type { TypedParameter } from '../rpc/layout.ts';

export interface FileSystem {
  readonly mountpoint: string;
  /** Target of the disk that it is on, where it is on one. */
  readonly disk: string | undefined;
  readonly capacityBytes: number;
  readonly usedBytes: number;
}

/** Images that nobody writes to: they are always full. */
const readOnlyTypes: ReadonlySet<string> = new Set(['squashfs', 'erofs', 'iso9660', 'udf', 'cdfs']);

/**
 * Reads what virDomainGetGuestInfo tells of file systems (`fs.count`, `fs.0.mountpoint` …). One whose size the agent does
 * not know is left out; of several in one place the last counts, for it hides the others.
 */
export function fileSystemsOf(parameters: readonly TypedParameter[]): FileSystem[] {
  const values = new Map(parameters.map(({ field, value }) => [field, value]));
  const found = new Map<string, FileSystem>();
  for (let index = 0; index < Number(values.get('fs.count') ?? 0); index += 1) {
    const of = (key: string) => values.get(`fs.${index}.${key}`);
    const [mountpoint, capacityBytes, usedBytes] = [of('mountpoint'), of('total-bytes'), of('used-bytes')];
    if (typeof mountpoint !== 'string' || typeof capacityBytes !== 'number' || typeof usedBytes !== 'number') continue;
    if (readOnlyTypes.has(String(of('fstype')).toLowerCase())) continue;
    const disk = of('disk.count') === 1 ? of('disk.0.alias') : undefined;
    found.set(mountpoint, { mountpoint, disk: typeof disk === 'string' ? disk : undefined, capacityBytes, usedBytes });
  }
  return [...found.values()];
}
