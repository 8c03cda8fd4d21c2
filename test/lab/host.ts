import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createCgroups, removeCgroups } from './cgroups.ts';
import { type CommandOptions, run } from './command.ts';
import { untilListening } from './condition.ts';
import { hostUuid, keepCapabilities, libvirtPort, writeHostFiles } from './host-files.ts';
import { OwnedProcess } from './process.ts';
import { ownDirectory, runName } from './runs.ts';
import { LabSwitch } from './switch.ts';

/**
 * A whole libvirt host of its own: own namespaces, daemons, configuration, host UUID, host name and address. It shares
 * nothing with a libvirtd that the machine may have, and ends with the process that started it.
 */
export interface LabHost {
  readonly name: string;
  readonly uuid: string;
  /** Path of libvirtd's unix socket, to be opened from outside. */
  readonly socket: string;
  /** libvirtd over TCP without authentication, at an address that only this machine can reach. */
  readonly tcp: { readonly host: string; readonly port: number };
  /** `qemu+unix:///system?socket=…` */
  readonly uri: string;
  /** A directory for disks, at the same path inside and outside and for all hosts. */
  readonly imagesDirectory: string;
  /** Runs virsh against this host and gives what it prints. */
  virsh(...args: string[]): Promise<string>;
  /** Runs a command inside the host. */
  exec(command: string, args?: readonly string[], options?: CommandOptions): Promise<string>;
  /** Kills libvirtd without warning; the guests live on. */
  killDaemon(): Promise<void>;
  startDaemon(): Promise<void>;
  /** Pulls the host's network cable out: silence, not a reset. The unix socket stays. */
  partition(): Promise<void>;
  heal(): Promise<void>;
  /** Power failure: the network falls silent, then all that runs on the host is gone at once, guests too. */
  crash(): Promise<void>;
  /** Power on after a crash; what was defined is still defined. */
  boot(): Promise<void>;
  /** Ends the host with all that is in it and removes its files. May be called again. */
  stop(): Promise<void>;
}

let sharedSwitch: Promise<LabSwitch> | undefined;

/**
 * Brings up a host. Needs root; see labAvailability('hosts'). Hosts of one process reach one another.
 * @param name its host name, unique within this process.
 */
export async function startHost(name: string): Promise<LabHost> {
  const directory = await ownDirectory(`host-${name}`);
  sharedSwitch ??= LabSwitch.start();
  const network = await sharedSwitch;
  const host = new NamespaceHost(name, directory, network);
  try {
    await writeHostFiles(directory, name, host.tcp.host);
    await network.announce(host.tcp.host, name);
    await host.boot();
    return host;
  } catch (error) {
    await host.stop();
    throw error;
  }
}

const initScript = join(import.meta.dirname, 'host-init.sh');

class NamespaceHost implements LabHost {
  readonly name: string;
  readonly uuid: string;
  readonly socket: string;
  readonly tcp: { readonly host: string; readonly port: number };
  readonly uri: string;
  readonly imagesDirectory: string;
  readonly #directory: string;
  readonly #network: LabSwitch;
  readonly #port: string;
  #init: OwnedProcess | undefined;
  /** The host's first process, as the machine counts. */
  #pid = 0;

  constructor(name: string, directory: string, network: LabSwitch) {
    const { port, address } = network.reserve();
    this.name = name;
    this.uuid = hostUuid(name);
    this.socket = join(directory, 'run/libvirt/libvirt-sock');
    this.tcp = { host: address, port: libvirtPort };
    this.uri = `qemu+unix:///system?socket=${this.socket}`;
    this.imagesDirectory = join(directory, 'images');
    this.#directory = directory;
    this.#network = network;
    this.#port = port;
  }

  async boot(): Promise<void> {
    const groups = createCgroups(runName, this.name);
    const address = `${this.tcp.host}/24`;
    const init = new OwnedProcess('bash', [initScript, 'outside', this.#directory, address, ...groups]);
    this.#init = init;
    this.#pid = Number(await init.line('pid '));
    await this.#network.connect(this.#port, this.#pid);
    await this.#tell('network');
    await this.startDaemon();
  }

  virsh(...args: string[]): Promise<string> {
    return run('virsh', ['-q', '-c', this.uri, ...args]);
  }

  exec(command: string, args: readonly string[] = [], options?: CommandOptions): Promise<string> {
    return run('nsenter', ['-t', `${this.#pid}`, '-a', '--', command, ...args], options);
  }

  async killDaemon(): Promise<void> {
    await this.#tell('kill-daemon');
  }

  async startDaemon(): Promise<void> {
    await this.#tell('start-daemon');
    try {
      await untilListening({ path: this.socket }, () => this.#running);
      await this.virsh('version'); // answered when the drivers are up, not before
      await untilListening(this.tcp, () => this.#running);
    } catch (error) {
      const log = await readFile(join(this.#directory, 'log/libvirtd.log'), 'utf8').catch(() => '');
      throw new Error(`libvirtd of host ${this.name} did not come up:\n${log.slice(-2_000)}`, { cause: error });
    }
  }

  async partition(): Promise<void> {
    await this.#network.setPort(this.#port, 'down');
  }

  async heal(): Promise<void> {
    await this.#network.setPort(this.#port, 'up');
  }

  async crash(): Promise<void> {
    if (this.#running) await this.partition();
    await this.#end();
  }

  async stop(): Promise<void> {
    await this.#end();
    await keepCapabilities(this.#directory);
    await rm(this.#directory, { recursive: true, force: true });
  }

  get #running(): boolean {
    return this.#init?.running === true;
  }

  /** The first process takes all others of its namespace along; unshare(1), which we wait for, is its parent. */
  async #end(): Promise<void> {
    if (this.#running && this.#pid > 0) process.kill(this.#pid, 'SIGKILL');
    await this.#init?.ended(5_000);
    removeCgroups(runName, this.name);
  }

  async #tell(command: string): Promise<void> {
    if (this.#init === undefined) throw new Error(`host ${this.name} is off`);
    const answer = this.#init.line('done');
    this.#init.child.stdin.write(`${command}\n`);
    await answer;
  }
}
