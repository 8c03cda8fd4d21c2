import { globSync } from 'node:fs';
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { untilListening } from '../../../lab/condition.ts';
import { OwnedProcess } from '../../../lab/process.ts';
import { isRoot, ownDirectory } from '../../../lab/runs.ts';

const DRIVERS = '/usr/lib/*/libvirt/connection-driver/libvirt_driver_storage.so';
const nobody = 65534;

/** A private libvirtd with libvirt's storage driver and no other, and a directory for a pool. */
export interface StorageDaemon {
  readonly socket: string;
  readonly poolDirectory: string;
  stop(): Promise<void>;
}

/** Starts it as an ordinary user, in libvirt's session mode; open it as `storage:///session`. */
export async function startStorageDaemon(): Promise<StorageDaemon> {
  const directory = await ownDirectory('rpc-storage');
  const [run, drivers, poolDirectory] = ['run', 'drivers', 'pool'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [run, drivers, poolDirectory]) await mkdir(path);
  const [driver] = globSync(DRIVERS);
  if (!driver) throw new Error(`libvirt's storage driver is not installed: no ${DRIVERS}`);
  await symlink(driver, join(drivers, 'libvirt_driver_storage.so'));
  const config = join(directory, 'libvirtd.conf');
  await writeFile(config, 'auth_unix_rw = "none"\nlog_outputs = "3:stderr"\n');
  if (isRoot) for (const path of [directory, run, poolDirectory]) await chown(path, nobody, nobody);
  await chmod(run, 0o700);
  const daemon = new OwnedProcess('libvirtd', ['--config', config], {
    env: { HOME: directory, XDG_RUNTIME_DIR: run, LIBVIRT_DRIVER_DIR: drivers },
    privileges: isRoot ? [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] : [],
  });
  const socket = join(run, 'libvirt/libvirt-sock');
  await daemon.waitFor(untilListening({ path: socket }, () => daemon.running));
  return { socket, poolDirectory, stop: () => daemon.stop() };
}
