import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { until } from './condition.ts';
import { type GuestOptions, guestDomainXml } from './domain.ts';
import { guestImage } from './guest.ts';
import type { LabHost } from './host.ts';

/** Defines a guest on a host without starting it, and gives its XML. Builds the guest's kernel where that is needed. */
export async function defineGuest(host: LabHost, options: GuestOptions): Promise<string> {
  const xml = guestDomainXml(await guestImage(), options);
  const file = join(host.imagesDirectory, `${options.name}.xml`);
  await writeFile(file, xml);
  await host.virsh('define', file);
  return xml;
}

/** Makes an empty disk image in the host's directory and gives its path. */
export async function createDisk(host: LabHost, name: string, sizeMiB: number, format = 'qcow2'): Promise<string> {
  const path = join(host.imagesDirectory, `${name}.${format}`);
  await run('qemu-img', ['create', '-q', '-f', format, path, `${sizeMiB}M`]);
  return path;
}

/** Starts a defined guest and waits until its agent answers. */
export async function bootGuest(host: LabHost, name: string): Promise<void> {
  await host.virsh('start', name);
  await waitForAgent(host, name);
}

/** Waits until a guest's agent answers a ping: the guest has booted. */
export async function waitForAgent(host: LabHost, name: string, timeoutMs = 60_000): Promise<void> {
  await until(`the agent of ${name}`, () => agentCommand(host, name, 'guest-ping'), timeoutMs);
}

/** Has a guest's agent do something and gives its `return`. */
export async function agentCommand(host: LabHost, name: string, execute: string, args?: object): Promise<unknown> {
  const command = JSON.stringify({ execute, arguments: args });
  const answer = await host.virsh('qemu-agent-command', '--timeout', '10', name, command);
  return (JSON.parse(answer) as { return: unknown }).return;
}

/** Waits until virsh reports that state, for instance `shut off`, `running` or `paused`. */
export async function waitForState(host: LabHost, name: string, state: string, timeoutMs = 30_000): Promise<void> {
  const isSo = async () => ((await host.virsh('domstate', name)).trim() === state ? true : undefined);
  await until(`${name} ${state}`, isSo, timeoutMs);
}
