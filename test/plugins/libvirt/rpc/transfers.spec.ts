import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { LibvirtHost } from '../../../../plugins/libvirt/rpc/host.ts';
import type { Hole } from '../../../../plugins/libvirt/rpc/stream.ts';
import { downloadVolume, uploadVolume, type VolumeHandle } from '../../../../plugins/libvirt/rpc/transfers.ts';
import { requireLab } from '../../../lab/availability.ts';
import { runningJob } from './jobs.ts';
import { type StorageDaemon, startStorageDaemon } from './storage-daemon.ts';

const MiB = 1_048_576;

describe('a volume of a real storage pool', () => {
  let daemon: StorageDaemon;
  let host: LibvirtHost;
  const job = runningJob();

  before(async function () {
    await requireLab(this, 'libvirt-daemon');
    daemon = await startStorageDaemon();
    host = await LibvirtHost.open({ address: { transport: 'unix', path: daemon.socket }, uri: 'storage:///session' });
    const xml = `<pool type='dir'><name>rpc</name><target><path>${daemon.poolDirectory}</path></target></pool>`;
    await host.call('STORAGE_POOL_CREATE_XML', { xml }, { job });
  });
  after(async () => {
    await host?.close();
    await daemon?.stop();
  });

  const createVolume = async (name: string, bytes: number): Promise<VolumeHandle> => {
    const { pool } = await host.call('STORAGE_POOL_LOOKUP_BY_NAME', { name: 'rpc' });
    const xml = `<volume><name>${name}</name><capacity>${bytes}</capacity><allocation>0</allocation></volume>`;
    return (await host.call('STORAGE_VOL_CREATE_XML', { pool, xml }, { job })).vol;
  };

  const download = async (volume: VolumeHandle, sparse = false) => {
    const hash = createHash('sha256');
    let [bytes, holes] = [0, 0];
    for await (const chunk of downloadVolume(host, volume, { sparse })) {
      if (Buffer.isBuffer(chunk)) hash.update(chunk);
      if (Buffer.isBuffer(chunk)) bytes += chunk.length;
      else holes += chunk.hole;
    }
    return { bytes, holes, digest: hash.digest('hex') };
  };

  it('gives back the bytes that were written to it', async () => {
    const data = Buffer.alloc(16 * MiB);
    for (let at = 0; at < data.length; at += 4) data.writeUInt32LE((at * 2_654_435_761) >>> 0, at);
    const volume = await createVolume('whole.img', data.length);
    await uploadVolume(host, volume, [data.subarray(0, 5_000_001), data.subarray(5_000_001)], { job });
    const { bytes, digest } = await download(volume);
    assert.equal(bytes, data.length);
    assert.equal(digest, createHash('sha256').update(data).digest('hex'));
  });

  it('is read from and written to where it is asked', async () => {
    const volume = await createVolume('part.img', 100);
    await uploadVolume(host, volume, [Buffer.from('virtflow')], { offset: 10, length: 8, job });
    // Often: the daemon's first data overtake its answer now and then.
    for (let time = 0; time < 100; time += 1) {
      const parts: Buffer[] = [];
      for await (const chunk of downloadVolume(host, volume, { offset: 9, length: 6 })) parts.push(chunk as Buffer);
      assert.equal(Buffer.concat(parts).toString(), '\0virtf');
    }
  });

  it('passes its holes without their bytes, both ways', async () => {
    const size = 1024 * MiB;
    const empty = await createVolume('empty.img', size);
    assert.deepEqual(await download(empty, true).then(({ bytes, holes }) => [bytes, holes]), [0, size]);
    const chunks: (Buffer | Hole)[] = [Buffer.alloc(MiB, 1), { hole: size - 2 * MiB }, Buffer.alloc(MiB, 2)];
    const sparse = await createVolume('sparse.img', size);
    await uploadVolume(host, sparse, chunks, { sparse: true, job });
    const read = await download(sparse, true);
    assert.deepEqual([read.bytes, read.holes], [2 * MiB, size - 2 * MiB]);
  });

  it('refuses what does not fit into it, and the host lives on', async () => {
    const volume = await createVolume('small.img', 1000);
    const tooMuch = uploadVolume(host, volume, [Buffer.alloc(MiB)], { length: 1000, job });
    await assert.rejects(tooMuch, { name: 'LibvirtError' });
    assert.equal((await host.call('STORAGE_VOL_GET_INFO', { vol: volume })).capacity, 1000);
  });

  it('is left alone by an upload whose source fails, or that is cancelled', async () => {
    const volume = await createVolume('left.img', 4 * MiB);
    const failing = (function* () {
      yield Buffer.alloc(1000);
      throw new Error('source broke');
    })();
    await assert.rejects(uploadVolume(host, volume, failing, { job }), /source broke/);
    const cancelled = runningJob();
    const endless = (function* () {
      for (let i = 0; ; i += 1) {
        if (i === 3) cancelled.abort(new Error('cancelled'));
        yield Buffer.alloc(1000);
      }
    })();
    await assert.rejects(uploadVolume(host, volume, endless, { job: cancelled }), /cancelled/);
    assert.equal((await download(volume)).bytes, 4 * MiB);
  });

  it('that is gone says so', async () => {
    const volume = await createVolume('gone.img', 1000);
    await host.call('STORAGE_VOL_DELETE', { vol: volume }, { job });
    await assert.rejects(download(volume), { code: 50 });
  });

  it('is not written to without an operation', async () => {
    const volume = await createVolume('guarded.img', 1000);
    await assert.rejects(uploadVolume(host, volume, [Buffer.alloc(10)]), { code: 'CHANGE_OUTSIDE_OPERATION' });
  });
});
