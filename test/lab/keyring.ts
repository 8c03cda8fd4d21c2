import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { succeeds } from './command.ts';
import { until } from './condition.ts';
import { OwnedProcess } from './process.ts';
import { ownDirectory } from './runs.ts';

/** A session bus of its own with an unlocked GNOME Keyring on it, as a desktop's login makes them. */
export interface Keyring {
  /** What a program's environment needs to find it. */
  readonly env: { readonly DBUS_SESSION_BUS_ADDRESS: string };
  stop(): Promise<void>;
}

let count = 0;

export async function startKeyring(): Promise<Keyring> {
  count += 1;
  const directory = await ownDirectory(`keyring-${count}`);
  const env = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(directory, 'bus')}` };
  const config = join(directory, 'bus.conf');
  await writeFile(config, configuration(env.DBUS_SESSION_BUS_ADDRESS));
  const bus = new OwnedProcess('dbus-daemon', ['--nofork', '--print-address=1', `--config-file=${config}`]);
  await bus.line('unix:');
  const own = { ...env, XDG_DATA_HOME: directory, XDG_RUNTIME_DIR: directory };
  const keyring = new OwnedProcess('gnome-keyring-daemon', ['--foreground', '--components=secrets', '--unlock'], {
    env: own,
  });
  keyring.child.stdin.end('the keyring of a test');
  const store = () => succeeds('secret-tool', ['store', '--label=lab', 'lab', 'ready'], { env, input: 'yes' });
  await keyring.waitFor(until('a keyring that keeps something', async () => (await store()) || undefined));
  return {
    env,
    stop: async () => {
      await keyring.stop();
      await bus.stop();
    },
  };
}

/** Without activation: the bus would start a second keyring, and that one locked. */
function configuration(address: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>${address}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}
