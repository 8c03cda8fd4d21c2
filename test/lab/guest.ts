import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { ensureLabRoot, labRoot } from './runs.ts';

/** What a guest boots from. The paths are the same inside a lab host and outside. */
export interface GuestImage {
  kernel: string;
  initrd: string;
}

const recipe = join(import.meta.dirname, 'build-guest.sh');

/**
 * The guest's kernel and initrd, built at the first call and kept in the lab's directory until the recipe changes.
 * Several processes may ask at once: whoever is ready first wins, and nobody sees half an image.
 * @throws CommandError when a package cannot be downloaded or the build fails.
 */
export async function guestImage(log?: (line: string) => void): Promise<GuestImage> {
  const directory = await imageDirectory();
  if (!existsSync(directory)) {
    log?.('building the guest: Debian kernel, busybox, guest agent');
    await build(directory);
  }
  return { kernel: join(directory, 'vmlinuz'), initrd: join(directory, 'initrd.img') };
}

/** Whether the guest is there already, so that nothing has to be downloaded. */
export async function guestIsBuilt(): Promise<boolean> {
  return existsSync(await imageDirectory());
}

async function imageDirectory(): Promise<string> {
  const fingerprint = createHash('sha256')
    .update(await readFile(recipe))
    .digest('hex');
  return join(labRoot, 'guest', fingerprint.slice(0, 12));
}

async function build(directory: string): Promise<void> {
  ensureLabRoot();
  const unfinished = `${directory}.${randomUUID()}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await run('bash', [recipe, join(labRoot, 'debs'), unfinished], { timeoutMs: 300_000 });
    await rename(unfinished, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error; // else another process was faster
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
