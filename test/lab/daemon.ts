import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { freePort, untilListening } from './condition.ts';
import { OwnedProcess } from './process.ts';
import { isRoot, ownDirectory } from './runs.ts';

/** A private libvirtd for libvirt's test driver: no QEMU, no network of its own, nothing shared with the machine's. */
export interface TestDaemon {
  /** Path of its unix socket. */
  readonly socket: string;
  readonly tcp: { readonly host: string; readonly port: number };
  /** `test+unix:///default?socket=…`, for programs that use libvirt's own library. */
  readonly uri: string;
  readonly pid: number;
  /** Writes a node file with this many running domains and gives its path; open it as `test://<path>`. */
  nodeFile(domains: number): Promise<string>;
  /** Runs virsh on test:///default through this daemon. When the daemon has died, the error tells how. */
  virsh(...args: string[]): Promise<string>;
  /** Waits for what needs this daemon; fails as soon as it dies, and tells how. */
  whileAlive<T>(task: Promise<T>): Promise<T>;
  /** Kills it without warning. The test driver keeps its state in memory: that is lost. */
  kill9(): Promise<void>;
  /** Starts it again, on the same socket and port; stops it first when it runs. */
  restart(): Promise<void>;
  /** Stops it. May be called again. */
  stop(): Promise<void>;
}

let count = 0;

/**
 * Starts a libvirtd that serves `test:///default` and `test:///<file>` on a unix socket and on TCP, without
 * authentication. It runs as an ordinary user even under root: in libvirt's session mode all its paths can be chosen.
 */
export async function startTestDaemon(): Promise<TestDaemon> {
  count += 1;
  const directory = await ownDirectory(`testd-${count}`);
  const port = await freePort();
  const config = join(directory, 'libvirtd.conf');
  await writeFile(config, configuration(port));
  await mkdir(join(directory, 'run'));
  if (isRoot) {
    for (const path of [directory, join(directory, 'run')]) await chown(path, nobody, nobody);
  }
  await chmod(join(directory, 'run'), 0o700);
  const daemon = new LibvirtTestDaemon(directory, config, port);
  await daemon.restart();
  return daemon;
}

const nobody = 65534;

function configuration(port: number): string {
  return `listen_tls = 0
listen_tcp = 1
listen_addr = "127.0.0.1"
tcp_port = "${port}"
auth_tcp = "none"
auth_unix_rw = "none"
log_outputs = "3:stderr"
`;
}

class LibvirtTestDaemon implements TestDaemon {
  readonly socket: string;
  readonly tcp: { readonly host: string; readonly port: number };
  readonly uri: string;
  readonly #directory: string;
  readonly #config: string;
  #process: OwnedProcess | undefined;

  constructor(directory: string, config: string, port: number) {
    this.#directory = directory;
    this.#config = config;
    this.socket = join(directory, 'run/libvirt/libvirt-sock');
    this.tcp = { host: '127.0.0.1', port };
    this.uri = `test+unix:///default?socket=${this.socket}`;
  }

  get pid(): number {
    return this.#running.pid;
  }

  whileAlive<T>(task: Promise<T>): Promise<T> {
    return this.#running.whileAlive(task);
  }

  async nodeFile(domains: number): Promise<string> {
    const path = join(this.#directory, `node-${domains}.xml`);
    const xml = Array.from({ length: domains }, (_, index) => domainXml(index + 1));
    await writeFile(
      path,
      `<node>\n<cpu><mhz>2400</mhz><model>lab</model><active>16</active></cpu>\n${xml.join('')}</node>\n`,
    );
    return path;
  }

  virsh(...args: string[]): Promise<string> {
    return this.whileAlive(run('virsh', ['-q', '-c', this.uri, ...args]));
  }

  async kill9(): Promise<void> {
    await this.#process?.stop('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.stop();
    const env = {
      HOME: this.#directory,
      XDG_RUNTIME_DIR: join(this.#directory, 'run'),
      XDG_CONFIG_HOME: join(this.#directory, 'config'),
      XDG_CACHE_HOME: join(this.#directory, 'cache'),
      XDG_DATA_HOME: join(this.#directory, 'data'),
      LIBVIRT_DRIVER_DIR: join(this.#directory, 'no-drivers'), // the test driver is built in; QEMU's would be probed
    };
    const drop = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
    const privileges = isRoot ? drop : [];
    const daemon = new OwnedProcess('libvirtd', ['--listen', '--config', this.#config], { env, privileges });
    this.#process = daemon;
    const alive = () => daemon.running;
    await daemon.waitFor(untilListening({ path: this.socket }, alive));
    await daemon.waitFor(untilListening(this.tcp, alive));
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  get #running(): OwnedProcess {
    if (this.#process === undefined) throw new Error('the test daemon has not been started');
    return this.#process;
  }
}

function domainXml(number: number): string {
  return `<domain type='test'><name>vm-${number}</name><memory unit='MiB'>1024</memory><vcpu>2</vcpu>
<iothreads>16</iothreads><os><type>hvm</type></os></domain>\n`;
}
