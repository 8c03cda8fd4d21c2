import assert from 'node:assert/strict';
import { fileSystemsOf } from '../../../../plugins/libvirt/metrics/file-systems.ts';
import type { TypedParameter } from '../../../../plugins/libvirt/rpc/index.ts';

function parameters(values: Record<string, string | number>): TypedParameter[] {
  return Object.entries(values).map(([field, value]) => ({
    field,
    type: typeof value === 'string' ? 'str' : 'u64',
    value,
  }));
}

/** As `virsh guestinfo --filesystem` tells of one. */
const one = (index: number, mountpoint: string, more: Record<string, string | number> = {}) =>
  Object.fromEntries(
    Object.entries({
      mountpoint,
      fstype: 'ext4',
      'total-bytes': 1000,
      'used-bytes': 400,
      'disk.count': 0,
      ...more,
    }).map(([key, value]) => [`fs.${index}.${key}`, value]),
  );

describe('file systems as a guest’s agent tells of them', () => {
  it('are known by where they are mounted and the disk that they are on', () => {
    const told = parameters({
      'fs.count': 2,
      ...one(0, '/', { 'disk.count': 1, 'disk.0.alias': 'vda' }),
      ...one(1, 'D:\\', { fstype: 'NTFS' }),
    });
    assert.deepEqual(fileSystemsOf(told), [
      { mountpoint: '/', disk: 'vda', capacityBytes: 1000, usedBytes: 400 },
      { mountpoint: 'D:\\', disk: undefined, capacityBytes: 1000, usedBytes: 400 },
    ]);
  });

  it('name no disk when they are on several', () => {
    const told = { 'fs.count': 1, ...one(0, '/', { 'disk.count': 2, 'disk.0.alias': 'vda', 'disk.1.alias': 'vdb' }) };
    assert.equal(fileSystemsOf(parameters(told))[0]?.disk, undefined);
  });

  it('leave out what has no size, and images that are full for ever', () => {
    const sizeless = { 'fs.1.mountpoint': '/boot/efi', 'fs.1.fstype': 'vfat' };
    const told = {
      'fs.count': 3,
      ...one(0, '/snap/core/1', { fstype: 'squashfs' }),
      ...sizeless,
      ...one(2, '/mnt', { fstype: 'CDFS' }),
    };
    assert.deepEqual(fileSystemsOf(parameters(told)), []);
  });

  it('count once where several are mounted in one place: the last hides the others', () => {
    const told = { 'fs.count': 2, ...one(0, '/mnt'), ...one(1, '/mnt', { 'used-bytes': 7 }) };
    assert.deepEqual(
      fileSystemsOf(parameters(told)).map(({ usedBytes }) => usedBytes),
      [7],
    );
  });

  it('are none where the agent told nothing', () => {
    assert.deepEqual(fileSystemsOf([]), []);
  });
});
