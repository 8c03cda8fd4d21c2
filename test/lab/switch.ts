import { appendFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { until } from './condition.ts';
import { OwnedProcess } from './process.ts';
import { ownDirectory } from './runs.ts';

/**
 * The network of this process's hosts: a bridge in a network namespace of its own, with one cable to the machine. The
 * machine routes to it and nothing more: no forwarding, no firewall rule. Everything goes when the process goes.
 */
export class LabSwitch {
  /** What the hosts have as /etc/hosts. */
  readonly hostsFile: string;
  readonly #process: OwnedProcess;
  readonly #subnet: string;
  #ports = 0;

  private constructor(process: OwnedProcess, subnet: string, hostsFile: string) {
    this.hostsFile = hostsFile;
    this.#process = process;
    this.#subnet = subnet;
  }

  /** Makes the switch. Whoever has created the interface owns its subnet: the kernel refuses a second one. */
  static async start(): Promise<LabSwitch> {
    const process = new OwnedProcess('unshare', ['--net', 'cat']);
    try {
      await process.waitFor(ownNetwork(process.pid));
      const number = await plugIn(process.pid);
      const subnet = `${benchmarkNetwork}.${number}`;
      await run('ip', ['addr', 'add', `${subnet}.1/24`, 'dev', interfaceName(number)]);
      await run('ip', ['link', 'set', interfaceName(number), 'up']);
      const hostsFile = join(await ownDirectory('switch'), 'hosts');
      await writeFile(hostsFile, '127.0.0.1 localhost\n');
      const made = new LabSwitch(process, subnet, hostsFile);
      await made.#ip('link add br0 type bridge', 'link set br0 up', 'link set up0 master br0', 'link set up0 up');
      return made;
    } catch (error) {
      await process.stop('SIGKILL');
      throw error;
    }
  }

  /** The next free port with the address of what will be connected there. */
  reserve(): { port: string; address: string } {
    this.#ports += 1;
    if (this.#ports > 99) throw new Error('the lab has room for 99 hosts in one process');
    return { port: `p${this.#ports}`, address: `${this.#subnet}.${10 + this.#ports}` };
  }

  /** Connects the network namespace of a process, which finds an eth0 in it. */
  async connect(port: string, pid: number): Promise<void> {
    // The same MAC address after a crash: the neighbours remember the old one for half a minute.
    const mac = `02:00:00:00:00:${port.slice(1).padStart(2, '0')}`;
    const peer = ['peer', 'name', 'eth0', 'address', mac, 'netns', `${pid}`];
    await run('ip', ['link', 'add', port, 'netns', `${this.#process.pid}`, 'type', 'veth', ...peer]);
    await this.#ip(`link set ${port} master br0`, `link set ${port} up`);
  }

  /** Gives an address a name in the hosts file that all hosts share. */
  async announce(address: string, name: string): Promise<void> {
    await appendFile(this.hostsFile, `${address} ${name}\n`);
  }

  /** Pulls a host's cable out, or puts it in again. */
  async setPort(port: string, state: 'up' | 'down'): Promise<void> {
    await this.#ip(`link set ${port} ${state}`);
  }

  async stop(): Promise<void> {
    await this.#process.stop('SIGKILL');
  }

  async #ip(...commands: string[]): Promise<void> {
    await run('nsenter', ['-t', `${this.#process.pid}`, '-n', 'ip', '-batch', '-'], { input: commands.join('\n') });
  }
}

/** 198.18.0.0/15 is set aside for benchmarks of network devices (RFC 2544): no real network has it. */
const benchmarkNetwork = '198.18';

function interfaceName(number: number): string {
  return `vflab${number}`;
}

/** Waits until a process has left our network namespace. */
async function ownNetwork(pid: number): Promise<void> {
  const ours = await readlink('/proc/self/ns/net');
  await until('a network namespace', async () => ((await readlink(`/proc/${pid}/ns/net`)) === ours ? undefined : true));
}

async function plugIn(pid: number): Promise<number> {
  let refusal: unknown;
  for (let number = 0; number < 256; number += 1) {
    try {
      const peer = ['peer', 'name', 'up0', 'netns', `${pid}`];
      await run('ip', ['link', 'add', interfaceName(number), 'type', 'veth', ...peer]);
      return number;
    } catch (error) {
      refusal = error;
      if (!`${error}`.includes('File exists')) break;
    }
  }
  throw new Error('no network for the lab', { cause: refusal });
}
